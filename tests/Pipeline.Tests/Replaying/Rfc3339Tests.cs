using System.Text;
using Pipeline.Replaying;
using Xunit;

namespace Pipeline.Tests.Replaying;

public sealed class Rfc3339Tests
{
    [Theory]
    [InlineData("2026-01-31T12:00:00Z", "2026-01-31T12:00:00.000Z")]
    [InlineData("2026-01-31T12:00:00.1Z", "2026-01-31T12:00:00.100Z")]
    [InlineData("2026-01-31T12:00:00.123987654Z", "2026-01-31T12:00:00.123Z")]
    [InlineData("2026-01-31T12:00:00.5+02:00", "2026-01-31T10:00:00.500Z")]
    [InlineData("2026-01-31 12:00:00", "2026-01-31T12:00:00.000Z")]
    [InlineData("2024-02-29T23:59:59-11:30", "2024-03-01T11:29:59.000Z")]
    public void A_time_is_read_as_UTC_to_the_millisecond(string text, string written)
    {
        Assert.True(Rfc3339.TryRead(text, out var time));
        var bytes = new byte[Rfc3339.Length];
        Rfc3339.Write(time, bytes);
        Assert.Equal(written, Encoding.UTF8.GetString(bytes));
    }

    [Theory]
    [InlineData("")]
    [InlineData("17")]
    [InlineData("1700000000")]
    [InlineData("2025-02-29T00:00:00Z")]
    [InlineData("0001-01-01T00:00:00Z")]
    [InlineData("9999-12-31T23:59:59Z")]
    [InlineData("2026-01-31T24:00:00Z")]
    [InlineData("soon")]
    public void What_is_no_usable_time_is_refused(string text) => Assert.False(Rfc3339.TryRead(text, out _));
}
