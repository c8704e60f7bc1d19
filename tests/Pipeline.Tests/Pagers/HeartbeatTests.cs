using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Pagers;
using Xunit;

namespace Pipeline.Tests.Pagers;

public sealed class HeartbeatTests
{
    [Fact]
    public async Task It_beats_at_once_and_every_interval_stops_while_deciding_lags_and_goes_on_after()
    {
        var time = new SteppedTime();
        await using var listener = await ListeningPager.StartAsync(time);
        using var http = new PagerHttp(time);
        using var stop = new CancellationTokenSource();
        var lag = TimeSpan.Zero;
        var running = new Heartbeat(new(listener.Url, TimeSpan.FromMinutes(1)), http, () => lag, time, NullLogger.Instance).RunAsync(stop.Token);
        await time.UntilAsync(() => listener.Requests.Count == 3);
        Assert.True(listener.Requests[2].At - listener.Requests[0].At > TimeSpan.FromSeconds(60));

        lag = TimeSpan.FromSeconds(30);
        var until = time.GetUtcNow().AddMinutes(10);
        await time.UntilAsync(() => time.GetUtcNow() > until);
        var before = listener.Requests.Count;
        Assert.InRange(before, 3, 4); // one may have been on its way

        lag = TimeSpan.FromSeconds(29);
        listener.Reply = _ => new(500); // which changes nothing
        await time.UntilAsync(() => listener.Requests.Count == before + 2);
        await stop.CancelAsync();
        await running;
    }
}
