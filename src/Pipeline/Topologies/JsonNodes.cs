using System.Text;
using System.Text.Json;
using Pipeline.Config;

namespace Pipeline.Topologies;

/// <summary>JSON as the nodes that YAML is read into, with lines. Kept apart from YAML, whose rules for tabs and long keys JSON does not have.</summary>
internal static class JsonNodes
{
    private const int MaxDepth = 64;

    public static bool Looks(string text) => text.AsSpan().TrimStart() is ['{' or '[', ..];

    /// <summary>The value, or several one after the other, as <c>kubectl</c> and <c>jq</c> print them.</summary>
    public static IReadOnlyList<Node> Read(string text, Problems problems)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var reader = new Utf8JsonReader(bytes, new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = MaxDepth, AllowMultipleValues = true });
        var (all, lines) = (new List<Node>(), new Lines(bytes));
        try
        {
            while (reader.Read()) all.Add(Value(ref reader, lines));
        }
        catch (JsonException e)
        {
            problems.Add((int)(e.LineNumber ?? 0) + 1, $"is not JSON: {e.Message}");
            return [];
        }
        return all;
    }

    private static Node Value(ref Utf8JsonReader reader, Lines lines)
    {
        var line = lines.At(reader.TokenStartIndex);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var entries = new List<Node.Entry>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    var (name, at) = (reader.GetString()!, lines.At(reader.TokenStartIndex));
                    reader.Read();
                    entries.Add(new(at, name, Value(ref reader, lines)));
                }
                return new Node.Map(line, entries);
            case JsonTokenType.StartArray:
                var items = new List<Node>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) items.Add(Value(ref reader, lines));
                return new Node.List(line, items);
            case JsonTokenType.String:
                var text = reader.GetString()!;
                return new Node.Scalar(line, text, text, Quoted: true);
            case JsonTokenType.Null: return new Node.Scalar(line, "", "null", Quoted: false);
            default:
                var plain = Encoding.UTF8.GetString(reader.ValueSpan);
                return new Node.Scalar(line, plain, plain, Quoted: false);
        }
    }

    /// <summary>Which line a byte is on; asked in order.</summary>
    private sealed class Lines(byte[] bytes)
    {
        private int at, line = 1;

        public int At(long index)
        {
            for (; at < index; at++)
                if (bytes[at] == '\n') line++;
            return line;
        }
    }
}
