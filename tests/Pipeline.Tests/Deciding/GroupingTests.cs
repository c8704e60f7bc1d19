using Dedupe.Deciding;
using Dedupe.Vocabulary;
using Xunit;

namespace Pipeline.Tests.Deciding;

public sealed class GroupingTests
{
    private static readonly (string, string) Db = ("host", "db-1");

    [Fact]
    public void What_still_fires_relates_a_new_alert_although_a_later_member_has_ended()
    {
        var story = new Story().Fire("HostDown", Db).At(10).Fire("DiskFull", Db).At(60).Resolve("DiskFull", Db);
        var incident = story.Incident;
        for (var i = 1; i <= 40; i++) story.At(60 * i).Fire("HostDown", Db);
        story.Forget().At(2_500).Fire("LoadHigh", Db);
        Assert.Equal([Disposition.NewAlert], story.Last);
        var joined = Assert.Single(story.Decisions.OfType<Decision.AlertDecided>());
        Assert.Equal(incident, joined.Incident);
        Assert.Contains("HostDown on db-1", joined.Because, StringComparison.Ordinal);
    }

    [Fact]
    public void What_ended_just_now_relates_a_new_alert_although_a_later_member_ended_long_ago()
    {
        var other = ("host", "db-2");
        var story = new Story().Deliver(new Story().Alert("HostDown", Db, ("service", "db")), new Story().Alert("HostDown", other, ("service", "db")));
        var incident = story.Incident;
        story.At(10).Fire("DiskFull", Db, ("service", "db")).At(20).Resolve("DiskFull", Db, ("service", "db"));
        for (var i = 1; i <= 30; i++) story.At(60 * i).Fire("HostDown", Db, ("service", "db")).Fire("HostDown", other, ("service", "db"));
        // One host ends after half an hour, the other keeps the incident open.
        story.At(1_830).Resolve("HostDown", Db, ("service", "db")).Forget().At(1_900).Fire("LoadHigh", Db);
        Assert.Equal(incident, Assert.Single(story.Decisions.OfType<Decision.AlertDecided>()).Incident);
    }

    [Fact]
    public void What_shares_only_what_has_ended_long_ago_is_another_failure()
    {
        var story = new Story().Fire("HostDown", Db).At(10).Fire("DiskFull", Db, ("service", "db")).At(60).Resolve("HostDown", Db);
        for (var i = 1; i <= 10; i++) story.At(60 * i).Fire("DiskFull", Db, ("service", "db"));
        story.At(610).Resolve("DiskFull", Db, ("service", "db")).At(620).Fire("DiskFull", ("service", "db"));
        story.Forget().At(1_300).Fire("LoadHigh", Db);
        Assert.Equal([Disposition.Opened], story.Last);
    }
}
