using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Dedupe.Log;
using Dedupe.Rules;
using Dedupe.Vocabulary;

namespace Dedupe.Deciding;

/// <summary>The catalogue of stored names, and the JSON of decisions and acts.</summary>
public static class DecisionCodec
{
    private sealed record Entry(string Name, Type Type, JsonTypeInfo Json);

    // The names are the storage format: never change one.
    private static readonly Entry[] Catalogue =
    [
        new("alert-decided", typeof(Decision.AlertDecided), DedupeJson.Default.AlertDecided),
        new("repeats-counted", typeof(Decision.RepeatsCounted), DedupeJson.Default.RepeatsCounted),
        new("alert-expired", typeof(Decision.AlertExpired), DedupeJson.Default.AlertExpired),
        new("alert-ended", typeof(Decision.AlertEnded), DedupeJson.Default.AlertEnded),
        new("identity-forgotten", typeof(Decision.IdentityForgotten), DedupeJson.Default.IdentityForgotten),
        new("identities-rekeyed", typeof(Decision.IdentitiesRekeyed), DedupeJson.Default.IdentitiesRekeyed),
        new("incident-opened", typeof(Decision.IncidentOpened), DedupeJson.Default.IncidentOpened),
        new("incident-reopened", typeof(Decision.IncidentReopened), DedupeJson.Default.IncidentReopened),
        new("incident-resolved", typeof(Decision.IncidentResolved), DedupeJson.Default.IncidentResolved),
        new("incident-went-stale", typeof(Decision.IncidentWentStale), DedupeJson.Default.IncidentWentStale),
        new("incident-acknowledged", typeof(Decision.IncidentAcknowledged), DedupeJson.Default.IncidentAcknowledged),
        new("acknowledgement-ended", typeof(Decision.AcknowledgementEnded), DedupeJson.Default.AcknowledgementEnded),
        new("incident-noted", typeof(Decision.IncidentNoted), DedupeJson.Default.IncidentNoted),
        new("storm-began", typeof(Decision.StormBegan), DedupeJson.Default.StormBegan),
        new("storm-ended", typeof(Decision.StormEnded), DedupeJson.Default.StormEnded),
        new("change-surfaced", typeof(Decision.ChangeSurfaced), DedupeJson.Default.ChangeSurfaced),
        new("page-decided", typeof(Decision.PageDecided), DedupeJson.Default.PageDecided),
        new("change-recorded", typeof(Decision.ChangeRecorded), DedupeJson.Default.ChangeRecorded),
        new("suspects-named", typeof(Decision.SuspectsNamed), DedupeJson.Default.SuspectsNamed),
        new("origin-named", typeof(Decision.OriginNamed), DedupeJson.Default.OriginNamed),
        new("settle-began", typeof(Decision.SettleBegan), DedupeJson.Default.SettleBegan),
        new("settle-ended", typeof(Decision.SettleEnded), DedupeJson.Default.SettleEnded),
        new("silence-set", typeof(Decision.SilenceSet), DedupeJson.Default.SilenceSet),
        new("silence-ended", typeof(Decision.SilenceEnded), DedupeJson.Default.SilenceEnded),
        new("part-rejected", typeof(Decision.PartRejected), DedupeJson.Default.PartRejected),
        new("input-set-aside", typeof(Decision.InputSetAside), DedupeJson.Default.InputSetAside),
        new("pager-state-changed", typeof(Decision.PagerStateChanged), DedupeJson.Default.PagerStateChanged),
        new("blind-noted", typeof(Decision.BlindNoted), DedupeJson.Default.BlindNoted),
        new("rules-adopted", typeof(Decision.RulesAdopted), DedupeJson.Default.RulesAdopted),
        new("topology-adopted", typeof(Decision.TopologyAdopted), DedupeJson.Default.TopologyAdopted),
    ];

    private static readonly Dictionary<Type, Entry> ByType = Catalogue.ToDictionary(e => e.Type);
    private static readonly Dictionary<string, Entry> ByName = Catalogue.ToDictionary(e => e.Name);

    /// <summary>Stored name and case, for the test that compares them with the hierarchy.</summary>
    public static IEnumerable<KeyValuePair<string, Type>> Names => Catalogue.Select(e => KeyValuePair.Create(e.Name, e.Type));

    public static string NameOf(Decision decision) => ByType[decision.GetType()].Name;

    public static DecisionRecord Write(Decision decision, long version, long input)
    {
        var entry = ByType[decision.GetType()];
        return new(version, input, decision.At, entry.Name, decision.OfIncident?.Value, JsonSerializer.SerializeToUtf8Bytes(decision, entry.Json));
    }

    /// <summary>Reads a stored decision; a name this release does not know stops the reader.</summary>
    /// <exception cref="InvalidDataException">The log was written by a newer release.</exception>
    public static Decision Read(DecisionRecord record) =>
        ByName.TryGetValue(record.Type, out var entry)
            ? (Decision)JsonSerializer.Deserialize(record.Data.Span, entry.Json)!
            : throw new InvalidDataException($"decision {record.Version} is a \"{record.Type}\", which this release does not know; run the release that wrote it");

    public static byte[] Write(Act act) => JsonSerializer.SerializeToUtf8Bytes(act, DedupeJson.Default.Act);

    public static Act ReadAct(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, DedupeJson.Default.Act)!;

    public static byte[] Write(RuleSet rules) => JsonSerializer.SerializeToUtf8Bytes(rules, DedupeJson.Default.RuleSet);

    /// <summary>Reads stored rules; a setting that the release which stored them did not know has its default.</summary>
    public static RuleSet ReadRules(ReadOnlySpan<byte> json)
    {
        // The generated reader would leave an absent init-only member null, whatever its initialiser says.
        var all = (JsonObject)JsonSerializer.SerializeToNode(RuleSet.Default, DedupeJson.Default.RuleSet)!;
        Overlay(all, (JsonObject)JsonNode.Parse(json)!);
        return all.Deserialize(DedupeJson.Default.RuleSet)!;
    }

    private static void Overlay(JsonObject under, JsonObject over)
    {
        foreach (var (name, value) in over)
            if (value is JsonObject stored && under[name] is JsonObject known && name != "match") Overlay(known, stored);
            else under[name] = value?.DeepClone();
    }

    public static byte[] Write(Topology topology) => JsonSerializer.SerializeToUtf8Bytes(topology, DedupeJson.Default.Topology);

    public static Topology ReadTopology(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, DedupeJson.Default.Topology)!;
}

/// <summary>Times as UTC, <c>Z</c>, three decimals: what every output of ours writes.</summary>
public sealed class UtcMilliseconds : JsonConverter<DateTimeOffset>
{
    public const string Format = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset().ToUniversalTime();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
    {
        Span<byte> text = stackalloc byte[32];
        value.UtcDateTime.TryFormat(text, out var written, Format, System.Globalization.CultureInfo.InvariantCulture);
        writer.WriteStringValue(text[..written]);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, AllowOutOfOrderMetadataProperties = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = [typeof(UtcMilliseconds)])]
[JsonSerializable(typeof(Decision.AlertDecided))]
[JsonSerializable(typeof(Decision.RepeatsCounted))]
[JsonSerializable(typeof(Decision.AlertExpired))]
[JsonSerializable(typeof(Decision.AlertEnded))]
[JsonSerializable(typeof(Decision.IdentityForgotten))]
[JsonSerializable(typeof(Decision.IdentitiesRekeyed))]
[JsonSerializable(typeof(Decision.IncidentOpened))]
[JsonSerializable(typeof(Decision.IncidentReopened))]
[JsonSerializable(typeof(Decision.IncidentResolved))]
[JsonSerializable(typeof(Decision.IncidentWentStale))]
[JsonSerializable(typeof(Decision.IncidentAcknowledged))]
[JsonSerializable(typeof(Decision.AcknowledgementEnded))]
[JsonSerializable(typeof(Decision.IncidentNoted))]
[JsonSerializable(typeof(Decision.StormBegan))]
[JsonSerializable(typeof(Decision.StormEnded))]
[JsonSerializable(typeof(Decision.ChangeSurfaced))]
[JsonSerializable(typeof(Decision.PageDecided))]
[JsonSerializable(typeof(Decision.ChangeRecorded))]
[JsonSerializable(typeof(Decision.SuspectsNamed))]
[JsonSerializable(typeof(Decision.OriginNamed))]
[JsonSerializable(typeof(Decision.SettleBegan))]
[JsonSerializable(typeof(Decision.SettleEnded))]
[JsonSerializable(typeof(Decision.SilenceSet))]
[JsonSerializable(typeof(Decision.SilenceEnded))]
[JsonSerializable(typeof(Decision.PartRejected))]
[JsonSerializable(typeof(Decision.InputSetAside))]
[JsonSerializable(typeof(Decision.PagerStateChanged))]
[JsonSerializable(typeof(Decision.BlindNoted))]
[JsonSerializable(typeof(Decision.RulesAdopted))]
[JsonSerializable(typeof(Decision.TopologyAdopted))]
[JsonSerializable(typeof(Act))]
[JsonSerializable(typeof(RuleSet))]
[JsonSerializable(typeof(Topology))]
internal sealed partial class DedupeJson : JsonSerializerContext;
