using Dedupe.Log;

namespace Pipeline.Pagers;

/// <summary>Writes what became of pages, then tells the views.</summary>
internal sealed partial class Outcomes(ILog log, DispatchOptions options)
{
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(1);

    private readonly Running detached = new();

    /// <summary>Once.</summary>
    public async Task WriteAsync(OutcomeRecord outcome, CancellationToken cancel)
    {
        await log.AppendOutcomesAsync([outcome], cancel);
        try
        {
            options.Tell(outcome);
        }
        catch (Exception e)
        {
            NotTold(options.Logger, e, outcome.PageId); // the log has it: a view that stopped must not have it written again and again
        }
    }

    /// <summary>
    /// Until the log has it: a page that was sent must not go out again because the disk was full for a moment. Stops with the process.
    /// </summary>
    public async Task WriteForSureAsync(OutcomeRecord outcome, CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                await WriteAsync(outcome, cancel);
                return;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                NotWritten(options.Logger, e, outcome.PageId, outcome.State);
                await Task.Delay(Again, options.Time, cancel);
            }
        }
    }

    /// <summary>For an outcome that nothing waits for.</summary>
    public Task NotedAsync(OutcomeRecord outcome, CancellationToken cancel) =>
        detached.Start(() => WriteForSureAsync(outcome, cancel));

    public Task StoppedAsync() => detached.StoppedAsync();

    [LoggerMessage(Level = LogLevel.Warning, Message = "What became of page {Page} ({State}) could not be recorded; trying again")]
    private static partial void NotWritten(ILogger logger, Exception why, string page, PageState state);

    [LoggerMessage(Level = LogLevel.Error, Message = "A view failed on what became of page {Page}")]
    private static partial void NotTold(ILogger logger, Exception why, string page);
}
