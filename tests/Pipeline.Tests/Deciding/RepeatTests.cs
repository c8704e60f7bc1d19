using Dedupe.Deciding;
using Dedupe.Vocabulary;
using Xunit;

namespace Pipeline.Tests.Deciding;

public sealed class RepeatTests
{
    [Fact]
    public void The_first_alert_opens_an_incident_and_is_paged_at_once()
    {
        var story = new Story().Fire("HostDown", "critical", ("host", "db-1"));
        Assert.Equal([Disposition.Opened], story.Last);
        var page = Assert.Single(story.Pages);
        Assert.Equal("opened", page.Kind);
        Assert.Contains("HostDown on db-1", page.Body, StringComparison.Ordinal);
    }

    [Fact]
    public void A_repeat_is_counted_and_never_paged()
    {
        var story = new Story().Fire("HostDown", ("host", "db-1")).Forget();
        for (var i = 1; i <= 100; i++) story.At(i).Fire("HostDown", ("host", "db-1"));
        story.At(120);
        Assert.Empty(story.Pages);
        Assert.Empty(story.Surfaced);
        var counted = story.Decisions.OfType<Decision.RepeatsCounted>().ToList();
        Assert.Equal(100, counted.Sum(c => c.Items.Sum(i => i.Count)));
        Assert.InRange(counted.Count, 15, 21);
    }

    [Fact]
    public void Severity_observers_and_value_never_make_a_new_identity()
    {
        var story = new Story().Fire("Disk", "warning", ("host", "a"), ("monitor", "m1"), ("value", "80")).Forget();
        story.At(1).Fire("Disk", "warning", ("host", "a"), ("monitor", "m2"), ("contact", "kim"), ("value", "81"));
        Assert.Equal([Disposition.Repeat], story.Last);
    }

    [Fact]
    public void The_alerts_of_the_delivery_that_opens_an_incident_are_one_change()
    {
        var story = new Story();
        story.Deliver([.. Enumerable.Range(0, 60).Select(i => story.Alert("HostDown", ("host", $"web-{i}"), ("service", "web")))]);
        var opened = Assert.Single(story.Surfaced);
        Assert.Equal((Reason.Opened, 60), (opened.Reason, opened.Count));
        Assert.All(story.Last, d => Assert.Equal(Disposition.Opened, d));
        Assert.Single(story.Pages);
    }

    [Fact]
    public void A_resolve_of_what_does_not_fire_is_a_repeat()
    {
        var story = new Story().Resolve("HostDown", ("host", "db-1"));
        Assert.Equal([Disposition.Repeat], story.Last);
        Assert.Empty(story.Pages);
    }

    [Fact]
    public void A_firing_copy_of_another_observer_right_after_a_resolve_is_a_repeat()
    {
        var story = new Story().Fire("HostDown", ("host", "a"), ("monitor", "m1")).At(60).Resolve("HostDown", ("host", "a"), ("monitor", "m1"));
        story.At(65).Fire("HostDown", ("host", "a"), ("monitor", "m2"));
        Assert.Equal([Disposition.Repeat], story.Last);
        story.At(90).Fire("HostDown", ("host", "a"), ("monitor", "m2"));
        Assert.Equal([Disposition.Refired], story.Last);
    }

    [Fact]
    public void An_identity_unheard_for_an_hour_expires_and_is_not_called_resolved()
    {
        var story = new Story().Fire("HostDown", ("host", "a")).At(3_700);
        Assert.Single(story.Decisions.OfType<Decision.AlertExpired>());
        Assert.Empty(story.Decisions.OfType<Decision.IncidentResolved>());
        story.Resolve("HostDown", ("host", "a"));
        Assert.Equal([Disposition.Resolved], story.Last);
    }

    [Fact]
    public void Sent_once_with_an_end_that_passes_it_is_resolved()
    {
        var story = new Story();
        story.Deliver(story.Alert("Job", ("host", "a")) with { EndsAt = Story.Began + TimeSpan.FromMinutes(5) }).At(299);
        Assert.Empty(story.Decisions.OfType<Decision.AlertEnded>());
        story.At(301);
        Assert.Single(story.Decisions.OfType<Decision.AlertEnded>());
        story.At(400);
        Assert.Single(story.Decisions.OfType<Decision.IncidentResolved>());
    }

    [Fact]
    public void Sent_again_with_an_end_that_passes_it_went_silent_and_still_fires()
    {
        var story = new Story();
        story.Deliver(story.Alert("Job", ("host", "a")) with { EndsAt = Story.Began + TimeSpan.FromMinutes(5) });
        story.At(60).Deliver(story.Alert("Job", ("host", "a")) with { EndsAt = Story.Began + TimeSpan.FromMinutes(6) }).At(400);
        Assert.Contains(Reason.WentSilent, story.Reasons);
        Assert.Empty(story.Decisions.OfType<Decision.AlertEnded>());
    }
}
