using Dedupe.Surfacing;
using Dedupe.Vocabulary;

namespace Dedupe.Deciding;

/// <summary>What people did, what is to settle after it, and what came of such changes before, in a snapshot.</summary>
internal static class SnapshotOfChanges
{
    public static void Write(SnapshotWriter to, State state)
    {
        SnapshotOfState.Write(to, state.Changes, (w, c) =>
        {
            Write(w, c.Change, c.At, c.Cure);
            Write(w, c.OfServices);
            Write(w, c.OfKind);
            w.Write(c.HadIncident);
        });
        SnapshotOfState.Write(to, state.Settling, (w, s) => Write(w, s.Change, s.From, s.Cure));
        SnapshotOfState.Write(to, state.Precedents.All.ToList(), (w, p) =>
        {
            w.Text(p.Kind);
            w.Text(p.Service);
            Write(w, p.Known);
            w.Write(p.At);
        });
    }

    public static void Read(SnapshotReader from, State state)
    {
        SnapshotOfState.Read(from, r =>
        {
            var (change, at, cure) = ReadChange(r);
            state.Changes.Add(new(change, at, cure, ReadPrecedent(r), ReadPrecedent(r), r.ReadBoolean()));
        });
        SnapshotOfState.Read(from, r =>
        {
            var (change, at, cure) = ReadChange(r);
            state.Settling.Add(new(change, at, cure!));
        });
        SnapshotOfState.Read(from, r => state.Precedents.Restore(r.Text()!, r.Text()!, ReadPrecedent(r), r.ReadInt64()));
    }

    private static void Write(SnapshotWriter to, Change change, long at, string? cure) =>
        to.Json(DecisionCodec.Write(new Decision.ChangeRecorded(change, cure) { At = at.ToTime() }, 0, 0).Data.Span);

    private static (Change Change, long At, string? Cure) ReadChange(SnapshotReader from)
    {
        var recorded = (Decision.ChangeRecorded)DecisionCodec.Read(new(0, 0, default, "change-recorded", null, from.Json()));
        return (recorded.Change, recorded.At.Ms(), recorded.Cure);
    }

    private static void Write(SnapshotWriter to, Precedent precedent)
    {
        to.Write(precedent.Changes);
        to.Write(precedent.Incidents);
        to.Write(precedent.Ever);
        to.Write(precedent.EverIncidents);
    }

    private static Precedent ReadPrecedent(SnapshotReader from) => new(from.ReadDouble(), from.ReadDouble(), from.ReadInt32(), from.ReadInt32());
}
