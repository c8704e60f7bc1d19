using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Rules;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Hosting;

namespace Pipeline.Tests.Simulation;

/// <summary>A scope's owner, step by step: decides what is handed over, appends it, and goes back to the log whenever it is in doubt.</summary>
internal sealed class DecidingScope(Site site, string node, int scope, string name)
{
    private readonly Queue<(Input Input, Action? Decided)> handed = new();
    private readonly List<Action> waiting = [];
    private readonly List<DecisionRecord> open = [];
    private Decider decider = null!;
    private long version;
    private bool reread;

    public RuleSet Rules => decider.Rules;

    public long Decided { get; private set; }

    public DateTimeOffset? NextDue => decider.NextDue;

    /// <summary>Something is handed over and not decided.</summary>
    public bool IsBehind => handed.Count > 0;

    /// <summary>Something is decided and not appended, or the log has to be read again.</summary>
    public bool IsOpen => waiting.Count > 0 || open.Count > 0 || reread;

    public void Hand(Input input, Action? decided) => handed.Enqueue((input, decided));

    public void Reread() => reread = true;

    /// <summary>Decides some of what was handed over; nothing of it is appended yet.</summary>
    public void Decide()
    {
        for (var left = site.Random.Next(1, 6); left > 0 && !reread && handed.TryDequeue(out var next); left--)
        {
            if (next.Decided is { } done) waiting.Add(done);
            if (next.Input.Number <= Decided) continue;
            // Others wrote in between: only the log knows what.
            if (next.Input.Number != Decided + 1) reread = true;
            else Note(next.Input.Number, decider.Decide(next.Input));
        }
    }

    /// <summary>Appends what is decided, and reads the log again where that is called for.</summary>
    public async Task SettleAsync()
    {
        await AppendAsync();
        // No room: the same once more.
        if (open.Count > 0) return;
        if (reread) await LoadAsync();
        foreach (var done in waiting) done();
        waiting.Clear();
    }

    /// <summary>State from the log; then decides every input that has no decision yet.</summary>
    public async Task LoadAsync()
    {
        reread = false;
        open.Clear();
        var reader = new InputReader(name, Site.Limits);
        var (recovered, position, _) = await new Recovery(site.Log, reader, NullLogger.Instance).RunAsync(scope, name, CancellationToken.None);
        (decider, Decided, version) = (recovered, Math.Max(position.LastDecided, recovered.LastInput), position.LastDecision);
        site.Note(node, () => $"loads {name}: decided {Decided}, version {version}");
        await foreach (var record in site.Log.ReadInputsAsync(scope, Decided + 1, CancellationToken.None))
        {
            Note(record.Number, decider.Decide(reader.Read(record)));
            // What was in doubt has been loaded from there to the end.
            if (open.Count >= 20 && !await AppendAsync()) return;
        }
        await AppendAsync();
    }

    /// <summary>A failed save costs time at the next start, nothing else.</summary>
    public async Task SnapshotAsync()
    {
        if (open.Count > 0 && site.Planted != Planted.SavesUnappended) return;
        try
        {
            await site.Log.SaveSnapshotAsync(scope, new(Recovery.SnapshotName, Decider.SnapshotForm, Decided, version, decider.Save()), CancellationToken.None);
            site.Note(node, () => $"saved {name}: decided {Decided}, version {version}");
        }
        catch (Exception e) when (e is not KilledException)
        {
            site.Note(node, () => $"could not save {name}: {e.Message}");
        }
    }

    private void Note(long input, IReadOnlyList<Decision> made)
    {
        Decided = input;
        foreach (var decision in made)
        {
            open.Add(DecisionCodec.Write(decision, version + open.Count + 1, input));
            if (site.Planted == Planted.SendsFirst && decision is Decision.PageDecided page && !site.Down.Contains(page.Pager))
                site.Checker.Received(page.Page, System.Text.Encoding.UTF8.GetBytes(page.Body));
        }
    }

    /// <summary>False when the log had to be loaded instead.</summary>
    private async Task<bool> AppendAsync()
    {
        if (open.Count == 0) return true;
        try
        {
            await site.Log.AppendDecisionsAsync(scope, version, open, CancellationToken.None);
        }
        catch (StoreFullException)
        {
            // Nothing was written: the same once more, for as long as it takes.
            return true;
        }
        catch (Exception e) when (e is not KilledException)
        {
            site.Note(node, () => $"append to {name} behind {version} in doubt: {e.Message}");
            if (site.Planted == Planted.RetriesBlind)
            {
                version = (await site.Log.PositionAsync(scope, CancellationToken.None)).LastDecision;
                for (var i = 0; i < open.Count; i++) open[i] = open[i] with { Version = version + i + 1 };
                return true;
            }
            await LoadAsync();
            return false;
        }
        site.Note(node, () => $"appended to {name}: {open.Count} behind {version}, up to input {Decided}");
        version += open.Count;
        open.Clear();
        return true;
    }
}
