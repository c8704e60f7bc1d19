using Dedupe.Log;
using Dedupe.Vocabulary;

namespace Projections;

/// <summary>One page that told somebody of a change, and what became of it.</summary>
/// <param name="At">When it was decided.</param>
/// <param name="AnsweredAt">When the pager answered last; of one that was sent, when it was told.</param>
public sealed record Told(
    string Page, string Pager, string Kind, DateTimeOffset At, PageState State, int Attempts, string? Answer, DateTimeOffset? AnsweredAt);

/// <summary>Why somebody has not been told.</summary>
/// <param name="Why">One of the words of <see cref="Exposure"/>.</param>
/// <param name="Pager">Who has not; null where nobody was to be.</param>
/// <param name="Text">The same for a person, who knows which pager it is about.</param>
public sealed record Waiting(string Why, string? Pager, string Text);

/// <summary>Who was shown a surfaced change: by which pages, whether it was acknowledged, and why it waits where it does.</summary>
/// <param name="Acknowledged">The first acknowledgement that covered it.</param>
public sealed record Exposure(IReadOnlyList<Told> Told, Acknowledgement? Acknowledged, IReadOnlyList<Waiting> Waiting)
{
    /// <summary>Why a change waits: the page that will name it is not decided, not answered, refused for now, or given up; its alert is silenced;
    /// it is not of the kind that pages, or of no severity that anybody takes; nothing is sent at all.</summary>
    public const string Gathering = "gathering", Owed = "owed", Failing = "failing", Undeliverable = "undeliverable", Silenced = "silenced",
        Info = "info", Unrouted = "unrouted", Shadow = "shadow";

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<string> Words = [Gathering, Owed, Failing, Undeliverable, Silenced, Info, Unrouted, Shadow];

    /// <summary>A person has been shown it, as far as anybody can know: a pager took a page that names it, or an acknowledgement covers it.</summary>
    public bool IsSeen => Acknowledged is not null || Told.Any(t => t.State == PageState.Sent);

    /// <param name="tellings">Pages that name it, in decided order.</param>
    /// <param name="acknowledgements">Those of its incident, oldest first.</param>
    public static Exposure Of(SurfacedChange change, IEnumerable<Telling> tellings, IEnumerable<Acknowledgement> acknowledgements, Answered answered)
    {
        var told = tellings.Select(answered.Of).ToList();
        return new(told, acknowledgements.FirstOrDefault(a => a.Seen >= change.Version && a.Version > change.Version), Waits(change, told, answered));
    }

    private static List<Waiting> Waits(SurfacedChange change, List<Told> told, Answered answered)
    {
        if (change.Due.Count == 0 && told.Count == 0) return [ToNobody(change)];
        var waits = new List<Waiting>();
        foreach (var pager in change.Due.Union(told.Select(t => t.Pager)))
        {
            var pages = told.Where(t => t.Pager == pager).ToList();
            if (pages.Exists(t => t.State == PageState.Sent)) continue;
            waits.Add(pages is [.., var last] ? Unanswered(last) : answered.NotPaged(change, pager));
        }
        return waits;
    }

    private static Waiting ToNobody(SurfacedChange change) => change.Severity.ForPaging() < Severity.Warning
        ? new(Info, null, $"{change.Severity.Word()} never pages")
        : new(Unrouted, null, $"no pager takes a {change.Severity.Word()} like this one");

    private static Waiting Unanswered(Told page) => page.State switch
    {
        PageState.Undeliverable when page.Answer == OutcomeRecord.Shadowed => new(Shadow, page.Pager, $"page {page.Page} was decided under --shadow, which sends none"),
        PageState.Undeliverable => new(Undeliverable, page.Pager, $"page {page.Page} was given up: {page.Answer}"),
        PageState.Failing => new(Failing, page.Pager,
            $"page {page.Page} is tried again after {Say.Count(page.Attempts, "attempt", "attempts")}: {page.Answer}"),
        _ => new(Owed, page.Pager, $"page {page.Page} is not answered yet"),
    };
}

/// <summary>The exposures of one incident's changes.</summary>
public sealed class Exposures(IReadOnlyList<Telling> tellings, IReadOnlyList<Acknowledgement> acknowledgements, Answered answered)
{
    private readonly ILookup<long, Telling> naming = tellings.SelectMany(t => t.Named.Select(n => (n, t))).ToLookup(p => p.n, p => p.t);

    public Exposures(IncidentDetail detail, Answered answered) : this(detail.Tellings ?? [], detail.Acknowledgements ?? [], answered) { }

    public Exposure Of(SurfacedChange change) => Exposure.Of(change, naming[change.Ordinal], acknowledgements, answered);
}

/// <summary>What became of pages, as of a time.</summary>
/// <param name="pageOf">A page by its id; null where it is not held.</param>
/// <param name="failing">Pagers that fail now.</param>
/// <param name="latest">How long at most anything waits unsaid.</param>
/// <param name="at">Only what was answered by then; null for now.</param>
/// <param name="early">Outcomes from the log, of pages that are not held any more.</param>
public sealed class Answered(
    Func<string, PageLine?> pageOf, IReadOnlyList<FailingPager> failing, TimeSpan latest, DateTimeOffset? at = null,
    IReadOnlyDictionary<string, OutcomeRecord>? early = null)
{
    public Told Of(Telling telling)
    {
        var (state, attempts, answer, answeredAt) =
            pageOf(telling.Page) is { } page ? (page.State, page.Attempts, page.Answer, page.AnsweredAt)
            : early?.GetValueOrDefault(telling.Page) is { } last ? (last.State, last.Attempts, last.Answer, last.At)
            : (PageState.Owed, 0, null, (DateTimeOffset?)null);
        if (answeredAt > at) (state, attempts, answer, answeredAt) = (PageState.Owed, 0, null, null);
        return new(telling.Page, telling.Pager, telling.Kind, telling.At, state, attempts, answer, answeredAt);
    }

    internal Waiting NotPaged(SurfacedChange change, string pager) =>
        at is null && failing.FirstOrDefault(f => f.Pager == pager) is { } failed
            ? new(Exposure.Failing, pager, $"it fails since {ExposureWords.Time(failed.Since)} UTC and is told when it answers: {failed.Answer}")
            : new(Exposure.Gathering, pager, $"in no page yet: it goes with the next one, within seconds where it is urgent and the budget allows, at latest {ExposureWords.Time(change.At + latest)} UTC");
}
