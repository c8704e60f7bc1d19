using Npgsql;
using global::Stores.Marten;
using Xunit;

namespace Pipeline.Tests.Stores.Marten;

public sealed class AddressTests
{
    [Fact]
    public void An_address_is_read_whole()
    {
        var address = Address.Parse("postgres://al%40x:p%2Fw@db.example:6432/alerts?schema=ops_1&sslmode=verify-full&connections=7");
        var read = new NpgsqlConnectionStringBuilder(address.Connection);
        Assert.Equal(("db.example", 6432, "alerts", "al@x", "p/w"), (read.Host, read.Port, read.Database, read.Username, read.Password));
        Assert.Equal((SslMode.VerifyFull, 7, "ops_1"), (read.SslMode, read.MaxPoolSize, address.Schema));
    }

    [Fact]
    public void Every_wait_is_bounded_unless_the_address_says_another_bound()
    {
        var read = new NpgsqlConnectionStringBuilder(Address.Parse("postgresql://localhost/alerts").Connection);
        Assert.Equal((5432, 5, 30, 20), (read.Port, read.Timeout, read.CommandTimeout, read.MaxPoolSize));
        Assert.Contains("statement_timeout", read.Options, StringComparison.Ordinal);
        Assert.Equal(3, new NpgsqlConnectionStringBuilder(Address.Parse("Host=localhost;Command Timeout=3").Connection).CommandTimeout);
    }

    [Theory]
    [InlineData("mysql://localhost/alerts")]
    [InlineData("postgres:///alerts")]
    [InlineData("postgres://localhost/alerts?shcema=x")]
    [InlineData("postgres://localhost/alerts?schema=a;drop")]
    [InlineData("postgres://localhost/alerts?sslmode=maybe")]
    public void What_is_not_one_is_refused(string text) => Assert.Throws<FormatException>(() => Address.Parse(text));
}
