using Dedupe.Vocabulary;

namespace Dedupe.Deciding;

/// <summary>One incident in a snapshot; its members come after the identities.</summary>
internal static class SnapshotOfIncident
{
    /// <param name="kept">Still found by its id, not only as a member's past.</param>
    public static void Write(SnapshotWriter to, IncidentState incident, bool kept)
    {
        to.Text(incident.Id.Value);
        to.Text(incident.Title);
        to.Write(incident.Order);
        to.Write(incident.OpenedAt);
        to.Write(kept);
        to.Write((byte)incident.Course);
        to.Write(incident.ClosedAt);
        to.Write(incident.Forced);
        to.Write(incident.Version);
        to.Write(incident.Firing);
        to.Write(incident.Sure);
        to.Write(incident.Resolved);
        to.Write(incident.Expired);
        foreach (var count in incident.FiringBySeverity) to.Write(count);
        to.Write((byte)incident.Peak);
        to.Write(incident.Repeats);
        to.Texts(incident.Names);
        to.Texts(incident.Components);
        to.Write(incident.LastNews);
        to.Write(incident.HeardAtLeast);
        to.Write(incident.LastEndedAt);
        to.Write(incident.SurvivorsSince);
        to.Write(incident.NewIn.Since);
        to.Write(incident.NewIn.Said);
        to.Texts(incident.Places);
        SnapshotOfState.Write(to, incident.Suspects, (w, s) => { w.Text(s.Change); w.Text(s.Summary); w.Write(s.Score); w.Text(s.Why); });
        to.Text(incident.Origin);
        SnapshotOfState.Write(to, incident.Impact, (w, a) => { w.Write((byte)a.Level); w.Text(a.Component); });
        SnapshotOfState.Write(to, incident.Endings.All, (w, e) => { w.Write(e.Step); w.Write(e.Count); });
        to.Write(incident.StirredAt);
        to.Write(incident.RecoveredAt);
        to.Write(incident.Ack is not null);
        if (incident.Ack is { } ack)
        {
            to.Text(ack.By);
            to.Text(ack.Note);
            to.Write(ack.At);
            to.Write(ack.Until);
            to.Text(ack.Awaiting);
            to.Write(ack.Seen);
        }
        SnapshotOfState.Write(to, incident.Unseen, (w, v) => w.Write(v));
        SnapshotOfState.Write(to, incident.Desks.Values, Write);
        to.Write(incident.Storming);
        to.Write(incident.Storm.Minute);
        to.Write(incident.Storm.Now);
        to.Write(incident.Storm.Before);
        to.Write(incident.Storm.Total);
        to.Write(incident.Wave.LastBegin);
        to.Write(incident.Wave.From);
        to.Write(incident.Wave.Count);
        to.Write(incident.Wave.LastInput);
    }

    public static IncidentState Read(SnapshotReader from, State state)
    {
        var incident = new IncidentState(new(from.Text()!), from.Text()!, from.ReadInt64(), from.ReadInt64());
        var kept = from.ReadBoolean();
        incident.Course = (Course)from.ReadByte();
        incident.ClosedAt = from.ReadInt64();
        incident.Forced = from.ReadBoolean();
        incident.Version = from.ReadInt64();
        incident.Firing = from.ReadInt32();
        incident.Sure = from.ReadInt32();
        incident.Resolved = from.ReadInt32();
        incident.Expired = from.ReadInt32();
        for (var i = 0; i < incident.FiringBySeverity.Length; i++) incident.FiringBySeverity[i] = from.ReadInt32();
        incident.Peak = (Severity)from.ReadByte();
        incident.Repeats = from.ReadInt64();
        incident.Names.UnionWith(from.Texts());
        incident.Components.UnionWith(from.Texts());
        incident.LastNews = from.ReadInt64();
        incident.HeardAtLeast = from.ReadInt64();
        incident.LastEndedAt = from.ReadInt64();
        incident.SurvivorsSince = from.ReadInt64();
        incident.NewIn = new() { Since = from.ReadInt64(), Said = from.ReadInt32() };
        incident.Places.UnionWith(from.Texts());
        var suspects = new List<Suspect>();
        SnapshotOfState.Read(from, r => suspects.Add(new(r.Text()!, r.Text()!, r.ReadDouble(), r.Text()!)));
        incident.Suspects = suspects;
        incident.Origin = from.Text();
        var impact = new List<Affected>();
        SnapshotOfState.Read(from, r => impact.Add(new((Level)r.ReadByte(), r.Text()!)));
        incident.Impact = impact;
        SnapshotOfState.Read(from, r => incident.Endings.Restore(r.ReadInt64(), r.ReadInt32()));
        incident.StirredAt = from.ReadInt64();
        incident.RecoveredAt = from.ReadInt64();
        if (from.ReadBoolean()) incident.Ack = new(from.Text()!, from.Text(), from.ReadInt64(), from.ReadInt64(), from.Text(), from.ReadInt64());
        SnapshotOfState.Read(from, r => incident.Unseen.Add(r.ReadInt64()));
        SnapshotOfState.Read(from, r => Read(r, incident));
        incident.Storming = from.ReadBoolean();
        incident.Storm = new() { Minute = from.ReadInt64(), Now = from.ReadInt32(), Before = from.ReadInt32(), Total = from.ReadInt64() };
        incident.Wave = new() { LastBegin = from.ReadInt64(), From = from.ReadInt64(), Count = from.ReadInt32(), LastInput = from.ReadInt64() };
        if (kept) state.Incidents[incident.Id.Value] = incident;
        return incident;
    }

    private static void Write(SnapshotWriter to, Desk desk)
    {
        to.Text(desk.Pager);
        to.Write(desk.Told);
        to.Write(desk.FirstPendingAt);
        to.Write(desk.FirstUrgentAt);
        to.Write(desk.OpeningWaits);
        to.Text(desk.Suspect);
        to.Write(desk.Spent);
        to.Write(desk.SpentAt);
        to.Write(desk.Pages);
        SnapshotOfState.Write(to, desk.Pending, (w, c) => w.Json(DecisionCodec.Write(c, 0, 0).Data.Span));
    }

    private static void Read(SnapshotReader from, IncidentState incident)
    {
        var desk = new Desk(from.Text()!)
        {
            Told = from.ReadBoolean(), FirstPendingAt = from.ReadInt64(), FirstUrgentAt = from.ReadInt64(), OpeningWaits = from.ReadBoolean(), Suspect = from.Text(),
            Spent = from.ReadDouble(), SpentAt = from.ReadInt64(), Pages = from.ReadInt32(),
        };
        SnapshotOfState.Read(from, r => desk.Pending.Add((Decision.ChangeSurfaced)DecisionCodec.Read(new(0, 0, default, "change-surfaced", null, r.Json()))));
        incident.Desks[desk.Pager] = desk;
    }
}
