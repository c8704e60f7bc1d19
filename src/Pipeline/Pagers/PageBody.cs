using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline.Pagers;

/// <summary>A frozen page as read back by the pagers that say it in their own form. Every part may be missing.</summary>
internal sealed record PageBody
{
    // Generated readers give an absent member null, whatever its initialiser says; hence the defaults are in the getters.
    public string Id { get => field ?? ""; init; }
    public string Pager { get => field ?? ""; init; }
    public string Kind { get => field ?? ""; init; }
    public string Urgency { get => field ?? "high"; init; }
    public DateTimeOffset At { get; init; }
    public string Text { get => field ?? ""; init; }
    public PageIncident? Incident { get; init; }
    public IReadOnlyList<PageChange> Changes { get => field ?? []; init; }
    public IReadOnlyList<PageRollUp> RolledUp { get => field ?? []; init; }
    public IReadOnlyList<PageSuspect> Suspects { get => field ?? []; init; }
    public int Unseen { get; init; }

    /// <exception cref="JsonException">The body is not a page.</exception>
    public static PageBody Read(ReadOnlySpan<byte> body) =>
        JsonSerializer.Deserialize(body, PageJson.Default.PageBody) ?? throw new JsonException("a page is an object");
}

internal sealed record PageIncident(
    string Id, string? Title = null, string? State = null, string? Severity = null, string? Url = null, string? Origin = null);

internal sealed record PageChange(
    string Reason, string? Severity = null, string? Was = null, string? Summary = null, string? Why = null, int Count = 1,
    IReadOnlyDictionary<string, string>? Labels = null)
{
    /// <summary>Which alert this is about, in a few words.</summary>
    public string What()
    {
        var name = Labels?.GetValueOrDefault("alertname");
        var place = Labels is null ? null : string.Join(", ", Places(Labels).Select(l => $"{l.Key}={l.Value}"));
        var what = (name, place) switch
        {
            (null, null or "") => "",
            (null, _) => place,
            (_, null or "") => name,
            _ => $"{name} ({place})",
        };
        return Count > 1 ? $"{Count} x {what}" : what;
    }

    private static IEnumerable<KeyValuePair<string, string>> Places(IReadOnlyDictionary<string, string> labels) =>
        labels.Where(l => l.Key != "alertname").OrderBy(l => l.Key, StringComparer.Ordinal).Take(4);

    /// <summary>One plain line: reason, severity, what, the source's own summary, and why it is news.</summary>
    public string Line()
    {
        var severity = (Was, Severity) switch
        {
            (_, null) => "",
            (null, _) => $" {Severity}",
            _ => $" {Was} to {Severity}",
        };
        var line = $"{Reason}{severity}: {What()}";
        if (!string.IsNullOrEmpty(Summary) && Summary != Labels?.GetValueOrDefault("alertname")) line += $": {Summary}";
        return string.IsNullOrEmpty(Why) ? line : $"{line} [{Why}]";
    }
}

internal sealed record PageRollUp(string Reason, string? Alertname = null, int Count = 0)
{
    public string Line() => $"{Reason}: {Count} more{(Alertname is null ? "" : $" {Alertname}")}";
}

internal sealed record PageSuspect(string? Change = null, string? Summary = null, string? Why = null)
{
    public string Line() => $"suspect: {Summary ?? Change}{(Why is null ? "" : $" [{Why}]")}";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PageBody))]
internal sealed partial class PageJson : JsonSerializerContext;
