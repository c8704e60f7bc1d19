using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Pipeline.Replaying;

/// <summary>Times in replay files: read leniently and never by the machine's time zone, written as UTC, <c>Z</c>, three decimals.</summary>
public static class Rfc3339
{
    /// <summary>Bytes that <see cref="Write"/> writes.</summary>
    public const int Length = 24;

    // Beyond these a time is a broken clock: one line from the year 9999 would drag every later line there.
    private static readonly DateTimeOffset Earliest = new(1970, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Latest = new(2200, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Whole milliseconds, UTC; a time without an offset is UTC. False for what is no time between 1970 and 2200.</summary>
    public static bool TryRead(ReadOnlySpan<byte> text, out DateTimeOffset time)
    {
        if (!TryReadPlain(text, out time) && !TryReadAny(text, out time)) return false;
        time = new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);
        if (time >= Earliest && time < Latest) return true;
        time = default;
        return false;
    }

    public static bool TryRead(string text, out DateTimeOffset time) => TryRead(Encoding.UTF8.GetBytes(text), out time);

    /// <summary>Writes <see cref="Length"/> bytes.</summary>
    public static void Write(DateTimeOffset time, Span<byte> to)
    {
        var utc = time.UtcDateTime;
        var (year, month, day) = utc;
        Digits(to, 0, 4, year);
        to[4] = (byte)'-';
        Digits(to, 5, 2, month);
        to[7] = (byte)'-';
        Digits(to, 8, 2, day);
        to[10] = (byte)'T';
        Digits(to, 11, 2, utc.Hour);
        to[13] = (byte)':';
        Digits(to, 14, 2, utc.Minute);
        to[16] = (byte)':';
        Digits(to, 17, 2, utc.Second);
        to[19] = (byte)'.';
        Digits(to, 20, 3, utc.Millisecond);
        to[23] = (byte)'Z';
    }

    /// <summary>The common shape by hand: <c>2026-01-31T12:00:00[.fff...]Z</c>.</summary>
    private static bool TryReadPlain(ReadOnlySpan<byte> text, out DateTimeOffset time)
    {
        time = default;
        if (text.Length < 20 || text[^1] != 'Z' || text[10] != 'T' || text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':') return false;
        if (!Number(text[..4], out var year) || !Number(text[5..7], out var month) || !Number(text[8..10], out var day)) return false;
        if (!Number(text[11..13], out var hour) || !Number(text[14..16], out var minute) || !Number(text[17..19], out var second)) return false;
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59) return false;
        var millisecond = 0;
        if (text.Length > 20)
        {
            var fraction = text[20..^1];
            if (text[19] != '.' || fraction.IsEmpty || !Number(fraction[..Math.Min(3, fraction.Length)], out millisecond)) return false;
            for (var i = fraction.Length; i < 3; i++) millisecond *= 10;
            if (fraction.Length > 3 && fraction[3..].IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0) return false;
        }
        time = new(year, month, day, hour, minute, second, millisecond, TimeSpan.Zero);
        return true;
    }

    private static bool TryReadAny(ReadOnlySpan<byte> text, out DateTimeOffset time)
    {
        time = default;
        if (text.Length is 0 or > 64) return false;
        // A bare number would be read as a day or a year.
        if (Utf8Parser.TryParse(text, out double _, out var used) && used == text.Length) return false;
        return DateTimeOffset.TryParse(
            Encoding.UTF8.GetString(text), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
    }

    private static bool Number(ReadOnlySpan<byte> digits, out int number)
    {
        number = 0;
        foreach (var digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'9') return false;
            number = (number * 10) + (digit - '0');
        }
        return true;
    }

    private static void Digits(Span<byte> to, int at, int count, int number)
    {
        for (var i = at + count - 1; i >= at; i--, number /= 10) to[i] = (byte)('0' + (number % 10));
    }
}
