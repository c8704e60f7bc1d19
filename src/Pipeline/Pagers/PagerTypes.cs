using Dedupe.Log;
using Pipeline.Config;

namespace Pipeline.Pagers;

/// <summary>What a pager may need from around it.</summary>
/// <param name="Terminal">Where the <c>log</c> pager prints.</param>
/// <param name="Colour">True when the terminal is one that shows colours.</param>
public sealed record PagerSurroundings(PagerHttp Http, ILog Log, TimeProvider Time, TextWriter Terminal, bool Colour);

/// <summary>The kinds of pager, a line each.</summary>
public static class PagerTypes
{
    public sealed record Kind(PagerType Type, Type Class, Func<PagerSettings, PagerSurroundings, IPager> Make);

    public static readonly IReadOnlyList<Kind> All =
    [
        new(PagerType.Webhook, typeof(WebhookPager), (settings, around) => new WebhookPager(settings, around.Http, around.Time)),
        new(PagerType.Slack, typeof(SlackPager), (settings, around) => new SlackPager(settings, around.Http)),
        new(PagerType.PagerDuty, typeof(PagerDutyPager), (settings, around) => new PagerDutyPager(settings, around.Http, around.Log)),
        new(PagerType.Log, typeof(LogPager), (_, around) => new LogPager(around.Terminal, around.Colour)),
    ];

    /// <summary>The configured pagers by name. None configured: one <c>log</c> pager named <c>default</c>.</summary>
    public static IReadOnlyDictionary<string, IPager> Make(IReadOnlyList<PagerSettings> settings, PagerSurroundings around)
    {
        IReadOnlyList<PagerSettings> named = settings.Count > 0 ? settings : [new("default", PagerType.Log)];
        return named.ToDictionary(s => s.Name, s => All.Single(kind => kind.Type == s.Type).Make(s, around), StringComparer.Ordinal);
    }
}
