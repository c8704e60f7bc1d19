using Dedupe.Deciding;
using Dedupe.Log;
using Pipeline.Cluster;
using Pipeline.Hosting;
using Pipeline.Pagers;

namespace Pipeline.Tests.Simulation;

/// <summary>A process that sends pages: knows from the log what is owed, and sends for the pagers whose leases it holds.</summary>
internal sealed class PagerNode(Site site, string name, IReadOnlyList<DedupeNode> dedupe) : IActor
{
    private static readonly TimeSpan FailingAfter = TimeSpan.FromSeconds(60);

    private readonly Dictionary<string, Outbox> held = [];
    private readonly Dictionary<int, long> folded = [];
    private readonly Dictionary<string, (int Scope, long Version)> where = [];
    private readonly List<Asking> reports = [];
    private FollowedPages pages = new();
    private object incarnation = new();
    private DateTimeOffset heard = site.Now;
    private int outcomes;

    /// <summary>Outcomes that were there when it began to follow them; null before.</summary>
    private int? there;

    public string Name => name;

    public DateTimeOffset AsleepUntil { get; set; }

    /// <summary>What one pager is owed: a lane an incident, each in order.</summary>
    private sealed class Outbox(string pager, bool failing)
    {
        public string Pager => pager;
        public Dictionary<string, List<OwedPage>> Lanes { get; } = [];
        public Dictionary<string, OutcomeRecord> Unwritten { get; } = [];
        public DateTimeOffset? FailingSince { get; set; }
        public bool Told { get; set; } = failing;

        public void Owe(OwedPage page)
        {
            if (!Lanes.TryGetValue(page.Incident, out var lane)) Lanes[page.Incident] = lane = [];
            if (!lane.Exists(p => p.Id == page.Id)) lane.Add(page);
        }
    }

    public async Task<bool> StepAsync()
    {
        if (site.Now < AsleepUntil) return false;
        if (reports.Find(r => !r.IsDecided) is { } report && report.Step()) return true;
        reports.RemoveAll(r => r.IsDecided);
        if (site.Now - heard >= TimeSpan.FromSeconds(1) && there <= outcomes && (!site.Faulty || site.Maybe(2))) Beat();
        var (scopes, outboxes) = (Site.Scopes.Count, held.Values.ToList());
        return await site.AnyAsync(scopes + 1 + 2 * outboxes.Count, async which =>
            which < scopes ? await FollowAsync(which + 1)
            : which == scopes ? await FollowOutcomesAsync()
            : which % 2 == 0 ? await SendAsync(outboxes[(which - scopes - 1) / 2])
            : await WriteAsync(outboxes[(which - scopes - 1) / 2]));
    }

    public void Crash()
    {
        site.Note(name, () => $"is killed");
        (pages, incarnation, there, outcomes, heard) = (new(), new(), null, 0, site.Now);
        held.Clear();
        folded.Clear();
        reports.Clear();
    }

    private void Beat()
    {
        heard = site.Now;
        var (numbers, share) = site.PagerLeases.Beat(incarnation);
        var names = numbers.Select(n => Site.Pagers[n]).ToList();
        foreach (var lost in held.Keys.Except(names).ToList()) held.Remove(lost);
        foreach (var pager in names.Where(n => !held.ContainsKey(n))) Start(pager);
        if (held.Count <= share) return;
        var most = numbers[^1];
        held.Remove(Site.Pagers[most]);
        site.PagerLeases.Release(incarnation, most);
    }

    private void Start(string pager)
    {
        var (owed, failing) = (pages.To(p => p == pager), pages.IsFailing(pager));
        site.Note(name, () => $"takes {pager}: owed {string.Join(' ', owed.Select(p => p.Id))}");
        var outbox = held[pager] = new(pager, failing);
        foreach (var page in owed) outbox.Owe(page);
        if (owed.Count == 0) Answers(outbox);
    }

    private async Task<bool> FollowAsync(int scope)
    {
        if ((await site.Log.ScopesAsync(CancellationToken.None)).Count < scope) return false;
        var (from, left) = (folded.GetValueOrDefault(scope) + 1, site.Random.Next(1, 12));
        await foreach (var record in site.Log.ReadDecisionsAsync(scope, from, CancellationToken.None))
        {
            var decision = DecisionCodec.Read(record);
            folded[scope] = record.Version;
            if (decision is Decision.PageDecided page) where[page.Page] = (scope, record.Version);
            if (pages.Fold(decision) is { } owed && held.TryGetValue(owed.Pager, out var outbox)) outbox.Owe(owed);
            if (--left == 0) break;
        }
        return folded.GetValueOrDefault(scope) >= from;
    }

    /// <summary>Only behind the decisions that were there, as an outcome speaks of a page that is decided; from then on side by side.</summary>
    private async Task<bool> FollowOutcomesAsync()
    {
        if (there is null)
        {
            foreach (var (scope, _) in await site.Log.ScopesAsync(CancellationToken.None))
                if (folded.GetValueOrDefault(scope) < (await site.Log.PositionAsync(scope, CancellationToken.None)).LastDecision) return false;
            there = site.Log.Outcomes;
        }
        var some = site.Log.OutcomesFrom(outcomes).Take(3).ToList();
        foreach (var outcome in some)
            if (pages.Fold(outcome) is { } again && held.TryGetValue(again.Pager, out var outbox)) outbox.Owe(again);
        outcomes += some.Count;
        return some.Count > 0;
    }

    private async Task<bool> SendAsync(Outbox outbox)
    {
        var lanes = outbox.Lanes.Values.Where(l => l.Count > 0 && !outbox.Unwritten.ContainsKey(l[0].Id)).ToList();
        if (lanes.Count == 0) return false;
        var lane = site.One(lanes);
        var page = site.Planted == Planted.PagesOutOfOrder ? site.One(lane) : lane[0];
        var body = page.Body ?? await LoadAsync(page.Id);
        if (site.Planted == Planted.RecordsSentFirst) await site.Log.AppendOutcomesAsync([Outcome(page, PageState.Sent)], CancellationToken.None);
        if (site.Fault(40))
        {
            // A permanent 4xx: the pager is there and will never have this one.
            outbox.Unwritten[page.Id] = Outcome(page, PageState.Undeliverable);
            Answers(outbox);
            return true;
        }
        if (site.Down.Contains(outbox.Pager) || site.Fault(6))
        {
            outbox.FailingSince ??= site.Now;
            if (site.Now - outbox.FailingSince > FailingAfter && !outbox.Told) Tell(outbox, failing: true);
            return false;
        }
        if (site.Planted == Planted.RecordsSentFirst && site.Fault(10)) throw new KilledException();
        site.Note(name, () => $"sends {page.Id} of {page.Incident} to {outbox.Pager}");
        site.Checker.Received(page.Id, System.Text.Encoding.UTF8.GetBytes(body));
        if (site.Fault(20)) throw new KilledException();
        // What it answered may be lost: then it is sent again.
        if (site.Fault(10)) return true;
        outbox.Unwritten[page.Id] = Outcome(page, PageState.Sent);
        Answers(outbox);
        return true;
    }

    private async Task<bool> WriteAsync(Outbox outbox)
    {
        if (outbox.Unwritten.Count == 0) return false;
        var outcome = outbox.Unwritten.Values.First();
        try
        {
            await site.Log.AppendOutcomesAsync([outcome], CancellationToken.None);
        }
        catch (Exception e) when (e is not KilledException)
        {
            return true;
        }
        outbox.Unwritten.Remove(outcome.PageId);
        foreach (var lane in outbox.Lanes.Values) lane.RemoveAll(p => p.Id == outcome.PageId);
        return true;
    }

    private void Answers(Outbox outbox)
    {
        outbox.FailingSince = null;
        if (outbox.Told) Tell(outbox, failing: false);
    }

    private void Tell(Outbox outbox, bool failing)
    {
        site.Note(name, () => $"reports {outbox.Pager} failing {failing}");
        outbox.Told = failing;
        reports.Add(new(site, dedupe, InputKind.Pager, HostingJson.Write(new PagerReport(outbox.Pager, failing, "503")), Enumerable.Range(0, Site.Scopes.Count)));
    }

    private OutcomeRecord Outcome(OwedPage page, PageState state) => new(page.Id, page.Pager, state, site.Now, page.Attempts + 1, "");

    private async Task<string> LoadAsync(string page)
    {
        var (scope, version) = where[page];
        await foreach (var record in site.Log.ReadDecisionsAsync(scope, version, CancellationToken.None))
            return ((Decision.PageDecided)DecisionCodec.Read(record)).Body;
        throw new InvalidOperationException($"the log has no page {page}");
    }
}
