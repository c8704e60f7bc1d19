using Pipeline.Config;

namespace Pipeline.Pagers;

/// <summary>The outbound dead-man call: somebody else notices when it stops coming, as it does while deciding lags.</summary>
/// <param name="lag">How far deciding is behind what was recorded.</param>
public sealed partial class Heartbeat(HeartbeatSettings settings, PagerHttp http, Func<TimeSpan> lag, TimeProvider time, ILogger logger)
{
    /// <summary>From this lag on the call is left out.</summary>
    public static readonly TimeSpan LagThatStops = TimeSpan.FromSeconds(30);

    /// <summary>Calls at once, then at every interval, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(settings.Every, time);
        try
        {
            do await BeatAsync(cancel);
            while (await timer.WaitForNextTickAsync(cancel));
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // the process stops, and so does the heartbeat
        }
    }

    private async Task BeatAsync(CancellationToken cancel)
    {
        if (lag() is var behind && behind >= LagThatStops)
        {
            LeftOut(logger, behind);
            return;
        }
        try
        {
            if ((await http.GetAsync(settings.Url, cancel)).Verdict != PagerVerdict.Accepted) PagerMeter.HeartbeatFailed();
        }
        catch (Exception) when (!cancel.IsCancellationRequested)
        {
            PagerMeter.HeartbeatFailed(); // counted and nothing else: whoever waits for the call is the one to say so
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The heartbeat is left out: deciding lags by {Lag}")]
    private static partial void LeftOut(ILogger logger, TimeSpan lag);
}
