using System.Text.Json.Serialization;
using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Pipeline.Api.Alertmanager;

// Alertmanager's api/v2/openapi.yaml (0.25), by its own names; what it requires is never null.

internal sealed record GettableAlert(
    LabelSet Labels, IReadOnlyDictionary<string, string> Annotations, IReadOnlyList<Receiver> Receivers, string Fingerprint,
    DateTimeOffset StartsAt,
    DateTimeOffset UpdatedAt, DateTimeOffset EndsAt, AlertStatusBody Status,
    [property: JsonPropertyName("generatorURL")] string? GeneratorUrl);

internal sealed record AlertStatusBody(string State, IReadOnlyList<string> SilencedBy, IReadOnlyList<string> InhibitedBy);

internal sealed record AlertGroup(LabelSet Labels, Receiver Receiver, IReadOnlyList<GettableAlert> Alerts);

internal sealed record Receiver(string Name);

internal sealed record MatcherBody(string? Name, string? Value, bool? IsRegex, bool? IsEqual);

internal sealed record SilenceStatusBody(string State);

internal sealed record GettableSilence(
    string Id, SilenceStatusBody Status, DateTimeOffset UpdatedAt, IReadOnlyList<MatcherBody> Matchers, DateTimeOffset StartsAt,
    DateTimeOffset EndsAt,
    string CreatedBy, string Comment);

internal sealed record PostableSilence(
    string? Id, IReadOnlyList<MatcherBody?>? Matchers, DateTimeOffset? StartsAt, DateTimeOffset? EndsAt, string? CreatedBy,
    string? Comment);

internal sealed record SilenceCreated([property: JsonPropertyName("silenceID")] string SilenceId);

internal sealed record AlertmanagerStatus(ClusterStatus Cluster, VersionInfo VersionInfo, AlertmanagerConfig Config, DateTimeOffset Uptime);

internal sealed record ClusterStatus(string Name, string Status, IReadOnlyList<PeerStatus> Peers);

internal sealed record PeerStatus(string Name, string Address);

internal sealed record VersionInfo(string Version, string Revision, string Branch, string BuildUser, string BuildDate, string GoVersion);

internal sealed record AlertmanagerConfig(string Original);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(UtcMilliseconds)])]
[JsonSerializable(typeof(IReadOnlyList<GettableAlert>))]
[JsonSerializable(typeof(IReadOnlyList<AlertGroup>))]
[JsonSerializable(typeof(IReadOnlyList<Receiver>))]
[JsonSerializable(typeof(IReadOnlyList<GettableSilence>))]
[JsonSerializable(typeof(GettableSilence))]
[JsonSerializable(typeof(PostableSilence))]
[JsonSerializable(typeof(SilenceCreated))]
[JsonSerializable(typeof(AlertmanagerStatus))]
[JsonSerializable(typeof(string))]
internal sealed partial class AlertmanagerJson : JsonSerializerContext;
