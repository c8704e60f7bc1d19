using Dedupe.Deciding;

namespace Dedupe.Paging;

/// <summary>The kinds of page, as written.</summary>
internal static class PageKind
{
    public const string Opened = "opened", Changed = "changed", Resolved = "resolved", Reminder = "reminder";
}

/// <summary>How many pages an incident may send one pager: so many at once, then one a minute. Delays, never drops.</summary>
internal static class Budget
{
    private const double GivenBackMs = 60_000;

    /// <summary>Pages spent and not yet given back.</summary>
    public static double Spent(Desk desk, long at) => Math.Max(0, desk.Spent - Math.Max(0, at - desk.SpentAt) / GivenBackMs);

    /// <summary>When the next page is within the budget.</summary>
    public static long FreeAt(Desk desk, int budget)
    {
        var over = desk.Spent - (budget - 1);
        return over <= 0 ? desk.SpentAt : desk.SpentAt + (long)Math.Ceiling(over * GivenBackMs);
    }
}
