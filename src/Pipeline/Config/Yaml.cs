using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Pipeline.Config;

/// <summary>Text to nodes. A configuration that is no YAML somewhere is read on at its next top-level key, so that later mistakes are named too.</summary>
internal sealed class Yaml
{
    private const int MaxDepth = 32, MaxBreaks = 100;

    private readonly Scanner scanner;
    private readonly Parser parser;
    private readonly int offset;
    private readonly Problems problems;

    /// <summary>Null: a text that is not ours, in which <c>${</c> means nothing to us.</summary>
    private readonly EnvironmentText? environment;
    private readonly Dictionary<string, Node> anchors = [];
    private int brokeAt;

    private Yaml(string text, int offset, Problems problems, EnvironmentText? environment)
    {
        scanner = new(new StringReader(text));
        parser = new(scanner);
        (this.offset, this.problems, this.environment) = (offset, problems, environment);
    }

    private bool Broken => brokeAt > 0;

    /// <summary>The top-level keys of a document; an empty one has none.</summary>
    public static Node.Map Read(string text, Problems problems, EnvironmentText environment)
    {
        var lines = text.Split('\n');
        var entries = new List<Node.Entry>();
        var from = 0;
        for (var breaks = 0; from < lines.Length && breaks < MaxBreaks; breaks++)
        {
            var yaml = new Yaml(string.Join('\n', lines[from..]), from, problems, environment);
            if (yaml.Document() is { } root) entries.AddRange(root.Entries);
            if (!yaml.Broken) break;
            // The line it broke at may itself be the next good key: what is cut off shows only there.
            from = Math.Max(from + 1, yaml.brokeAt - 1);
            while (from < lines.Length && !(lines[from].Length > 0 && char.IsLetter(lines[from][0]) && lines[from].Contains(':'))) from++;
        }
        return new(1, entries);
    }

    /// <summary>Every document of a text that other programs wrote; empty ones left out, and none behind a mistake.</summary>
    public static IReadOnlyList<Node> Documents(string text, Problems problems)
    {
        var (yaml, all) = (new Yaml(text, 0, problems, null), new List<Node>());
        while (yaml.Next())
        {
            if (yaml.parser.Current is null or StreamStart or DocumentStart or DocumentEnd or StreamEnd) continue;
            if (yaml.Read(0) is { } node and not Node.Scalar { IsNull: true }) all.Add(node);
        }
        return all;
    }

    private Node.Map? Document()
    {
        while (Next())
        {
            if (parser.Current is StreamStart or DocumentStart or DocumentEnd) continue;
            if (parser.Current is StreamEnd or null) return null;
            var root = Read(0);
            while (Next())
            {
                if (parser.Current is not DocumentStart second) continue;
                problems.Add(Line(second), "only one YAML document is read; take out the line ---");
                break;
            }
            if (root is Node.Map map) return map;
            if (root is not null and not Node.Scalar { IsNull: true }) problems.Add(root.Line, $"the file holds {root.Kind}; write keys such as page.gather: 2s");
            return null;
        }
        return null;
    }

    /// <summary>The node at the current event; null where the text broke off inside it. A list or group that broke off keeps what came before.</summary>
    private Node? Read(int depth)
    {
        var at = parser.Current!;
        var line = Line(at);
        if (depth > MaxDepth) return Break(line, $"nested deeper than {MaxDepth}; no key needs that");
        switch (at)
        {
            case Scalar scalar:
                var text = environment is null ? scalar.Value : environment.Fill(scalar.Value, line, problems);
                return Anchored(scalar, new Node.Scalar(line, text ?? "", scalar.Value, scalar.Style != ScalarStyle.Plain) { Unread = text is null });
            case AnchorAlias alias:
                if (anchors.TryGetValue(alias.Value.Value, out var known)) return known;
                problems.Add(line, $"*{alias.Value} refers to nothing above it; write &{alias.Value} before the value it stands for");
                return new Node.Scalar(line, "", "", false) { Unread = true };
            case SequenceStart start:
                var items = new List<Node>();
                while (Next() && parser.Current is not SequenceEnd)
                    if (Read(depth + 1) is { } item) items.Add(item);
                if (Broken && items is [.., Node.Map last]) items[^1] = last with { BrokeOff = true };
                return Anchored(start, new Node.List(line, items));
            case MappingStart start:
                var entries = new List<Node.Entry>();
                while (Next() && parser.Current is not MappingEnd)
                    if (ReadEntry(depth) is { } entry) entries.Add(entry);
                return Anchored(start, new Node.Map(line, entries) { BrokeOff = Broken });
            default:
                return Break(line, "is not YAML that a configuration can use");
        }
    }

    private Node.Entry? ReadEntry(int depth)
    {
        var key = Read(depth + 1);
        if (key is null || !Next() || Read(depth + 1) is not { } value) return null;
        if (key is Node.Scalar name) return new(name.Line, name.Written, value);
        problems.Add(key.Line, $"a key is a word, not {key.Kind}");
        return null;
    }

    private Node Anchored(NodeEvent at, Node node)
    {
        if (!at.Anchor.IsEmpty) anchors[at.Anchor.Value] = node;
        return node;
    }

    private bool Next()
    {
        if (Broken) return false;
        try
        {
            return parser.MoveNext();
        }
        catch (YamlException e)
        {
            // The parser may name the line on which the surrounding group began; then the mistake is where it stopped reading.
            var line = Math.Max(e.Start.Line, e.End.Line);
            if (parser.Current is { } last && line <= last.Start.Line) line = Math.Max(line, scanner.CurrentPosition.Line);
            Break((int)line + offset, $"is not YAML: {e.Message}");
            return false;
        }
        // What the scanner throws for a list or group in brackets that is cut off by the next key.
        catch (InvalidOperationException)
        {
            Break((int)scanner.CurrentPosition.Line + offset, "is not YAML: a [ or { above is not closed before this line");
            return false;
        }
    }

    private Node? Break(int line, string text)
    {
        problems.Add(line, text);
        brokeAt = line;
        return null;
    }

    private int Line(ParsingEvent at) => (int)at.Start.Line + offset;
}
