using System.Net;
using Pipeline.Config;
using Pipeline.Pagers;
using Xunit;

namespace Pipeline.Tests.Pagers;

public sealed class PagerHttpTests
{
    [Theory]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("http://169.254.7.7:8080/")]
    [InlineData("http://[fe80::1]/")]
    [InlineData("http://[fd00:ec2::254]/")]
    [InlineData("http://[::ffff:169.254.169.254]/")]
    [InlineData("http://[64:ff9b::169.254.169.254]/")]
    [InlineData("http://2852039166/")] // 169.254.169.254 as one number
    [InlineData("http://0xa9.0xfe.0xa9.0xfe/")]
    [InlineData("http://metadata.google.internal/")]
    [InlineData("http://METADATA.google.internal./")]
    [InlineData("ftp://127.0.0.1/")]
    public async Task Link_local_and_metadata_addresses_are_refused(string url)
    {
        using var http = new PagerHttp(TimeProvider.System);
        Assert.Equal(PagerVerdict.Refused, (await http.PostJsonAsync(new(url), "{}"u8.ToArray(), [], default)).Verdict);
    }

    [Theory]
    [InlineData("169.254.169.254")]
    [InlineData("fe80::1")]
    [InlineData("::ffff:169.254.1.1")]
    public async Task A_name_that_leads_to_one_is_refused_when_connecting(string address)
    {
        using var http = new PagerHttp(TimeProvider.System, (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback, IPAddress.Parse(address)]));
        var answer = await http.PostJsonAsync(new("http://pager.example:9/"), "{}"u8.ToArray(), [], default);
        Assert.Equal(PagerVerdict.Refused, answer.Verdict);
        Assert.Contains("pager.example", answer.Line);
    }

    [Fact]
    public async Task A_name_that_leads_to_loopback_is_called()
    {
        await using var pager = await ListeningPager.StartAsync();
        using var http = new PagerHttp(TimeProvider.System, (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]));
        var answer = await http.PostJsonAsync(new($"http://pager.example:{pager.Url.Port}/"), "{}"u8.ToArray(), [], default);
        Assert.Equal(PagerVerdict.Accepted, answer.Verdict);
    }

    [Fact]
    public async Task A_redirect_is_not_followed_and_says_where_it_led()
    {
        await using var pager = await ListeningPager.StartAsync();
        pager.Reply = _ => new(307, "", null, ("Location", "http://169.254.169.254/"));
        using var http = new PagerHttp(TimeProvider.System);
        var answer = await http.PostJsonAsync(pager.Url, "{}"u8.ToArray(), [], default);
        Assert.Equal(PagerVerdict.TryAgain, answer.Verdict);
        Assert.Contains("redirects are not followed", answer.Line);
        Assert.Single(pager.Requests);
    }

    [Fact]
    public async Task Of_a_long_answer_the_first_200_characters_are_kept()
    {
        await using var pager = await ListeningPager.StartAsync();
        pager.Reply = _ => new(200, new('ä', 1_000_000));
        using var http = new PagerHttp(TimeProvider.System);
        var answer = await http.PostJsonAsync(pager.Url, "{}"u8.ToArray(), [], default);
        Assert.Equal("200 OK: ".Length + 200, answer.Line.Length);
        Assert.EndsWith("ää...", answer.Line);
    }

    [Fact]
    public async Task Nobody_listening_is_a_failure_to_try_again()
    {
        var pager = await ListeningPager.StartAsync();
        await pager.DisposeAsync();
        using var http = new PagerHttp(TimeProvider.System);
        var answer = await http.PostJsonAsync(pager.Url, "{}"u8.ToArray(), [], default);
        Assert.Equal(PagerVerdict.TryAgain, answer.Verdict);
        Assert.Contains("refused", answer.Line, StringComparison.OrdinalIgnoreCase);
    }
}
