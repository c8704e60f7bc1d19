using System.Globalization;
using System.Text.Json;
using Pipeline.Replaying;

namespace Pipeline.Importing;

/// <summary>Times as other systems write them. Without an offset they are UTC.</summary>
internal static class ImportTimes
{
    private static readonly string[] Written =
    [
        "yyyy-MM-dd HH:mm:ss 'UTC'", "yyyy-MM-dd HH:mm:ss zzz", "yyyy-MM-dd HH:mm:ss,fff", "yyyy/MM/dd HH:mm:ss", "yyyy/MM/dd HH:mm:ss.ffffff", "yyyy/MM/dd HH:mm",
        "dd.MM.yyyy HH:mm:ss", "dd.MM.yyyy HH:mm", "dd/MMM/yyyy:HH:mm:ss zzz", "MMM d, yyyy HH:mm:ss", "MMM d, yyyy h:mm:ss tt", "MMM d, yyyy h:mm tt",
    ];

    /// <summary>A text or a number in JSON.</summary>
    public static bool TryRead(JsonElement value, out DateTimeOffset time)
    {
        time = default;
        return value.ValueKind switch
        {
            JsonValueKind.String => TryRead(value.Text() ?? "", out time),
            JsonValueKind.Number => TryReadNumber(value.GetDouble(), out time),
            _ => false,
        };
    }

    /// <summary>RFC 3339 and its relatives, seconds to nanoseconds since 1970, and shapes that can be read in one way only.</summary>
    public static bool TryRead(string text, out DateTimeOffset time)
    {
        time = default;
        text = text.Trim().Trim('[', ']').Trim();
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return TryReadNumber(number, out time);
        foreach (var format in Written)
            if (TryRead(text, format, out time)) return true;
        // 01/02/2026 is January to some and February to others: nobody should guess.
        return !IsAmbiguous(text) && Rfc3339.TryRead(text, out time);
    }

    /// <param name="format">A .NET format, such as <c>dd/MM/yyyy HH:mm</c>.</param>
    public static bool TryRead(string text, string format, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text.Trim(), format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time)
        && Bounded(ref time);

    private static bool TryReadNumber(double number, out DateTimeOffset time)
    {
        // The unit by its size: seconds since 1970 have ten digits until the year 2286.
        var seconds = number switch { < 1e11 => number, < 1e14 => number / 1e3, < 1e17 => number / 1e6, _ => number / 1e9 };
        time = default;
        // Below it, 1973, it is a number of something else.
        if (!(seconds is > 1e8 and < 7e9)) return false;
        time = DateTimeOffset.UnixEpoch.AddMilliseconds(Math.Floor(Math.Round(seconds * 1000, 3)));
        return Bounded(ref time);
    }

    private static bool IsAmbiguous(string text) =>
        text.IndexOf('/', StringComparison.Ordinal) is 1 or 2 || (text.IndexOf('-', StringComparison.Ordinal) is 1 or 2 && char.IsAsciiDigit(text[0]));

    /// <summary>Whole milliseconds, in the years that a replay takes.</summary>
    private static bool Bounded(ref DateTimeOffset time)
    {
        Span<byte> utf8 = stackalloc byte[Rfc3339.Length];
        Rfc3339.Write(time, utf8);
        return Rfc3339.TryRead(utf8, out time);
    }
}
