using Dedupe.Rules;
using Dedupe.Vocabulary;
using Ingest;

namespace Pipeline.Config;

/// <summary>Reads <c>heartbeats: [{name, match | source | observer, every, grace, severity}]</c>.</summary>
internal static class HeartbeatsReader
{
    private const int Most = 100;
    private const string Example = "{name: prometheus, match: {alertname: Watchdog}, every: 1m}";
    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);
    private static readonly string[] Kinds = ["match", "source", "observer"];

    public static IReadOnlyList<HeartbeatRule> Read(Value value)
    {
        if (value.Node is not Node.List list)
        {
            value.Problems.Add(value.Node.Line, $"{value.Path} is {value.Node.Kind}, not a list; write [{Example}]");
            return [];
        }
        if (list.Items.Count > Most) value.Problems.Add(list.Line, $"{value.Path} has more than {Most} heartbeats");
        var heartbeats = new List<HeartbeatRule>();
        var names = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < list.Items.Count; i++)
            if (ReadOne(list.Items[i], $"{value.Path}[{i}]", value.Problems, names) is { } heartbeat) heartbeats.Add(heartbeat);
        return heartbeats;
    }

    /// <summary>What no heartbeat alone shows: labels that no identity has, and scopes, in each of which little of a source may come.</summary>
    public static void Check(Settings settings, IReadOnlyDictionary<string, int> lines, Problems problems)
    {
        var line = lines.GetValueOrDefault("heartbeats");
        foreach (var heartbeat in settings.Rules.Heartbeats)
        {
            foreach (var (name, _) in heartbeat.Match ?? LabelSet.Empty)
                if (settings.Rules.Identity.Volatile.Contains(name))
                    problems.Add(line, $"heartbeat {heartbeat.Name} matches \"{name}\", which identity.volatile takes out of every identity; match another label");
            if (heartbeat.Match is null && settings.Scope.Label is { } label)
                problems.Add(line, $"heartbeat {heartbeat.Name} is of a source or an observer, which may send to any scope of {label}; match an alert instead");
        }
    }

    private static HeartbeatRule? ReadOne(Node node, string path, Problems problems, Dictionary<string, int> names)
    {
        if (Fields.Of(node, path, problems, Example, "name", "match", "source", "observer", "every", "grace", "severity") is not { } fields) return null;
        var name = PagersReader.Name(fields, names, "heartbeat");
        var match = Match(fields);
        var source = Source(fields);
        var observer = fields["observer", "nagios-2"]?.Text(256);
        var every = fields["every", "1m"]?.Duration(TimeSpan.FromSeconds(1), Longest);
        if (fields["every", ""] is null) fields.Missing("has no every; add every: 1m, how often it comes");
        var grace = fields["grace", "2m"]?.Duration(TimeSpan.Zero, Longest);
        var severity = fields["severity", "critical"]?.Word("warning", "critical") == "warning" ? Severity.Warning : Severity.Critical;
        string[] given = [.. Kinds.Where(f => fields[f, ""] is not null)];
        if (given.Length == 0) fields.Missing("waits for nothing; add match: {alertname: Watchdog}, source: icinga2 or observer: nagios-2");
        if (given.Length > 1) fields.Missing($"has {string.Join(" and ", given)}; keep one, and write another heartbeat for the other");
        // Three in a row have to stay away: one that is late, or lost on its way, wakes nobody.
        return name is null || every is not { } often ? null : new(name, often, grace ?? 2 * often, match, source, observer, severity);
    }

    private static LabelSet? Match(Fields fields)
    {
        if (fields["match", "{alertname: Watchdog}"] is not { } value || value.Labels() is not { } labels) return null;
        var match = LabelSet.From(labels);
        if (match["alertname"] is null)
            value.Problems.Add(value.Node.Line, $"{value.Path} names no alertname; what it matches is never paged, so name the one alert, such as {{alertname: Watchdog}}");
        return match;
    }

    private static string? Source(Fields fields)
    {
        if (fields["source", "icinga2"] is not { } value || value.Text(64) is not { } source) return null;
        string[] known = [.. Sources.All.Select(s => s.Name)];
        if (known.Contains(source)) return source;
        return value.Say<string>(value.Node.Line, $"{value.Path} \"{source}\" is no source; " +
            (Nearest.To(source, known) is { } near ? $"did you mean {near}?" : $"the sources are {string.Join(", ", known)}"));
    }
}
