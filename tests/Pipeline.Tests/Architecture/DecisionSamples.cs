using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Pipeline.Tests.Architecture;

/// <summary>One of every decision with every member set. Their written form is golden: add members, never change one.</summary>
internal static class DecisionSamples
{
    private static readonly DateTimeOffset At = new(2024, 5, 17, 9, 30, 15, 250, TimeSpan.Zero);
    private static readonly IncidentId Incident = new("inc_0123456789ab");
    private static readonly Fingerprint Fingerprint = new(0xfedcba9876543210);
    private static readonly LabelSet Labels = LabelSet.Of(("alertname", "MemoryHigh"), ("service", "messages"));

    public static readonly IReadOnlyList<Decision> All =
    [
        new Decision.AlertDecided(
            Fingerprint, Disposition.SeverityRose, Incident, AlertStatus.Resolved, Severity.Critical, Severity.Warning, "alertmanager", Labels,
            "memory at 89 %", 89.5, "https://example.org/graph", At.AddMinutes(-5), At.AddMinutes(5), At.AddMinutes(-4), ["mon-1", "ops"],
            "same service within 5 min", "silence-1", 3, "messages", "prometheus") { At = At },
        new Decision.RepeatsCounted([new(Fingerprint, Incident, 12, At.AddSeconds(-1), 81.25, ["mon-2"])]) { At = At },
        new Decision.AlertExpired(Fingerprint, Incident) { At = At },
        new Decision.AlertEnded(Fingerprint, Incident, "its end passed") { At = At },
        new Decision.IdentityForgotten(Fingerprint) { At = At },
        new Decision.IdentitiesRekeyed([new(Fingerprint, new(1), Labels, Incident)], ["pod"], ["replica"], 3) { At = At },
        new Decision.IncidentOpened(Incident, "MemoryHigh on messages", Severity.Critical, true, new("inc_0123456789aa"), new("inc_0123456789ac")) { At = At },
        new Decision.IncidentReopened(Incident) { At = At },
        new Decision.IncidentResolved(Incident, "ada", true, "restarted", new("inc_0123456789ad")) { At = At },
        new Decision.IncidentWentStale(Incident) { At = At },
        new Decision.IncidentAcknowledged(Incident, "ada", "looking", At.AddHours(1), "rollback", 41) { At = At },
        new Decision.AcknowledgementEnded(Incident, "its time passed and no rollback was recorded") { At = At },
        new Decision.IncidentNoted(Incident, "ada", "the queue is full") { At = At },
        new Decision.StormBegan(Incident, 2400) { At = At },
        new Decision.StormEnded(Incident, 120_000) { At = At },
        new Decision.ChangeSurfaced(
            Incident, 7, Reason.Creeping, 0.93, Fingerprint, Labels, "from 80 to 89 in an hour", Severity.Critical, true, 3, 2, Severity.Warning,
            "memory at 89 %", 89, 80, 89, 9, [Fingerprint, new(1)], ["ops"], 40) { At = At },
        new Decision.PageDecided("pg_0123456789ab", "ops", Incident, "changed", true, [6, 7], """{"id":"pg_0123456789ab"}""") { At = At },
        new Decision.ChangeRecorded(new("d-1", At.AddMinutes(-9), "rollback", "messages back to 1.4", ["messages"], "d-0", "https://example.org/d-1", "1.4", "production"), "rollback") { At = At },
        new Decision.SuspectsNamed(Incident, [new("d-1", "messages 1.5", 0.8, "same service messages, 4 min before")]) { At = At },
        new Decision.OriginNamed(Incident, "db", [new(Level.Business, "orders")]) { At = At },
        new Decision.SettleBegan("d-1", Incident, "rollback of d-0 (d-1: messages back to 1.4)", 3) { At = At },
        new Decision.SettleEnded("d-1", Incident, 3) { At = At },
        new Decision.SilenceSet(new("silence-1", [new("service", "mess.*", true, true)], At, At.AddHours(2), "ada", "planned work", At)) { At = At },
        new Decision.SilenceEnded("silence-1") { At = At },
        new Decision.PartRejected(9, "generic", 3, "alerts[3].labels", "is not an object") { At = At },
        new Decision.InputSetAside(9, "division by zero") { At = At },
        new Decision.PagerStateChanged("ops", true, "503 Service Unavailable") { At = At },
        new Decision.BlindNoted(At.AddMinutes(-10), At) { At = At },
        new Decision.RulesAdopted("00112233", "1") { At = At },
        new Decision.TopologyAdopted(new([new("api", Level.Service, "shop", ["db"])])) { At = At },
    ];
}
