using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Pipeline.Replaying;

/// <summary>Counts what a run decides. Its memory grows with incidents and identities, never with repeats.</summary>
internal sealed class Tally
{
    private readonly Dictionary<IncidentId, IncidentTally> byId = [];
    private readonly List<IncidentTally> inOrder = [];
    private readonly long[] byReason = new long[Enum.GetValues<Reason>().Length];
    private IncidentTally? last;

    public long Deliveries { get; set; }
    public long Alerts { get; private set; }
    public long Repeats { get; private set; }
    public long Changes { get; private set; }
    public long Pages { get; private set; }
    public long Rejected { get; private set; }
    public string? FirstProblem { get; private set; }

    /// <summary>Inputs on which the decider had failed when they were recorded, so that they are skipped again.</summary>
    public long SetAside { get; private set; }
    public string? FirstSetAside { get; private set; }

    public void Row(in AlertOutcome outcome)
    {
        Alerts++;
        if (outcome.Disposition == Disposition.Repeat) Repeats++;
        // Neighbouring alerts mostly belong to the same incident.
        if (outcome.Incident is not { } incident) return;
        if (last?.Id != incident && !byId.TryGetValue(incident, out last)) return;
        last!.Alerts++;
    }

    public void RowRejected(in ReplayEntry entry, RejectedPart problem)
    {
        Rejected++;
        var where = entry.Origin ?? $"line {entry.Line}";
        FirstProblem ??= problem.Field.Length == 0 ? $"{where}: {problem.Problem}" : $"{where}: {problem.Field}: {problem.Problem}";
    }

    public void InputSetAside(long line, Dictionary<string, string> why)
    {
        SetAside++;
        FirstSetAside ??= $"line {line}: {why.Values.FirstOrDefault()}";
    }

    /// <param name="counts">False for what comes before the time asked about: known, but not reported.</param>
    public void Decided(Decision decision, bool counts)
    {
        switch (decision)
        {
            case Decision.IncidentOpened opened:
                var incident = new IncidentTally(opened.Incident, opened.Title, opened.At);
                if (byId.TryAdd(opened.Incident, incident)) inOrder.Add(incident);
                break;
            case Decision.IncidentReopened { Incident: var id } when byId.TryGetValue(id, out var reopened):
                reopened.ResolvedAt = null;
                break;
            case Decision.IncidentResolved { Incident: var id } when byId.TryGetValue(id, out var resolved):
                resolved.ResolvedAt = decision.At;
                break;
            case Decision.AlertDecided { Incident: { } id } decided when byId.TryGetValue(id, out var joined):
                joined.Add(decided.Fingerprint);
                break;
            case Decision.IdentitiesRekeyed rekeyed:
                foreach (var holder in inOrder) holder.Rekey(rekeyed.Items);
                break;
        }
        if (decision.OfIncident is { } of && counts && byId.TryGetValue(of, out var touched)) touched.Reported = true;
        if (!counts) return;
        if (decision is Decision.ChangeSurfaced change)
        {
            Changes++;
            byReason[(int)change.Reason]++;
        }
        else if (decision is Decision.PageDecided page)
        {
            Pages++;
            if (byId.TryGetValue(page.Incident, out var paged)) paged.Pages++;
        }
    }

    public ReplaySummary Summary(TimeSpan took)
    {
        var seconds = Math.Round(took.TotalSeconds, 3);
        return new(Deliveries, Alerts, Repeats, Reported.LongCount(), Changes, Pages, seconds, seconds > 0 ? (long)(Alerts / seconds) : 0);
    }

    public IEnumerable<IncidentRow> Incidents =>
        Reported.Select(i => new IncidentRow(i.Id.Value, i.OpenedAt, i.ResolvedAt, i.Title, i.Fingerprints, i.Alerts, i.Pages));

    public IReadOnlyList<IncidentLine> Largest(int count) =>
    [
        .. Reported.OrderByDescending(i => i.Alerts).Take(count)
            .Select(i => new IncidentLine(i.Id.Value, i.Title, i.OpenedAt, i.ResolvedAt, i.Fingerprints.Count, i.Alerts, i.Pages)),
    ];

    public IReadOnlyList<KeyValuePair<string, long>> ByReason =>
    [
        .. byReason.Select((n, i) => KeyValuePair.Create(Words.Of((Reason)i), n)).Where(r => r.Value > 0).OrderByDescending(r => r.Value),
    ];

    private IEnumerable<IncidentTally> Reported => inOrder.Where(i => i.Reported || i.Alerts > 0);

    private sealed class IncidentTally(IncidentId id, string title, DateTimeOffset openedAt)
    {
        private readonly HashSet<Fingerprint> known = [];
        private readonly List<Fingerprint> fingerprints = [];

        public IncidentId Id => id;
        public string Title => title;
        public DateTimeOffset OpenedAt => openedAt;
        public DateTimeOffset? ResolvedAt { get; set; }
        public List<Fingerprint> Fingerprints => fingerprints;
        public long Alerts { get; set; }
        public int Pages { get; set; }

        /// <summary>Something of it lies in the time asked about.</summary>
        public bool Reported { get; set; }

        /// <summary>What it has goes by other names too from now on.</summary>
        public void Rekey(IReadOnlyList<Rekeyed> items)
        {
            foreach (var item in items)
                if (known.Contains(item.From)) Add(item.To);
        }

        public void Add(Fingerprint fingerprint)
        {
            if (known.Add(fingerprint)) fingerprints.Add(fingerprint);
        }
    }
}
