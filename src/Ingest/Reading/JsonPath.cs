using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Ingest.Reading;

/// <summary>Finds where a body breaks, as a path such as <c>alerts[3].labels.host</c>. Only for messages: it reads the body once more.</summary>
internal static class JsonPath
{
    /// <summary>The path of the first value that is not JSON or not UTF-8; null where all is well, empty for the whole.</summary>
    public static string? OfFirstFlaw(ReadOnlySpan<byte> body, int depth)
    {
        // A step is a property's name, or the count of what came before in an array.
        var steps = new Stack<(string? Name, int Index)>();
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = depth });
        try
        {
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.StartObject: steps.Push(("", 0)); break;
                    case JsonTokenType.StartArray: steps.Push((null, 0)); break;
                    case JsonTokenType.PropertyName:
                        steps.Pop();
                        steps.Push((Name(reader.ValueSpan), 0));
                        if (!Utf8.IsValid(reader.ValueSpan)) return Written(steps);
                        break;
                    case JsonTokenType.EndObject or JsonTokenType.EndArray:
                        steps.Pop();
                        Next(steps);
                        break;
                    case JsonTokenType.String when !Utf8.IsValid(reader.ValueSpan):
                        return Written(steps);
                    default: Next(steps); break;
                }
            }
            return null;
        }
        catch (JsonException)
        {
            return Written(steps);
        }
    }

    private static void Next(Stack<(string? Name, int Index)> steps)
    {
        if (!steps.TryPop(out var top)) return;
        steps.Push(top.Name is null ? (null, top.Index + 1) : ("", 0));
    }

    private static string Name(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(Texts.Cut(utf8, 64));

    private static string Written(Stack<(string? Name, int Index)> steps)
    {
        var path = new StringBuilder();
        foreach (var (name, index) in steps.Reverse())
        {
            if (name is null) path.Append('[').Append(index).Append(']');
            else if (name.Length > 0) path.Append(path.Length > 0 ? "." : "").Append(name);
            if (path.Length > 300) break;
        }
        return path.ToString();
    }
}
