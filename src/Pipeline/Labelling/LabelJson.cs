using System.Text.Json;
using Pipeline.Importing;
using Pipeline.Replaying;

namespace Pipeline.Labelling;

/// <summary>Labels as JSON: a list of them, one a line, <c>{"labels":[...]}</c>, or a list by the name of the file that they belong to.</summary>
/// <example><code>
/// [{"name":"db-1 ran out of memory","from":"2026-01-31T12:04:00Z","to":"2026-01-31T12:10:00Z","match":{"host":"db-1","alertname":"Memory*"}},
///  {"name":"the scan","line":4711,"file":"shop"}]
/// {"shop":[{"kind":"event","label":"scan","first":1642996618,"last":1642996638}]}
/// {"cloud/cpu_24ae8d.csv":[["2014-02-26 13:45:00","2014-02-27 06:25:00"]]}
/// </code>The third is the form of ait-ads' truth.json, the fourth of nab's windows.json.</example>
internal static class LabelJson
{
    public static IReadOnlyList<News> Read(Stream content)
    {
        var news = new List<News>();
        foreach (var value in JsonValues.Of(content))
        {
            if (value.Problem is { } problem) throw new ReplayInputException($"line {value.Line}: {problem}");
            try
            {
                news.AddRange(Read(JsonElement.Parse(value.Json.Span)));
            }
            catch (Exception e) when (ImportJson.IsFlaw(e))
            {
                throw new ReplayInputException($"line {value.Line}: {ImportJson.Problem(e)}");
            }
        }
        return news;
    }

    private static IEnumerable<News> Read(JsonElement root)
    {
        if (root.ValueKind == JsonValueKind.Array) return List(root, "", null);
        if (root.Member("labels") is { ValueKind: JsonValueKind.Array } labels) return List(labels, "labels", null);
        if (root.Member("name").ValueKind != JsonValueKind.Undefined) return [One(root, "", null)];
        if (root.EnumerateObject().All(m => m.Value.ValueKind == JsonValueKind.Array)) return root.EnumerateObject().SelectMany(m => List(m.Value, m.Name, LabelFile.Stem(m.Name)));
        throw new ReplayInputException("is no list of labels; write [{\"name\":\"...\",\"from\":\"...\",\"to\":\"...\",\"match\":{\"host\":\"db-1\"}}]");
    }

    private static IEnumerable<News> List(JsonElement list, string path, string? file) => list.EnumerateArray().Select((one, i) => One(one, $"{path}[{i}]", file));

    private static News One(JsonElement one, string path, string? file)
    {
        if (one.ValueKind == JsonValueKind.Array)
        {
            if (one.GetArrayLength() != 2) throw new ReplayInputException($"{path} is no window; write [from, to]");
            return new(path, Time(one[0], $"{path}[0]"), Time(one[1], $"{path}[1]")) { File = file };
        }
        if (one.ValueKind != JsonValueKind.Object) throw new ReplayInputException($"{path} is no label; write {{\"name\":\"...\",\"from\":\"...\"}}");
        var dot = path.Length == 0 ? "" : path + ".";
        var kind = one.Text("kind");
        var name = one.Text("name") ?? (one.Text("label") is { } label ? $"{kind} {label}".Trim() : throw new ReplayInputException($"{dot}name is missing; it says what was news"));
        var lines = Lines(one, dot);
        var first = one.Member("from").ValueKind != JsonValueKind.Undefined ? "from" : "first";
        var last = one.Member("to").ValueKind != JsonValueKind.Undefined ? "to" : "last";
        var from = Maybe(one, first, dot);
        if (from is null && lines is null) throw new ReplayInputException($"{dot}from is missing; it says when it began (or line, which line it is)");
        var to = Maybe(one, last, dot) ?? (lines is null ? from + News.Within : null);
        if (to < from) throw new ReplayInputException($"{dot}{last} is before {first}");
        return new(name, from, to) { Match = Match(one, dot), Lines = lines, File = one.Text("file") is { } named ? LabelFile.Stem(named) : file };
    }

    private static HashSet<long>? Lines(JsonElement one, string dot)
    {
        var (single, many) = (one.Member("line"), one.Member("lines"));
        if (single.ValueKind == JsonValueKind.Undefined && many.ValueKind == JsonValueKind.Undefined) return null;
        var lines = new HashSet<long>();
        foreach (var item in many.ValueKind == JsonValueKind.Array ? many.EnumerateArray() : Enumerable.Empty<JsonElement>().Append(single))
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt64(out var line) || line < 1) throw new ReplayInputException($"{dot}line is no number of a line, which count from 1");
            lines.Add(line);
        }
        return lines;
    }

    private static List<KeyValuePair<string, string>> Match(JsonElement one, string dot)
    {
        var match = one.Member("match");
        if (match.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null) return [];
        if (match.ValueKind != JsonValueKind.Object) throw new ReplayInputException($"{dot}match is no object; write {{\"host\":\"db-1\"}}");
        return [.. match.EnumerateObject().Select(m => KeyValuePair.Create(m.Name, m.Value.Text() ?? throw new ReplayInputException($"{dot}match.{m.Name} is no text")))];
    }

    private static DateTimeOffset? Maybe(JsonElement one, string name, string dot) =>
        one.Member(name).ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? null : Time(one.Member(name), dot + name);

    private static DateTimeOffset Time(JsonElement value, string path) =>
        ImportTimes.TryRead(value, out var time) ? time : throw new ReplayInputException($"{path} is not a time; write 2026-01-31T12:00:00Z");
}
