using Pipeline.Demo;
using Xunit;

namespace Pipeline.Tests.Demo;

public sealed class FastTimeTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_minute_passes_in_a_fraction_of_one()
    {
        var time = new FastTime(Start, 600);
        var real = TimeProvider.System.GetTimestamp();
        var before = time.GetTimestamp();
        await Task.Delay(TimeSpan.FromMinutes(1), time);
        Assert.True(time.GetUtcNow() - Start >= TimeSpan.FromSeconds(59));
        Assert.True(time.GetElapsedTime(before) >= TimeSpan.FromSeconds(59));
        Assert.True(TimeProvider.System.GetElapsedTime(real) < TimeSpan.FromSeconds(50));
    }

    [Fact]
    public void It_begins_at_its_start() => Assert.InRange(new FastTime(Start, 2).GetUtcNow(), Start, Start + TimeSpan.FromMinutes(1));
}
