using Dedupe.Rules;
using Pipeline.Config;

namespace Pipeline.Tuning;

/// <summary>A rule that <c>tune</c> turns, by its key in the configuration, and the values that it tries: few, and far enough apart to differ.</summary>
/// <param name="Steps">As the configuration writes them, from low to high.</param>
internal sealed record Knob(string Key, IReadOnlyList<string> Steps, Func<RuleSet, string> Read, Func<RuleSet, string, RuleSet> Turn)
{
    /// <summary>The ones that change how often or how late people are paged. What decides what an identity is, or who is paged, is no matter of taste.</summary>
    public static readonly IReadOnlyList<Knob> All =
    [
        Duration("group.within", ["1m", "5m", "15m", "1h"], r => r.Group.Within, (r, v) => r with { Group = r.Group with { Within = v } }),
        Duration("page.gather", ["0s", "2s", "10s", "30s", "1m"], r => r.Page.Gather, (r, v) => r with { Page = r.Page with { Gather = v } }),
        Count("page.budget", ["1", "3", "6", "12"], r => r.Page.Budget, (r, v) => r with { Page = r.Page with { Budget = v } }),
        Duration("page.latest", ["1m", "5m", "15m"], r => r.Page.Latest, (r, v) => r with { Page = r.Page with { Latest = v } }),
        Duration("surface.episode", ["5m", "10m", "30m", "2h"], r => r.Surface.Episode, (r, v) => r with { Surface = r.Surface with { Episode = v } }),
        Duration("surface.return", ["1h", "4h", "8h", "1d"], r => r.Surface.Return, (r, v) => r with { Surface = r.Surface with { Return = v } }),
        Duration("identity.expire", ["15m", "1h", "4h"], r => r.Identity.Expire, (r, v) => r with { Identity = r.Identity with { Expire = v } }),
        Duration("incident.settle", ["1m", "5m", "15m"], r => r.Incident.Settle, (r, v) => r with { Incident = r.Incident with { Settle = v } }),
    ];

    /// <summary>The same knob with the value that is in force among its steps.</summary>
    public Knob With(RuleSet rules)
    {
        var now = Read(rules);
        return Steps.Contains(now) ? this : this with { Steps = [.. Steps.Append(now).OrderBy(Size)] };
    }

    private static double Size(string step) => Durations.TryParse(step, out var span) ? span.TotalSeconds : double.Parse(step, System.Globalization.CultureInfo.InvariantCulture);

    private static Knob Duration(string key, string[] steps, Func<RuleSet, TimeSpan> read, Func<RuleSet, TimeSpan, RuleSet> turn) =>
        new(key, steps, r => Durations.Write(read(r)), (r, text) => turn(r, Durations.TryParse(text, out var span) ? span : throw new System.Diagnostics.UnreachableException()));

    private static Knob Count(string key, string[] steps, Func<RuleSet, int> read, Func<RuleSet, int, RuleSet> turn) =>
        new(key, steps, r => read(r).ToString(System.Globalization.CultureInfo.InvariantCulture), (r, text) => turn(r, int.Parse(text, System.Globalization.CultureInfo.InvariantCulture)));
}
