using System.Globalization;
using System.Text.RegularExpressions;

namespace Pipeline.Config;

/// <summary>Sizes in bytes: <c>4MiB</c>, <c>4 MiB</c>, <c>10GB</c>, or a plain number.</summary>
public static partial class Sizes
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB"];

    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        if (Pattern().Match(text) is not { Success: true } match) return false;
        var unit = match.Groups[2].Value.ToUpperInvariant();
        var power = unit.Length == 0 ? 0 : "BKMGT".IndexOf(unit[0], StringComparison.Ordinal);
        var factor = (decimal)Math.Pow(unit.EndsWith("IB", StringComparison.Ordinal) ? 1024 : 1000, power);
        var total = decimal.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) * factor;
        if (total > long.MaxValue) return false;
        bytes = (long)total;
        return true;
    }

    public static string Write(long bytes)
    {
        var unit = 0;
        for (; unit < Units.Length - 1 && bytes >= 1024 && bytes % 1024 == 0; unit++) bytes /= 1024;
        return string.Create(CultureInfo.InvariantCulture, $"{bytes}{Units[unit]}");
    }

    [GeneratedRegex(@"\A([0-9]{1,15}) ?(B|[KMGT]i?B)?\z", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Pattern();
}
