using System.Text.RegularExpressions;
using Dedupe.Vocabulary;
using Pipeline.Config;

namespace Pipeline.Topologies;

/// <summary>
/// A line an edge, where the first needs the second; a name alone is a component, <c>#</c> begins a remark:
/// <code>
/// api db
/// api, cache
/// "web" -> "api";
/// </code>
/// </summary>
internal static partial class EdgeList
{
    private const int LooksAt = 50;

    /// <summary>True where every line is an edge, a name or nothing, and at least one is an edge.</summary>
    public static bool Looks(string text)
    {
        var edges = 0;
        foreach (var line in Lines(text).Take(LooksAt).Select(l => l.Text))
        {
            if (Edge().Match(line) is not { Success: true } match || IsYaml(match)) return false;
            if (match.Groups["to"].Success) edges++;
        }
        return edges > 0;
    }

    public static Topology Read(string text, Problems problems)
    {
        var (draft, first) = (new TopologyDraft(problems), true);
        foreach (var (line, number) in Lines(text))
        {
            var match = Edge().Match(line);
            var (from, to) = (Name(match, "from"), Name(match, "to"));
            if (!match.Success) problems.Add(number, $"\"{line}\" is no edge; write a -> b where a needs b");
            else if (first && IsHead(from, to)) { }
            else if (from == to) problems.Add(number, $"\"{from}\" depends on itself; take it out");
            else if (to.Length == 0) draft.Add(from, null, number);
            else draft.Needs(from, to, number);
            first = false;
        }
        return draft.Build();
    }

    private static string Name(Match match, string group) => match.Groups[group].Value.Trim('"');

    private static bool IsHead(string from, string to) =>
        (from.ToLowerInvariant(), to.ToLowerInvariant()) is ("source", "target") or ("from", "to") or ("src", "dst") or ("caller", "callee") or ("parent", "child");

    // A key of YAML, or an item of its lists.
    private static bool IsYaml(Match match) => match.Groups["from"].Value is "-" or "---" or ['-', ..] || match.Groups["from"].Value[^1] == ':';

    private static IEnumerable<(string Text, int Number)> Lines(string text)
    {
        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            var kept = (line.IndexOf('#', StringComparison.Ordinal) is var at and >= 0 ? line[..at] : line).Trim().TrimEnd(';').TrimEnd();
            if (kept.Length > 0) yield return (kept, number);
        }
    }

    [GeneratedRegex("""^(?<from>"[^"]+"|(?!->)[^\s,"{}\[\]]+?)(?:(?:\s*->\s*|\s*,\s*|\s+)(?<to>"[^"]+"|(?!->)[^\s,"{}\[\]]+))?$""")]
    private static partial Regex Edge();
}
