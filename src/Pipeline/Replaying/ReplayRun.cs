using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Pipeline.Replaying;

/// <summary>The deciding end of a replay: takes entries in order, keeps time from running backwards, reports what came of each.</summary>
internal sealed class ReplayRun : IDisposable
{
    private readonly ReplayPlan plan;
    private readonly ScopeDeciders deciders;
    private readonly Tally tally = new();
    private readonly PagedChanges changes;
    private readonly List<PagedChange> paged = [], recorded = [];
    private readonly ResultFiles? files;
    private DateTimeOffset now;
    private DateTimeOffset? first;
    private long line;
    private bool reports, understood;

    public ReplayRun(ReplayPlan plan)
    {
        this.plan = plan;
        changes = new(plan.WithMembers);
        files = plan.Out is { } directory ? new(directory) : null;
        deciders = new(plan.Settings, Decided);
        reports = plan.From is null;
    }

    public void Take(ReadOnlySpan<ReplayEntry> entries)
    {
        foreach (ref readonly var entry in entries) Take(entry);
    }

    /// <exception cref="ReplayInputException">No line was understood.</exception>
    public ReplayResult Finish(Func<TimeSpan> took)
    {
        if (!understood)
            throw new ReplayInputException(tally.FirstProblem is { } problem ? $"no line could be replayed; {problem}" : "the input has no lines");
        var pagedInTime = paged.Count;
        deciders.Flush();
        files?.Incidents(tally.Incidents);
        var summary = tally.Summary(took());
        files?.Summary(summary);
        return new(summary, tally.Rejected, tally.FirstProblem, first, now, tally.ByReason, tally.Largest(10), paged)
        {
            Recorded = recorded, OwedAtEnd = paged.Count - pagedInTime, SetAside = tally.SetAside, FirstSetAside = tally.FirstSetAside,
        };
    }

    public void Dispose() => files?.Dispose();

    private void Take(in ReplayEntry entry)
    {
        line = entry.Line;
        if (entry.Paged is { } told)
        {
            // What was paged stands before the inputs that brought it about: its time is not theirs.
            if (!(told.At < plan.From)) recorded.Add(told);
            return;
        }
        // A line out of order is taken at the time of the line before; one without a time has no other.
        if (entry.At > now) now = entry.At;
        if (!reports && now >= plan.From) reports = true;
        if (entry.Kind != EntryKind.Rejected)
        {
            understood = true;
            first ??= now;
        }
        switch (entry.Kind)
        {
            case EntryKind.Rejected:
                Reject(entry, entry.Problem!);
                break;
            case EntryKind.Numbers:
                deciders.Continue(entry.Numbers!, plan.OwnRules ? null : entry.ScopeLabel);
                break;
            case EntryKind.Input:
                if (reports && entry.SetAside is { } why) tally.InputSetAside(line, why);
                deciders.Decide(entry.Input!, entry.Scope, entry.SetAside, now);
                break;
            case EntryKind.Delivery:
                var outcomes = deciders.Decide(entry, now);
                if (!reports) break;
                tally.Deliveries++;
                if (entry.SetAside is { } reasons) tally.InputSetAside(line, reasons);
                if (entry.Parsed!.Rejected.Count == 0) Rows(entry, outcomes);
                else MixedRows(entry, outcomes, entry.Parsed.Rejected);
                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private void Rows(in ReplayEntry entry, ReadOnlySpan<AlertOutcome> outcomes)
    {
        foreach (ref readonly var outcome in outcomes)
        {
            if (outcome.Disposition == Disposition.Rejected)
            {
                Reject(entry, new(outcome.Index, "", "set aside when it was recorded: the decider had failed on it"));
                continue;
            }
            tally.Row(outcome);
            files?.Alerts.Row(entry.Line, entry.ReceivedAt, outcome);
        }
    }

    /// <summary>Rows in the order of the body: rejected parts keep their place among the understood ones.</summary>
    private void MixedRows(in ReplayEntry entry, ReadOnlySpan<AlertOutcome> outcomes, IReadOnlyList<RejectedPart> rejected)
    {
        var position = 0;
        foreach (var part in rejected.OrderBy(r => r.Index))
        {
            for (; position < part.Index && outcomes.Length > 0; position++, outcomes = outcomes[1..]) Rows(entry, outcomes[..1]);
            Reject(entry, part);
            position = Math.Max(position, part.Index) + 1;
        }
        Rows(entry, outcomes);
    }

    private void Reject(in ReplayEntry entry, RejectedPart problem)
    {
        if (!reports) return;
        tally.RowRejected(entry, problem);
        files?.Alerts.Rejected(entry.Line, entry.ReceivedAt == default ? now : entry.ReceivedAt);
    }

    private void Decided(string scope, Decision decision, long? ofLine)
    {
        var counts = plan.From is not { } from || decision.At >= from;
        tally.Decided(decision, counts);
        foreach (var told in changes.Decided(scope, decision, ofLine))
            if (counts) paged.Add(told);
        if (!counts || files is null) return;
        if (decision is Decision.ChangeSurfaced change) files.Change(change, ofLine);
        else if (decision is Decision.PageDecided page) files.Page(page);
    }
}
