using Dedupe.Deciding;
using Dedupe.Rules;
using Dedupe.Vocabulary;
using Xunit;

namespace Pipeline.Tests.Deciding;

/// <summary>The contract's sentences about the decider, one by one, where no other test holds them.</summary>
public sealed class ContractTests
{
    private static readonly (string, string) Db = ("host", "db-1"), Web = ("service", "web");

    [Theory]
    [InlineData(null, 60)]
    [InlineData(30, 30)]
    [InlineData(60 * 48, 60 * 24)]
    public void An_acknowledgement_lasts_an_hour_unless_it_says_otherwise_and_a_day_at_most(int? minutes, int lasts)
    {
        var story = Firing(out var keep);
        story.Act(new Act.Acknowledge(story.Incident, "kim", Until: minutes is { } m ? Story.Began + TimeSpan.FromMinutes(m) : null));
        for (var at = 10; at < lasts; at += 10) keep(at);
        Assert.DoesNotContain(Reason.AckExpired, story.At((lasts * 60) - 1).Reasons);
        story.At((lasts * 60) + 1);
        Assert.Single(story.Reasons, r => r == Reason.AckExpired);
    }

    [Theory]
    [InlineData("restart", null, "was recorded")]
    [InlineData("deploy", null, "never recorded")]
    [InlineData("deploy", "deploy-1", "was recorded")]
    public void The_awaited_change_came_when_it_was_recorded_after_the_acknowledgement_whatever_its_own_clock_says(string kind, string? reverts, string expected)
    {
        var story = Firing(out _);
        story.At(10).Act(new Act.Acknowledge(story.Incident, "kim", Until: Story.Began + TimeSpan.FromMinutes(30), Awaiting: reverts is null ? "restart" : "rollback"));
        // Its clock is a minute slow: by it, the change came before the acknowledgement.
        story.At(20).Change(new("c1", Story.Began - TimeSpan.FromSeconds(40), kind, "done", [], reverts)).At(1_900);
        Assert.Contains(expected, Assert.Single(story.Surfaced, c => c.Reason == Reason.AckExpired).Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_change_recorded_before_the_acknowledgement_is_not_the_awaited_one()
    {
        var story = Firing(out _);
        story.Change("restart", "done").At(10).Act(new Act.Acknowledge(story.Incident, "kim", Until: Story.Began + TimeSpan.FromMinutes(30), Awaiting: "restart")).At(1_900);
        Assert.Contains("never recorded", Assert.Single(story.Surfaced, c => c.Reason == Reason.AckExpired).Why, StringComparison.Ordinal);
    }

    [Fact]
    public void An_acknowledgement_covers_what_its_version_had_and_nothing_later()
    {
        var story = new Story().Fire("HostDown", Db).At(10).Fire("DiskFull", Db).At(20);
        var seen = story.Decisions.Count(d => d.OfIncident is not null);
        story.At(30).Fire("LoadHigh", Db).At(40).Act(new Act.Acknowledge(story.Incident, "kim", Seen: seen)).Forget();
        story.At(50).Fire("SwapFull", Db).At(60);
        Assert.Contains("\"unseen\":2", Assert.Single(story.Pages).Body, StringComparison.Ordinal);
    }

    [Fact]
    public void After_three_re_sends_it_went_silent_at_four_of_its_median_gaps_and_not_before_the_third()
    {
        var story = new Story();
        foreach (var at in new[] { 0, 60, 120 }) story.At(at).Fire("Slow", Web);
        Assert.DoesNotContain(Reason.WentSilent, story.At(1_000).Reasons);
        var again = new Story();
        foreach (var at in new[] { 0, 60, 120, 180 }) again.At(at).Fire("Slow", Web);
        Assert.Equal(Story.Began + TimeSpan.FromSeconds(180 + 240), Assert.Single(again.At(1_000).Surfaced, c => c.Reason == Reason.WentSilent).At);
    }

    [Fact]
    public void Quick_re_sends_fall_silent_after_two_minutes_at_the_earliest()
    {
        var story = new Story();
        foreach (var at in new[] { 0, 5, 10, 15 }) story.At(at).Fire("Slow", Web);
        Assert.Equal(Story.Began + TimeSpan.FromSeconds(15 + 120), Assert.Single(story.At(1_000).Surfaced, c => c.Reason == Reason.WentSilent).At);
    }

    [Fact]
    public void Copies_of_one_sending_are_no_re_sends()
    {
        var story = new Story();
        foreach (var at in new[] { 0, 60 })
            for (var copy = 0; copy < 4; copy++) story.At(at + (copy / 10.0)).Fire("Slow", Web, ("contact", $"c{copy}"));
        Assert.DoesNotContain(Reason.WentSilent, story.At(1_000).Reasons);
    }

    [Fact]
    public void Two_that_watch_the_same_seconds_apart_each_keep_time()
    {
        var story = new Story();
        for (var at = 0; at <= 300; at += 100)
            foreach (var (monitor, later) in new[] { ("m1", 0), ("m2", 3) }) story.At(at + later).Fire("Slow", Web, ("monitor", monitor));
        Assert.Equal(Story.Began + TimeSpan.FromSeconds(303 + 400), Assert.Single(story.At(1_000).Surfaced, c => c.Reason == Reason.WentSilent).At);
    }

    [Fact]
    public void Where_one_of_two_watchers_is_lost_the_silence_of_the_other_is_noticed_all_the_same()
    {
        var story = new Story();
        for (var at = 0; at <= 3_000; at += 100)
        {
            if (at <= 300) story.At(at).Fire("Slow", Web, ("monitor", "m1"));
            story.At(at + 3).Fire("Slow", Web, ("monitor", "m2"));
        }
        Assert.Equal(Story.Began + TimeSpan.FromSeconds(3_003 + 400), Assert.Single(story.At(3_600).Surfaced, c => c.Reason == Reason.WentSilent).At);
    }

    [Fact]
    public void Five_of_one_observer_silent_at_once_are_one_change_although_they_are_of_several_incidents()
    {
        var story = new Story();
        for (var at = 0; at <= 240; at += 60)
            story.At(at).Deliver([.. Enumerable.Range(0, 5).Select(n => story.Alert($"Slow{n}", ("host", $"h{n}"), ("site", $"s{n}"), ("monitor", "m1")))]);
        story.Forget().At(1_000);
        var change = Assert.Single(story.Surfaced, c => c.Reason == Reason.WentSilent);
        Assert.Equal((5, 5), (change.Count, change.Fingerprints!.Count));
    }

    [Fact]
    public void Four_of_one_observer_silent_at_once_are_four_changes()
    {
        var story = new Story();
        for (var at = 0; at <= 240; at += 60)
            story.At(at).Deliver([.. Enumerable.Range(0, 4).Select(n => story.Alert("Slow", ("host", $"h{n}"), Web, ("monitor", "m1")))]);
        Assert.Equal(4, story.Forget().At(1_000).Surfaced.Count(c => c.Reason == Reason.WentSilent));
    }

    [Fact]
    public void What_is_left_when_another_goes_silent_is_a_survivor_too()
    {
        var story = new Story();
        Alert Of(int n) => story.Alert("Slow", ("host", $"h{n}"), Web);
        story.Deliver([.. Enumerable.Range(0, 6).Select(Of)]);
        for (var at = 60; at <= 240; at += 60) story.At(at).Deliver(Of(0)).Deliver(Of(1));
        story.At(250).Deliver([.. Enumerable.Range(2, 4).Select(n => Of(n) with { Status = AlertStatus.Resolved })]);
        for (var at = 300; at <= 600; at += 60) story.At(at).Deliver(Of(0));
        Assert.Equal("h0", Assert.Single(story.Surfaced, c => c.Reason == Reason.Survivor).Labels["host"]);
    }

    [Fact]
    public void A_late_copy_of_another_observer_is_no_state_of_its_own()
    {
        var story = new Story().Fire("HostDown", Db, ("monitor", "m1"));
        for (var i = 1; i <= 2; i++)
        {
            story.At(i * 600).Resolve("HostDown", Db, ("monitor", "m1")).At((i * 600) + 4).Fire("HostDown", Db, ("monitor", "m2"))
                .At((i * 600) + 6).Resolve("HostDown", Db, ("monitor", "m2"));
            story.At((i * 600) + 300).Fire("HostDown", Db, ("monitor", "m1"));
        }
        // It ended and fired again twice: that is no flapping.
        Assert.DoesNotContain(Reason.Flapping, story.Reasons);
    }

    [Fact]
    public void A_person_who_resolves_by_force_is_told_of_what_is_surfaced_and_not_of_repeats()
    {
        var story = new Story().Fire("HostDown", "warning", Db).At(10).Fire("DiskFull", "warning", Db).At(20);
        story.Act(new Act.Resolve(story.Incident, "kim", Force: true)).Forget();
        for (var at = 60; at < 600; at += 60) story.At(at).Fire("HostDown", "warning", Db).Fire("DiskFull", "warning", Db);
        Assert.Empty(story.Surfaced);
        Assert.Empty(story.Pages);
        story.At(600).Resolve("DiskFull", Db).At(660).Fire("DiskFull", "warning", Db).At(690);
        Assert.Equal([Reason.Refired], story.Reasons);
        Assert.Single(story.Decisions.OfType<Decision.IncidentReopened>());
        Assert.Equal("opened", Assert.Single(story.Pages).Kind);
    }

    [Fact]
    public void Who_got_opened_gets_resolved_and_who_did_not_does_not()
    {
        var rules = RuleSet.Default with { Pagers = [new("all", LabelSet.Empty), new("critical", LabelSet.Empty, Severity.Critical), new("web", LabelSet.Of(Web))] };
        var story = new Story(rules).Fire("HostDown", "warning", Db).At(10).Resolve("HostDown", Db).At(100);
        Assert.Equal([("all", "opened"), ("all", "resolved")], story.Pages.Select(p => (p.Pager, p.Kind)));
    }

    [Fact]
    public void A_flapper_is_paged_no_more_often_than_it_is_said_and_its_incident_ends_when_it_has_calmed()
    {
        var story = Story.WithHistory().Fire("HostDown", "warning", Db);
        for (var i = 0; i < 30; i++) story.At(100 + (i * 240)).Resolve("HostDown", Db).At(220 + (i * 240)).Fire("HostDown", "warning", Db);
        var paged = story.Pages.Count();
        Assert.Equal(1, story.Reasons.Count(r => r == Reason.Flapping));
        story.Forget();
        for (var i = 30; i < 60; i++) story.At(100 + (i * 240)).Resolve("HostDown", Db).At(220 + (i * 240)).Fire("HostDown", "warning", Db);
        Assert.Empty(story.Pages);
        Assert.InRange(paged, 1, 16);
        story.At(100 + (60 * 240)).Resolve("HostDown", Db).At(100 + (60 * 240) + 900);
        Assert.Equal("resolved", Assert.Single(story.Pages).Kind);
    }

    /// <summary>A fire kept alive: the action sends it again at a minute of the story.</summary>
    private static Story Firing(out Action<int> keep)
    {
        var story = new Story().Fire("HostDown", Db);
        keep = minute => story.At(minute * 60).Fire("HostDown", Db);
        return story;
    }
}
