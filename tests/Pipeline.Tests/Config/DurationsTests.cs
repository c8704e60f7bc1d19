using Pipeline.Config;
using Xunit;

namespace Pipeline.Tests.Config;

public sealed class DurationsTests
{
    [Theory]
    [InlineData("5m", 300_000)]
    [InlineData("2s", 2_000)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("500ms", 500)]
    [InlineData("1d", 86_400_000)]
    [InlineData("1w2d", 777_600_000)]
    [InlineData("0", 0)]
    [InlineData("1y", 31_536_000_000)]
    public void Prometheus_style_is_read(string text, long milliseconds)
    {
        Assert.True(Durations.TryParse(text, out var duration));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), duration);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("5 m")]
    [InlineData("1.5h")]
    [InlineData("30m1h")]
    [InlineData("1m1m")]
    [InlineData("-1m")]
    [InlineData("5m\n")]
    [InlineData("٥m")]
    [InlineData("999999999y")]
    public void Anything_else_is_not(string text) => Assert.False(Durations.TryParse(text, out _));

    [Theory]
    [InlineData("1h30m")]
    [InlineData("400d")]
    [InlineData("500ms")]
    [InlineData("1d2h3m4s5ms")]
    [InlineData("0s")]
    public void What_is_written_is_read_again(string text)
    {
        Assert.True(Durations.TryParse(text, out var duration));
        Assert.Equal(text, Durations.Write(duration));
    }

    [Theory]
    [InlineData("4MiB", 4 << 20)]
    [InlineData("4 MiB", 4 << 20)]
    [InlineData("4MB", 4_000_000)]
    [InlineData("512", 512)]
    [InlineData("1KiB", 1_024)]
    public void Sizes_are_read_in_powers_of_1024_and_of_1000(string text, long bytes)
    {
        Assert.True(Sizes.TryParse(text, out var size));
        Assert.Equal(bytes, size);
    }
}
