using Pipeline.Demo;
using Xunit;

namespace Pipeline.Tests.Demo;

public sealed class FastTimeTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private const double Factor = 600;

    [Fact]
    public async Task A_minute_passes_in_a_fraction_of_one()
    {
        // Every reading lies between two of the machine's clock, so that it does not matter how late, or how many
        // milliseconds early, the machine's own timer is: a hundred of them are this minute.
        var machine = TimeProvider.System;
        var outside = machine.GetTimestamp();
        var time = new FastTime(Start, Factor);
        var inside = machine.GetTimestamp();
        var before = time.GetTimestamp();
        await Task.Delay(TimeSpan.FromMinutes(1), time);
        var least = machine.GetElapsedTime(inside);
        var (now, elapsed) = (time.GetUtcNow() - Start, time.GetElapsedTime(before));
        var most = machine.GetElapsedTime(outside);
        Assert.InRange(now, least * Factor, most * Factor);
        Assert.InRange(elapsed, (least - (most - least)) * Factor * 0.999, most * Factor * 1.001);
        Assert.InRange(least, TimeSpan.FromMilliseconds(80), TimeSpan.FromSeconds(50));
    }

    [Fact]
    public void It_begins_at_its_start() => Assert.InRange(new FastTime(Start, 2).GetUtcNow(), Start, Start + TimeSpan.FromMinutes(1));
}
