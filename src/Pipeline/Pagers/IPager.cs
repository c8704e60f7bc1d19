namespace Pipeline.Pagers;

/// <summary>The port to one kind of pager: hands over one page, once. Retries, order and records are <see cref="Dispatch"/>'s.</summary>
public interface IPager
{
    /// <summary>One attempt. May throw what its transport throws; that counts as <see cref="PagerVerdict.TryAgain"/>.</summary>
    Task<PagerAnswer> SendAsync(Page page, CancellationToken cancel);
}

public enum PagerVerdict
{
    /// <summary>The pager has it.</summary>
    Accepted,

    /// <summary>Not now: unreachable, too busy or broken.</summary>
    TryAgain,

    /// <summary>Never: a permanent 4xx, or a page that this pager cannot carry.</summary>
    Refused,
}

/// <summary>What a pager answered to one attempt.</summary>
/// <param name="Line">Status and the beginning of the answer, on one line.</param>
/// <param name="RetryAfter">How long it asked us to wait.</param>
public sealed record PagerAnswer(PagerVerdict Verdict, string Line, TimeSpan? RetryAfter = null);
