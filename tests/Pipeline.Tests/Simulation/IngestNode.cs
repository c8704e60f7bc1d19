using Dedupe.Vocabulary;
using Ingest;
using Pipeline.Hosting;

namespace Pipeline.Tests.Simulation;

/// <summary>A process that takes deliveries: splits them by scope, gathers them into messages, and answers when every part is confirmed.</summary>
internal sealed class IngestNode(Site site, string name) : IActor
{
    private const string Source = "generic";

    private readonly Identities identities = new(site.Rules.Identity);
    private readonly List<(int Partition, Carried Carried, Handed Handed)> gathered = [];
    private readonly List<(Task<IntakeAnswer> First, Sent Sent, Sender Sender)> copies = [];
    private IdempotencyKeys keys = new();
    private int lives, deliveries;

    public string Name => name;

    /// <summary>A delivery that is not answered yet.</summary>
    private sealed class Handed(Sent sent, Sender sender, int parts)
    {
        public Sent Sent => sent;
        public Sender Sender => sender;
        public TaskCompletionSource<IntakeAnswer> Answer { get; } = new();
        public int Open { get; set; } = parts;
        public bool Refused { get; set; }
        public bool IsAnswered { get; set; }
    }

    public void Accept(Sent sent, Sender sender)
    {
        var parsed = Sources.Parse(Source, sent.Body, new(identities, Site.Limits, site.Now));
        var scopes = parsed.Alerts.Select(a => ScopeNames.Of(a, Site.Label)).Distinct().ToList();
        if ((parsed.Rejected.Count > 0 || scopes.Count == 0) && !scopes.Contains(ScopeNames.Default)) scopes.Add(ScopeNames.Default);
        var handed = new Handed(sent, sender, scopes.Count);
        if (sent.Key is { } key && keys.Claim(Source, key, sent.Body, site.Now, handed.Answer.Task) is { } first)
        {
            copies.Add((first, sent, sender));
            return;
        }
        var id = $"{name}.{lives}-{++deliveries}";
        site.Note(name, () => $"takes {id} key {sent.Key} for {string.Join(' ', scopes)}: {string.Join(' ', sent.Ones)}");
        foreach (var scope in scopes)
            gathered.Add((Site.PartitionOf(scope), new(id, scope, Source, site.Now, sent.Key, sent.Body, sent.Ones), handed));
    }

    public Task<bool> StepAsync()
    {
        if (copies.FindIndex(c => c.First.IsCompleted) is var copy and >= 0)
        {
            var (first, sent, sender) = copies[copy];
            copies.RemoveAt(copy);
            sender.Answered(sent, first.Result.Status is IntakeStatus.Recorded or IntakeStatus.Copy);
            return Task.FromResult(true);
        }
        if (gathered.Count == 0) return Task.FromResult(false);
        Publish(site.One(gathered).Partition);
        return Task.FromResult(true);
    }

    public void Crash()
    {
        site.Note(name, () => $"is killed");
        var unanswered = gathered.Select(g => g.Handed).Distinct().Where(h => !h.IsAnswered).Select(h => (h.Sent, h.Sender)).Concat(copies.Select(c => (c.Sent, c.Sender))).ToList();
        gathered.Clear();
        copies.Clear();
        (keys, lives) = (new(), lives + 1);
        foreach (var (sent, sender) in unanswered) sender.Answered(sent, accepted: false);
    }

    private void Publish(int partition)
    {
        var parts = gathered.Where(g => g.Partition == partition).Take(site.Random.Next(1, 4)).ToList();
        var published = () => site.Queues[partition].Publish([.. parts.Select(p => p.Carried)]);
        var confirmed = false;
        switch (site.Fault(5) ? site.Random.Next(4) : -1)
        {
            case 0: break; // a nack, or no connection
            case 1: published(); break; // the confirm is lost
            case 2: throw new KilledException();
            case 3: published(); throw new KilledException();
            default: published(); confirmed = true; break;
        }
        site.Note(name, () => $"published {string.Join(' ', parts.Select(p => p.Carried.Id))} to {partition}: confirmed {confirmed}");
        gathered.RemoveAll(parts.Contains);
        foreach (var (_, _, handed) in parts) Settle(handed, confirmed);
    }

    private void Settle(Handed handed, bool confirmed)
    {
        handed.Refused |= !confirmed;
        if (--handed.Open > 0 && !(site.Planted == Planted.AcceptsEarly && confirmed)) return;
        if (handed.IsAnswered) return;
        handed.IsAnswered = true;
        handed.Answer.SetResult(new(handed.Refused ? IntakeStatus.Unavailable : IntakeStatus.Recorded));
        if (handed.Refused && handed.Sent.Key is { } key) keys.Remove(Source, key);
        handed.Sender.Answered(handed.Sent, !handed.Refused);
    }
}
