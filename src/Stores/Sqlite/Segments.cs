using System.Globalization;

namespace Stores.Sqlite;

/// <summary>A daily or monthly table, by the name that its time gives it.</summary>
/// <param name="Period">Inputs: yyyyMMdd; decisions: yyyyMM. Both order as numbers.</param>
internal readonly record struct Segment(string Kind, int Period) : IComparable<Segment>
{
    public const string Inputs = "inputs", Decisions = "decisions";

    public string Table => Kind == Inputs ? $"{Kind}_{Period:D8}" : $"{Kind}_{Period:D6}";

    /// <summary>The first moment after it.</summary>
    public DateTimeOffset End => Kind == Inputs
        ? new DateTimeOffset(Period / 10_000, Period / 100 % 100, Period % 100, 0, 0, 0, TimeSpan.Zero).AddDays(1)
        : new DateTimeOffset(Period / 100, Period % 100, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(1);

    public static Segment OfInputs(DateTimeOffset at) =>
        new(Inputs, (at.UtcDateTime.Year * 10_000) + (at.UtcDateTime.Month * 100) + at.UtcDateTime.Day);

    public static Segment OfDecisions(DateTimeOffset at) => new(Decisions, (at.UtcDateTime.Year * 100) + at.UtcDateTime.Month);

    /// <summary>Null for a table that is no segment.</summary>
    public static Segment? Parse(string table) =>
        table.Split('_') is [Inputs or Decisions, var digits]
            && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var period)
            ? new(table[..table.IndexOf('_', StringComparison.Ordinal)], period)
            : null;

    public int CompareTo(Segment other) => Period.CompareTo(other.Period);
}

/// <summary>A row's integer key: the scope above, its number below. Appends go to the end of a scope's range; no second index.</summary>
internal static class Key
{
    private const int Shift = 48;

    public static long Of(int scope, long number) => ((long)scope << Shift) | number;

    public static long First(int scope) => Of(scope, 0);

    public static long Last(int scope) => Of(scope, (1L << Shift) - 1);

    public static long Number(long key) => key & ((1L << Shift) - 1);
}
