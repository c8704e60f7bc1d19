using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Pipeline.Config;

/// <summary>Durations as Prometheus writes them: <c>5m</c>, <c>1h30m</c>, <c>500ms</c>, <c>1d</c>.</summary>
/// <remarks>Source: prometheus/common <c>model.ParseDuration</c>: units from large to small, each at most once, a year is 365 days, a bare 0 is allowed.</remarks>
public static partial class Durations
{
    private static readonly (string Unit, TimeSpan Length)[] Units =
    [
        ("y", TimeSpan.FromDays(365)), ("w", TimeSpan.FromDays(7)), ("d", TimeSpan.FromDays(1)), ("h", TimeSpan.FromHours(1)),
        ("m", TimeSpan.FromMinutes(1)), ("s", TimeSpan.FromSeconds(1)), ("ms", TimeSpan.FromMilliseconds(1)),
    ];

    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        if (text == "0") return true;
        if (text.Length is 0 or > 64 || Pattern().Match(text) is not { Success: true } match) return false;
        var total = 0m;
        foreach (var (unit, length) in Units)
            if (match.Groups[unit] is { Success: true } number) total += decimal.Parse(number.ValueSpan, CultureInfo.InvariantCulture) * length.Ticks;
        if (total > TimeSpan.MaxValue.Ticks) return false;
        duration = TimeSpan.FromTicks((long)total);
        return true;
    }

    /// <summary>The shortest exact writing in days and less.</summary>
    public static string Write(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero) return "0s";
        var text = new StringBuilder();
        var rest = duration.Ticks;
        foreach (var (unit, length) in Units[2..])
        {
            if (rest / length.Ticks is var whole and > 0) text.Append(CultureInfo.InvariantCulture, $"{whole}{unit}");
            rest %= length.Ticks;
        }
        return text.Length == 0 ? "1ms" : text.ToString();
    }

    /// <summary>What somebody who wrote "5 mins" or a bare number most likely meant; null where that is anyone's guess.</summary>
    internal static string? Guess(string text)
    {
        if (Loose().Match(text) is not { Success: true } match || !decimal.TryParse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture, out var number)) return null;
        var unit = match.Groups[2].Value.ToLowerInvariant() switch
        {
            "ms" or "msec" or "msecs" or "millisecond" or "milliseconds" => TimeSpan.FromMilliseconds(1),
            "" or "s" or "sec" or "secs" or "second" or "seconds" => TimeSpan.FromSeconds(1),
            "m" or "min" or "mins" or "minute" or "minutes" => TimeSpan.FromMinutes(1),
            "h" or "hr" or "hrs" or "hour" or "hours" => TimeSpan.FromHours(1),
            "d" or "day" or "days" => TimeSpan.FromDays(1),
            "w" or "week" or "weeks" => TimeSpan.FromDays(7),
            _ => TimeSpan.Zero,
        };
        return unit > TimeSpan.Zero && number * unit.Ticks is > 0 and < long.MaxValue ? Write(TimeSpan.FromTicks((long)(number * unit.Ticks))) : null;
    }

    [GeneratedRegex(
        @"\A(?:(?<y>[0-9]{1,9})y)?(?:(?<w>[0-9]{1,9})w)?(?:(?<d>[0-9]{1,9})d)?(?:(?<h>[0-9]{1,9})h)?" +
        @"(?:(?<m>[0-9]{1,9})m)?(?:(?<s>[0-9]{1,9})s)?(?:(?<ms>[0-9]{1,12})ms)?\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();

    [GeneratedRegex(@"\A\s*([0-9]{1,9}(?:\.[0-9]{1,3})?)\s*([A-Za-z]*)\s*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Loose();
}
