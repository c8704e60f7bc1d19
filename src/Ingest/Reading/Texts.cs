using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Ingest.Reading;

/// <summary>Decodes text values: bounded, UTF-8 checked, and without a new string where the last one still fits.</summary>
internal static class Texts
{
    /// <summary>Text for people: cut at <paramref name="maxBytes"/> on a character boundary; a NUL becomes U+FFFD. Numbers and booleans as written.</summary>
    /// <param name="last">The text that this field held last time; given back where it is the same.</param>
    public static bool TryRead(ReadOnlySpan<byte> body, Slot slot, string field, int maxBytes, string? last, out string? text, out Flaw flaw)
    {
        (text, flaw) = (null, default);
        switch (slot.Type)
        {
            case JsonTokenType.None or JsonTokenType.Null:
                return true;
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                flaw = new(field, $"is {slot.Kind}; write text");
                return false;
            case JsonTokenType.String when slot.Escaped:
                if (!TryReadEscaped(slot.In(body), field, maxBytes, out text, out flaw)) return false;
                text = text!.Replace('\0', '\uFFFD');
                return true;
            case JsonTokenType.String:
                var utf8 = Cut(body.Slice(slot.Start + 1, slot.Length - 2), maxBytes);
                if (last is not null && last.Length == utf8.Length && Ascii.Equals(utf8, last)) text = last;
                else if (Utf8.IsValid(utf8)) text = Encoding.UTF8.GetString(utf8);
                else flaw = new(field, NotUtf8);
                return text is not null;
            default:
                text = Encoding.UTF8.GetString(slot.In(body));
                return true;
        }
    }

    /// <summary>Text that says what alerts: whole, so what is too long or holds a NUL is a flaw and not cut or replaced.</summary>
    public static bool TryReadLabel(ReadOnlySpan<byte> body, Slot slot, string field, int maxBytes, out string? text, out Flaw flaw)
    {
        var read = slot is { IsText: true, Escaped: true }
            ? TryReadEscaped(slot.In(body), field, maxBytes + 1, out text, out flaw)
            : TryRead(body, slot, field, maxBytes + 1, null, out text, out flaw);
        if (!read || text is null) return read;
        if (text.Contains('\0', StringComparison.Ordinal)) flaw = new(field, "holds a NUL character; take it out");
        else if (Encoding.UTF8.GetByteCount(text) > maxBytes) flaw = new(field, $"is longer than {maxBytes} bytes; shorten it");
        return flaw.Problem is null;
    }

    public const string NotUtf8 = "is not UTF-8; send the body as UTF-8";

    /// <summary>The longest start of at most <paramref name="maxBytes"/> that does not split a character.</summary>
    public static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> utf8, int maxBytes)
    {
        if (utf8.Length <= maxBytes) return utf8;
        var end = maxBytes;
        while (end > 0 && (utf8[end] & 0xC0) == 0x80) end--;
        return utf8[..end];
    }

    /// <summary>Unescapes a quoted JSON string; false where it escapes half a surrogate pair or is not UTF-8.</summary>
    public static bool TryUnescape(ReadOnlySpan<byte> quoted, Span<byte> into, out int written)
    {
        written = 0;
        try
        {
            var reader = new Utf8JsonReader(quoted);
            reader.Read();
            written = reader.CopyString(into);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static bool TryReadEscaped(ReadOnlySpan<byte> quoted, string field, int maxBytes, out string? text, out Flaw flaw)
    {
        var rented = ArrayPool<byte>.Shared.Rent(quoted.Length);
        try
        {
            if (TryUnescape(quoted, rented, out var written))
            {
                (text, flaw) = (Encoding.UTF8.GetString(Cut(rented.AsSpan(0, written), maxBytes)), default);
                return true;
            }
            (text, flaw) = (null, new(field, NotUtf8));
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
