using System.Security.Cryptography;
using System.Text;
using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Vocabulary;
using Pipeline.Contracts;

namespace Pipeline.Messages;

/// <summary>What a decision tells other services; most tell them nothing.</summary>
internal static class EventsOf
{
    /// <summary>A delivery that opens an incident may hold 10,000 identities: <see cref="IncidentChanged.Count"/> says how many, the event names so many.</summary>
    private const int FingerprintsAtMost = 100;

    /// <summary>Of the stored names, those that can make an event: others need not be read.</summary>
    private static readonly HashSet<string> Published = DecisionCodec.Names
        .Where(n => n.Value == typeof(Decision.IncidentOpened) || n.Value == typeof(Decision.ChangeSurfaced)
            || n.Value == typeof(Decision.IncidentAcknowledged) || n.Value == typeof(Decision.AcknowledgementEnded)
            || n.Value == typeof(Decision.IncidentResolved) || n.Value == typeof(Decision.IncidentReopened)
            || n.Value == typeof(Decision.IncidentWentStale))
        .Select(n => n.Key).ToHashSet(StringComparer.Ordinal);

    public static IIncidentEvent? Of(string scope, DecisionRecord record) =>
        Published.Contains(record.Type) ? Of(scope, record.Version, DecisionCodec.Read(record)) : null;

    /// <summary>The same for the same decision, whoever publishes it and however often.</summary>
    public static Guid MessageId(IIncidentEvent e)
    {
        // The time and the incident too: a log that begins anew counts from 1 again.
        var text = FormattableString.Invariant($"{e.Scope}\n{e.Version}\n{e.At.ToUnixTimeMilliseconds()}\n{e.Incident}");
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80); // a UUID of version 8: its bits are ours
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new(hash[..16], bigEndian: true);
    }

    private static IIncidentEvent? Of(string scope, long version, Decision decision) => decision switch
    {
        Decision.IncidentOpened d => new IncidentOpened
        {
            Incident = d.Incident.Value, Scope = scope, Version = version, At = d.At,
            Title = d.Title, Severity = d.Severity.Word(), Preexisting = d.Preexisting,
        },
        Decision.ChangeSurfaced d => Changed(scope, version, d),
        Decision.IncidentAcknowledged d => new IncidentAcknowledged
        {
            Incident = d.Incident.Value, Scope = scope, Version = version, At = d.At, By = d.By, Note = d.Note, Until = d.Until, Awaiting = d.Awaiting,
        },
        Decision.AcknowledgementEnded d => new IncidentAcknowledgementEnded
        {
            Incident = d.Incident.Value, Scope = scope, Version = version, At = d.At, Why = d.Why,
        },
        Decision.IncidentResolved d => new IncidentResolved
        {
            Incident = d.Incident.Value, Scope = scope, Version = version, At = d.At, By = d.By, Forced = d.Forced, Note = d.Note,
        },
        Decision.IncidentReopened d => new IncidentReopened { Incident = d.Incident.Value, Scope = scope, Version = version, At = d.At },
        Decision.IncidentWentStale d => new IncidentWentStale { Incident = d.Incident.Value, Scope = scope, Version = version, At = d.At },
        _ => null,
    };

    private static IncidentChanged Changed(string scope, long version, Decision.ChangeSurfaced d) => new()
    {
        Incident = d.Incident.Value, Scope = scope, Version = version, At = d.At,
        Reason = Words.Of(d.Reason), Rank = d.Rank, Why = d.Why, Urgent = d.Urgent, Severity = d.Severity.Word(), Was = d.Was?.Word(),
        Fingerprint = d.Fingerprint.ToString(), Fingerprints = [.. (d.Fingerprints ?? []).Take(FingerprintsAtMost).Select(f => f.ToString())],
        Count = d.Count, Labels = d.Labels.ToDictionary(), Summary = d.Summary, Value = d.Value, From = d.From, To = d.To, PerHour = d.PerHour,
    };
}
