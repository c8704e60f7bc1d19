using System.Text;

namespace Ingest.Reading;

/// <summary>Reads times: RFC 3339, and what real senders make of it (no offset, <c>+0000</c>, a space for the T).</summary>
/// <remarks>Our own digits instead of the framework's parser because that one takes a time without offset as local, and costs four times as much.</remarks>
internal static class Dates
{
    private const string Advice = "write RFC 3339, such as 2026-01-31T12:00:00Z";

    /// <summary>True for the year 9999, which senders mean as "never".</summary>
    public static bool IsNever(DateTimeOffset? date) => date is { Year: 9999 };

    /// <summary>A time of something that has happened. Absent, empty and year 1 (Go's zero time) are null.</summary>
    public static bool TryRead(ReadOnlySpan<byte> body, Slot slot, string field, out DateTimeOffset? date, out Flaw flaw)
    {
        if (!TryReadEnd(body, slot, field, out date, out flaw)) return false;
        if (!IsNever(date)) return true;
        (date, flaw) = (null, new(field, $"is in the year 9999; {Advice}"));
        return false;
    }

    /// <summary>A time at which something ends, which may be never.</summary>
    public static bool TryReadEnd(ReadOnlySpan<byte> body, Slot slot, string field, out DateTimeOffset? date, out Flaw flaw)
    {
        (date, flaw) = (null, default);
        if (slot.Absent) return true;
        if (!slot.IsText)
        {
            flaw = new(field, $"is {slot.Kind}, not a time; {Advice}");
            return false;
        }
        var text = body.Slice(slot.Start + 1, slot.Length - 2);
        if (text.IsEmpty || text.StartsWith("0001-"u8)) return true;
        if (TryParse(text, out var parsed))
        {
            date = parsed;
            return true;
        }
        flaw = new(field, $"\"{Shown(text)}\" is not a time; {Advice}");
        return false;
    }

    /// <summary>Parses <c>yyyy-MM-ddTHH:mm:ss[.fraction][Z|±HH:mm|±HHmm]</c>; without an offset it is UTC. The answer is in UTC.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out DateTimeOffset utc)
    {
        utc = default;
        if (text.Length < 19 || text[4] != '-' || text[7] != '-' || text[10] is not ((byte)'T' or (byte)'t' or (byte)' ') || text[13] != ':' || text[16] != ':') return false;
        if (!Digits(text[..4], out var year) || !Digits(text.Slice(5, 2), out var month) || !Digits(text.Slice(8, 2), out var day)) return false;
        if (!Digits(text.Slice(11, 2), out var hour) || !Digits(text.Slice(14, 2), out var minute) || !Digits(text.Slice(17, 2), out var second)) return false;
        if (year == 0 || month is 0 or > 12 || day == 0 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 60) return false;
        var rest = text[19..];
        if (!Fraction(ref rest, out var ticks) || !Offset(rest, out var offset)) return false;
        // A leap second is taken as the second before it.
        var local = new DateTime(year, month, day, hour, minute, Math.Min(second, 59), DateTimeKind.Utc).Ticks + ticks - offset.Ticks;
        if (local < 0) return false;
        utc = new(Math.Min(local, DateTime.MaxValue.Ticks), TimeSpan.Zero);
        return true;
    }

    private static bool Fraction(ref ReadOnlySpan<byte> rest, out long ticks)
    {
        ticks = 0;
        if (rest.IsEmpty || rest[0] is not ((byte)'.' or (byte)',')) return true;
        var end = 1;
        for (var unit = TimeSpan.TicksPerSecond / 10; end < rest.Length && char.IsAsciiDigit((char)rest[end]); end++, unit /= 10)
            ticks += (rest[end] - '0') * unit;
        rest = rest[end..];
        return end > 1;
    }

    private static bool Offset(ReadOnlySpan<byte> rest, out TimeSpan offset)
    {
        offset = TimeSpan.Zero;
        if (rest.IsEmpty || (rest.Length == 1 && rest[0] is (byte)'Z' or (byte)'z')) return true;
        if (rest[0] is not ((byte)'+' or (byte)'-') || rest.Length is not (5 or 6) || (rest.Length == 6 && rest[3] != ':')) return false;
        if (!Digits(rest.Slice(1, 2), out var hours) || !Digits(rest[^2..], out var minutes) || hours > 14 || minutes > 59) return false;
        offset = new TimeSpan(hours, minutes, 0) * (rest[0] == '-' ? -1 : 1);
        return true;
    }

    private static bool Digits(ReadOnlySpan<byte> text, out int number)
    {
        number = 0;
        foreach (var c in text)
        {
            if (!char.IsAsciiDigit((char)c)) return false;
            number = (number * 10) + (c - '0');
        }
        return true;
    }

    private static string Shown(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(Texts.Cut(text, 40));
}
