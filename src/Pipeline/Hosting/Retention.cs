using Dedupe.Log;
using Pipeline.Config;
using Projections;

namespace Pipeline.Hosting;

/// <summary>Drops what is past retention, once an hour.</summary>
internal sealed class Retention(RetentionSettings retention, ILog log, Views views, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    public async Task RunAsync(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancel))
            {
                var now = time.GetUtcNow();
                try
                {
                    await log.TrimAsync(now - retention.Deliveries, now - retention.Decisions, retention.MaxBytes, cancel);
                    views.Trim(now - retention.Decisions);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    logger.Failed(e, "dropping what is past retention");
                }
            }
        }
        catch (OperationCanceledException)
        {
            // the process stops
        }
    }
}

/// <summary>A page's frozen body, from the log.</summary>
internal static class PageBodies
{
    /// <summary>Null where the log no longer holds it.</summary>
    public static async ValueTask<string?> LoadAsync(Views views, ILog log, string page)
    {
        if (views.Read(v => v.Pages.Find(page)) is not { } line) return null;
        await foreach (var record in log.ReadDecisionsAsync(line.Scope, line.Version, CancellationToken.None))
            return Dedupe.Deciding.DecisionCodec.Read(record) is Dedupe.Deciding.Decision.PageDecided decided && decided.Page == page ? decided.Body : null;
        return null;
    }
}
