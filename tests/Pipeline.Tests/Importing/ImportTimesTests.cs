using Pipeline.Importing;
using Xunit;

namespace Pipeline.Tests.Importing;

public sealed class ImportTimesTests
{
    [Theory]
    [InlineData("2026-01-31T12:00:00Z")]
    [InlineData("2026-01-31T12:00:00.000123Z")]
    [InlineData("2026-01-31T13:00:00+01:00")]
    [InlineData("2026-01-31 12:00:00")]
    [InlineData("2026-01-31 12:00")]
    [InlineData(" 2026-01-31 12:00:00 UTC ")]
    [InlineData("[2026-01-31 07:00:00 -05:00]")]
    [InlineData("2026/01/31 12:00:00")]
    [InlineData("31.01.2026 12:00")]
    [InlineData("31/Jan/2026:12:00:00 +00:00")]
    [InlineData("Jan 31, 2026 12:00 PM")]
    [InlineData("Sat, 31 Jan 2026 12:00:00 GMT")]
    [InlineData("1769860800")]
    [InlineData("1769860800.0004")]
    [InlineData("1769860800000")]
    [InlineData("1769860800000000")]
    [InlineData("1769860800000000000")]
    public void Noon_is_read_however_it_is_written(string text)
    {
        Assert.True(ImportTimes.TryRead(text, out var time));
        Assert.Equal(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero), time);
        Assert.Equal(TimeSpan.Zero, time.Offset);
    }

    [Theory]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("12")]
    [InlineData("01/02/2026 12:00")]
    [InlineData("1-2-2026")]
    [InlineData("0001-01-01T00:00:00Z")]
    [InlineData("-5")]
    [InlineData("2026-13-01 12:00")]
    public void What_is_no_time_or_may_be_two_is_none(string text) => Assert.False(ImportTimes.TryRead(text, out _));

    [Fact]
    public void A_shape_that_is_named_settles_it()
    {
        Assert.True(ImportTimes.TryRead("01/02/2026 12:00", "dd/MM/yyyy HH:mm", out var time));
        Assert.Equal(2, time.Month);
        Assert.False(ImportTimes.TryRead("2026-02-01", "dd/MM/yyyy HH:mm", out _));
    }
}
