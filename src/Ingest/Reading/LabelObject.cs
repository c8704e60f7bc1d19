using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;

namespace Ingest.Reading;

/// <summary>Reads a <c>labels</c> object: names of any script to text, bounded, the last of a repeated name.</summary>
internal static class LabelObject
{
    /// <param name="raw">A whole JSON object, already known to be well formed.</param>
    public static bool TryRead(ReadOnlySpan<byte> raw, IngestLimits limits, List<KeyValuePair<string, string>> labels, out Flaw flaw)
    {
        flaw = default;
        var reader = new Utf8JsonReader(raw, new JsonReaderOptions { MaxDepth = limits.Depth });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (labels.Count >= limits.Labels)
            {
                flaw = new("labels", $"holds more than {limits.Labels} labels; send fewer");
                return false;
            }
            if (!TryDecode(ref reader, limits, out var name, out var problem) || name.Length == 0)
            {
                flaw = new("labels", problem is null ? "has a label without a name" : $"has a name that {problem}");
                return false;
            }
            reader.Read();
            var value = "";
            if (reader.TokenType != JsonTokenType.String) problem = $"is {Slot.Take(ref reader).Kind}; a label is text, put it in quotes";
            else TryDecode(ref reader, limits, out value, out problem);
            if (problem is not null)
            {
                flaw = new("labels." + Shown(name), problem);
                return false;
            }
            Put(labels, name, value);
        }
        return true;
    }

    /// <summary>A name for a path or a message: short.</summary>
    public static string Shown(string name) => name.Length <= 64 ? name : string.Concat(name.AsSpan(0, 64), "…");

    private static void Put(List<KeyValuePair<string, string>> labels, string name, string value)
    {
        for (var i = 0; i < labels.Count; i++)
        {
            if (labels[i].Key != name) continue;
            labels[i] = new(name, value);
            return;
        }
        labels.Add(new(name, value));
    }

    private static bool TryDecode(ref Utf8JsonReader reader, IngestLimits limits, out string text, out string? problem)
    {
        (text, problem) = ("", null);
        var utf8 = reader.ValueSpan;
        byte[]? rented = null;
        try
        {
            // An escape makes text longer, six bytes at most for one: what is over six times the bound is not worth decoding.
            if (reader.ValueIsEscaped && utf8.Length <= 6L * limits.ValueBytes)
            {
                rented = ArrayPool<byte>.Shared.Rent(utf8.Length);
                try
                {
                    utf8 = rented.AsSpan(0, reader.CopyString(rented));
                }
                catch (InvalidOperationException)
                {
                    problem = Texts.NotUtf8;
                    return false;
                }
            }
            if (utf8.Length > limits.ValueBytes) problem = $"is longer than {limits.ValueBytes} bytes; shorten it or make it an annotation";
            else if (utf8.Contains((byte)0)) problem = "holds a NUL character; take it out";
            else if (!Utf8.IsValid(utf8)) problem = Texts.NotUtf8;
            else text = SharedTexts.Labels.Get(utf8);
            return problem is null;
        }
        finally
        {
            if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
