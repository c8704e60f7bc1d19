using Dedupe.Rules;

namespace Pipeline.Config;

/// <summary>What each key alone cannot show: values that contradict each other.</summary>
internal static class Coherence
{
    public static void Check(Settings settings, IReadOnlyDictionary<string, int> lines, Problems problems)
    {
        var (rules, limits) = (settings.Rules, settings.Limits);
        int? Line(params string[] keys) => keys.Where(lines.ContainsKey).Select(k => (int?)lines[k]).LastOrDefault();

        if (rules.Page.Gather > rules.Page.Latest && Line("page.latest", "page.gather") is { } page)
            problems.Add(page, $"page.gather {Durations.Write(rules.Page.Gather)} is longer than page.latest {Durations.Write(rules.Page.Latest)}; " +
                "gather at most as long as anything may wait");
        if (limits.ValueBytes > limits.BodyBytes && Line("limits.body", "limits.value") is { } size)
            problems.Add(size, $"limits.value {Sizes.Write(limits.ValueBytes)} is larger than limits.body {Sizes.Write(limits.BodyBytes)}; no such value would fit");
        if (settings.Heartbeat is null && Line("heartbeat.every") is { } every && Line("heartbeat.url") is null)
            problems.Add(every, "heartbeat.every is set without heartbeat.url; add the address to call");
        Severities(rules.Identity.Severity, lines, problems);
        foreach (var (key, names) in new[] { ("group.by", rules.Group.By), ("group.near", rules.Group.Near), ("group.components", rules.Group.ComponentLabels) })
            foreach (var name in names.Intersect(rules.Identity.Volatile))
                if (Line(key) is { } line)
                    problems.Add(line, $"{key} names \"{name}\", which identity.volatile takes out of every identity; take it out of one of the two");
    }

    /// <summary>A word that the file gives another severity leaves the default list it was in.</summary>
    public static SeverityWords GiveWay(SeverityWords words, IReadOnlyDictionary<string, int> lines)
    {
        string[] written = [.. Lists(words).Where(l => lines.ContainsKey(l.Key)).SelectMany(l => l.Words)];
        IReadOnlyList<string> Kept(string key, IReadOnlyList<string> list) =>
            lines.ContainsKey(key) ? list : [.. list.Except(written, StringComparer.OrdinalIgnoreCase)];
        return new()
        {
            Critical = Kept("severity.critical", words.Critical),
            Warning = Kept("severity.warning", words.Warning),
            Info = Kept("severity.info", words.Info),
        };
    }

    private static (string Key, IReadOnlyList<string> Words)[] Lists(SeverityWords words) =>
        [("severity.critical", words.Critical), ("severity.warning", words.Warning), ("severity.info", words.Info)];

    private static void Severities(SeverityWords words, IReadOnlyDictionary<string, int> lines, Problems problems)
    {
        var seen = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, list) in Lists(words))
            foreach (var word in list.Distinct(StringComparer.OrdinalIgnoreCase))
                if (!seen.TryAdd(word, key)) problems.Add(lines.GetValueOrDefault(key), $"\"{word}\" is in {seen[word]} and in {key}; take it out of one of the two");
    }
}
