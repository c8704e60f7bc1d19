using Pipeline.Config;
using Pipeline.Pagers;
using Xunit;

namespace Pipeline.Tests.Pagers;

public sealed class PagerTypesTests
{
    [Fact]
    public void Every_pager_has_a_line_in_the_list() =>
        Assert.Equal(
            typeof(IPager).Assembly.GetTypes().Where(t => t.IsAssignableTo(typeof(IPager)) && !t.IsInterface).OrderBy(t => t.Name),
            PagerTypes.All.Select(kind => kind.Class).OrderBy(t => t.Name));

    [Fact]
    public void Every_configurable_type_has_one_pager() =>
        Assert.Equal(Enum.GetValues<PagerType>().Order(), PagerTypes.All.Select(kind => kind.Type).Order());

    [Fact]
    public async Task Each_line_makes_the_pager_that_it_names()
    {
        await using var station = await Station.StartAsync();
        using var http = new PagerHttp(TimeProvider.System);
        var around = new PagerSurroundings(http, station.Log, TimeProvider.System, TextWriter.Null, false);
        foreach (var kind in PagerTypes.All)
            Assert.IsType(kind.Class, kind.Make(new("ops", kind.Type, new("http://127.0.0.1/"), "secret"), around));
    }

    [Fact]
    public async Task With_none_configured_one_prints_in_the_terminal()
    {
        await using var station = await Station.StartAsync();
        Assert.IsType<LogPager>(Assert.Contains("default", station.Pagers));
        Assert.Single(station.Pagers);
    }
}
