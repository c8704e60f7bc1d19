namespace Pipeline.Importing;

/// <summary>A step in the life of a PagerDuty incident.</summary>
/// <param name="Incident">Its id; what belongs together has the same.</param>
/// <param name="Key">The key under which it was deduplicated; null where the export does not say.</param>
internal sealed record PagerDutyStep(long Line, DateTimeOffset At, string Action, string Incident, string? Key = null)
{
    public string Title { get; init; } = "";
    public string? Service { get; init; }
    public string? Severity { get; init; }
    public string? Host { get; init; }
    public string? Class { get; init; }
    public string? Group { get; init; }
    public string? Url { get; init; }

    /// <summary>Bad, warning or worse, by what PagerDuty knows: a priority P1 to P5, else the urgency, whose low is still somebody's to look at.</summary>
    public static string? SeverityOf(string? priority, string? urgency) =>
        priority is ['P' or 'p', >= '1' and <= '5'] ? priority
        : urgency?.ToUpperInvariant() switch { "HIGH" => "critical", "LOW" => "warning", _ => null };
}

/// <summary>Turns steps into bodies of PagerDuty's Events API v2, which is what they came from.</summary>
internal sealed class PagerDutyEvents
{
    private readonly Dictionary<string, HashSet<string>> incidentsOfKey = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> keysOfIncident = new(StringComparer.Ordinal);

    /// <summary>In order of time, whatever order the export has (PagerDuty's is newest first).</summary>
    public static IEnumerable<Imported> Of(IEnumerable<PagerDutyStep> steps)
    {
        var events = new PagerDutyEvents();
        // At one moment a trigger comes first, and a resolve last.
        return steps.OrderBy(s => s.At).ThenBy(s => s.Action switch { "trigger" => 0, "acknowledge" => 1, _ => 2 }).SelectMany(events.Of);
    }

    private IEnumerable<Imported> Of(PagerDutyStep step)
    {
        if (step.Action == "trigger")
        {
            // Without a key what is said of the same service is the same alert again.
            var key = Bounded(step.Key ?? $"{step.Service}/{step.Title}");
            Of(incidentsOfKey, key).Add(step.Incident);
            Of(keysOfIncident, step.Incident).Add(key);
            return [Delivery(step, key)];
        }
        var keys = Of(keysOfIncident, step.Incident).Order(StringComparer.Ordinal).ToList();
        if (step.Action != "resolve") return keys.Select(key => Delivery(step, key));
        keysOfIncident.Remove(step.Incident);
        // Two incidents under one key end with the second.
        return keys.Where(key => Of(incidentsOfKey, key).Remove(step.Incident) && Of(incidentsOfKey, key).Count == 0).Select(key => Delivery(step, key)).ToList();
    }

    private static Imported.Delivery Delivery(PagerDutyStep step, string key) => new(step.Line, step.At, "pagerduty", ImportJson.Body(json =>
    {
        json.WriteStartObject();
        json.WriteString("event_action", step.Action);
        json.WriteString("dedup_key", key);
        json.Optional("client_url", step.Url);
        if (step.Action == "trigger")
        {
            json.WriteStartObject("payload");
            json.WriteString("summary", step.Title);
            json.Optional("severity", step.Severity);
            json.Optional("source", step.Host);
            json.Optional("component", step.Service);
            json.Optional("class", step.Class);
            json.Optional("group", step.Group);
            json.WriteString("timestamp", step.At);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }));

    private static HashSet<string> Of(Dictionary<string, HashSet<string>> sets, string name)
    {
        if (!sets.TryGetValue(name, out var set)) sets.Add(name, set = new(StringComparer.Ordinal));
        return set;
    }

    /// <summary>PagerDuty's own bound on a dedup_key.</summary>
    private static string Bounded(string key) => key.Length <= 255 ? key : key[..255];
}
