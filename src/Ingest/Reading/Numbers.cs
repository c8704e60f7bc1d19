using System.Buffers.Text;
using System.Text.Json;

namespace Ingest.Reading;

/// <summary>Reads measured values: a number, or a number in quotes. NaN and infinities are no measurement.</summary>
internal static class Numbers
{
    public static bool TryRead(ReadOnlySpan<byte> body, Slot slot, string field, out double? number, out Flaw flaw)
    {
        (number, flaw) = (null, default);
        if (slot.Absent) return true;
        var text = slot.In(body);
        if (slot.IsText) text = text[1..^1];
        if (text.IsEmpty || (slot.IsText && (text.SequenceEqual("NaN"u8) || text.EndsWith("Inf"u8)))) return true;
        if (slot.Type is JsonTokenType.Number or JsonTokenType.String && Parse(text) is { } parsed)
        {
            if (double.IsFinite(parsed)) number = parsed;
            return true;
        }
        flaw = new(field, $"is {slot.Kind}; write a number");
        return false;
    }

    /// <summary>The number in a text that may hold one (an annotation called value); null where it does not.</summary>
    public static double? In(ReadOnlySpan<byte> body, Slot slot) =>
        slot.Type is JsonTokenType.Number or JsonTokenType.String && TryRead(body, slot, "", out var number, out _) ? number : null;

    private static double? Parse(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out double number, out var used) && used == text.Length ? number : null;
}
