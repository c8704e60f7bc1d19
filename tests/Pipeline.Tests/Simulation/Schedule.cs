using Dedupe.Rules;
using Pipeline.Tests.Faults;

namespace Pipeline.Tests.Simulation;

/// <summary>One life of the whole path, in memory and on one thread: which part takes which step, and what fails, comes from the seed alone.</summary>
internal sealed class Schedule
{
    private const int RoundsAtMost = 20_000;
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(6);

    private readonly Site site;
    private readonly List<DedupeNode> dedupe;
    private readonly List<PagerNode> pagers;
    private readonly ProjectNode screens;
    private readonly List<IActor> actors;
    private readonly int steps;

    public Schedule(int seed, Planted planted = Planted.Nothing, List<string>? trace = null)
    {
        site = new(seed, planted, trace);
        steps = site.Random.Next(60, 300);
        dedupe = [.. Enumerable.Range(1, site.Random.Next(2, 4)).Select(n => new DedupeNode(site, $"dedupe-{n}"))];
        pagers = [.. Enumerable.Range(1, 2).Select(n => new PagerNode(site, $"pager-{n}", dedupe))];
        IReadOnlyList<IngestNode> ingest = [new(site, "ingest-1"), new(site, "ingest-2")];
        screens = new(site, "project-1");
        // A part that is named more often takes more of the steps.
        actors = [.. dedupe, .. dedupe, .. dedupe, .. dedupe, .. dedupe, .. pagers, .. pagers, .. ingest, screens, new Sender(site, ingest), new Person(site, dedupe, screens)];
    }

    /// <summary>Lives it to its end, faults ceasing and everything drained; what did not hold, empty where all did.</summary>
    public async Task<IReadOnlyList<string>> RunAsync()
    {
        for (var left = steps; left > 0; left--)
        {
            Pass();
            if (site.Maybe(40)) Happen();
            await StepAsync(site.One(actors));
        }
        return await DrainAsync() ? await site.Checker.ProblemsAsync(site.Log, screens.Views) : ["it did not come to rest"];
    }

    private static async Task<bool> StepAsync(IActor actor)
    {
        try
        {
            return await actor.StepAsync();
        }
        catch (Exception e) when (e is KilledException or IOException or Dedupe.Log.WrongNumberException)
        {
            actor.Crash();
            return true;
        }
    }

    private void Pass() => site.Now += site.Random.Next(1_000) switch
    {
        < 850 => TimeSpan.FromMilliseconds(site.Random.Next(40)),
        < 975 => TimeSpan.FromMilliseconds(site.Random.Next(800)),
        < 996 => TimeSpan.FromSeconds(site.Random.Next(2, 9)),
        _ => TimeSpan.FromSeconds(site.Random.Next(10, 120)),
    };

    /// <summary>Something goes wrong, or people change something.</summary>
    private void Happen()
    {
        switch (site.Random.Next(8))
        {
            case 0 or 1: site.One(actors).Crash(); break;
            case 2: site.One(site.Queues).Interrupt(); break;
            case 3: site.One(dedupe).AsleepUntil = site.Now.AddSeconds(site.Random.Next(1, 20)); break;
            case 4: site.One(pagers).AsleepUntil = site.Now.AddSeconds(site.Random.Next(1, 20)); break;
            case 5: site.Down.Add(site.One(Site.Pagers)); break;
            case 6: site.Down.Clear(); break;
            default: Reconfigure(); break;
        }
    }

    /// <summary>Nodes that start from now on are given other rules; the others keep theirs.</summary>
    private void Reconfigure()
    {
        var plain = RuleSet.Default.Identity;
        site.Rules = site.Rules with
        {
            Page = site.Rules.Page with { Gather = TimeSpan.FromSeconds(site.Random.Next(4)), Budget = site.Random.Next(1, 7) },
            Identity = site.Maybe(2) ? plain : plain with { Volatile = [.. plain.Volatile, "shard"] },
        };
        site.Note("people", () => $"change the rules");
    }

    /// <summary>Faults cease; every part goes on until there is nothing left to do. False when that does not come.</summary>
    private async Task<bool> DrainAsync()
    {
        site.Faulty = false;
        site.Down.Clear();
        site.Note("simulation", () => $"faults cease");
        var end = site.Now + Settling;
        for (var round = 0; round < RoundsAtMost; round++)
        {
            var worked = false;
            foreach (var actor in actors.Distinct()) worked |= await StepAsync(actor);
            if (worked) continue;
            if (site.Now >= end && site.Queues.All(q => q.IsEmpty)) return true;
            site.Now += TimeSpan.FromSeconds(4);
        }
        return false;
    }
}
