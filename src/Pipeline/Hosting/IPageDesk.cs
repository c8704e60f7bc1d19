namespace Pipeline.Hosting;

/// <summary>What a person may ask of the pagers: a test page, and another try of a page.</summary>
public interface IPageDesk
{
    /// <summary>Sends a test page and waits for the pager's answer; null when no pager has this name.</summary>
    ValueTask<TestAnswer?> TestAsync(string pager, CancellationToken cancel);

    /// <summary>Owes the page again, the same bytes under the same id; false when the log does not hold it.</summary>
    /// <param name="version">The version of its <c>page-decided</c> in the scope's log.</param>
    ValueTask<bool> ResendAsync(int scope, long version, string page, CancellationToken cancel);
}

/// <param name="Answer">What the pager answered, or why it could not be reached, in a line.</param>
public sealed record TestAnswer(string Pager, bool Delivered, string Answer);
