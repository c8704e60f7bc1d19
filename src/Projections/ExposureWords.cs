using System.Globalization;
using Dedupe.Log;
using Dedupe.Vocabulary;

namespace Projections;

/// <summary>Who was shown a change, for somebody who has just been woken.</summary>
public static class ExposureWords
{
    /// <summary>As <c>told ops 03-01 03:12:05 (pg_1); acknowledged by ann 03-01 03:14:00</c>, or <c>NOT SEEN; not told ops: ...</c>; times in UTC.</summary>
    public static string Of(Exposure e)
    {
        var told = e.Told.Where(t => t.State == PageState.Sent).Select(t => $"{t.Pager} {Time(t.AnsweredAt ?? t.At)} ({t.Page})").ToList();
        var said = new List<string>();
        if (!e.IsSeen) said.Add("NOT SEEN");
        if (told.Count > 0) said.Add($"told {string.Join(", ", told)}");
        if (e.Acknowledged is { } a) said.Add($"acknowledged by {a.By} {Time(a.At)}");
        said.AddRange(e.Waiting.Select(w => w.Pager is null ? w.Text : $"not told {w.Pager}: {w.Text}"));
        return string.Join("; ", said);
    }

    /// <summary>What became of a page.</summary>
    public static string Of(Told page) => page.State switch
    {
        PageState.Sent => $"sent {Time(page.AnsweredAt ?? page.At)}",
        PageState.Failing => string.Create(CultureInfo.InvariantCulture, $"failing after {Say.Count(page.Attempts, "attempt", "attempts")}: {page.Answer}"),
        PageState.Undeliverable => $"undeliverable: {page.Answer}",
        _ => "not answered yet",
    };

    /// <summary>With the day, since a page may be answered on another one.</summary>
    internal static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
