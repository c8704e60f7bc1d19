using Dedupe.Deciding;
using Dedupe.Vocabulary;
using Projections;
using Xunit;

namespace Pipeline.Tests.Projections;

/// <summary>Views follow identities that go by another name, and read what was said under the old one.</summary>
public sealed class RekeyingTests
{
    private static readonly LabelSet One = LabelSet.Of(("alertname", "Down"), ("pod", "a")), Two = LabelSet.Of(("alertname", "Down"), ("pod", "b"));
    private static readonly LabelSet Both = LabelSet.Of(("alertname", "Down"));

    [Fact]
    public void Two_that_fall_together_are_one_alert_and_one_member_with_the_repeats_of_both()
    {
        var story = Together();
        var alert = Assert.Single(story.Views.Read(v => v.Alerts.Page(new(null, Slice.Most), _ => true)).Items);
        Assert.Equal((Fingerprint.Of(Both), 5, AlertState.Firing), (alert.Fingerprint, alert.Repeats, alert.State));
        Assert.Equal(Both, alert.Labels);
        var member = Assert.Single(story.Detail.Members);
        Assert.Equal((Fingerprint.Of(Both), 5), (member.Key, member.Value.Repeats));
        Assert.Equal(1, story.Line.Alerts.Firing);
    }

    [Fact]
    public void An_old_fingerprint_is_still_read_as_what_it_is()
    {
        var story = Together();
        Assert.Equal(Both, story.Views.Read(v => v.Alerts.LabelsOf(1, Fingerprint.Of(One))));
        Assert.Equal(Fingerprint.Of(Both), story.Views.Read(v => v.Alerts.Find(1, Fingerprint.Of(Two)))!.Fingerprint);
        story.Given(new Decision.IdentityForgotten(Fingerprint.Of(Both)));
        Assert.Null(story.Views.Read(v => v.Alerts.LabelsOf(1, Fingerprint.Of(One))));
    }

    [Fact]
    public void What_counts_in_another_incident_from_now_on_has_not_recovered_here()
    {
        var story = new Story().Opened().Fires(One).Fires(Two).Given(new Decision.IdentitiesRekeyed(
            [new(Fingerprint.Of(One), Fingerprint.Of(Both), null, new("inc_000000000002"))], ["pod"]));
        Assert.Equal((1, 0, 1), (story.Line.Alerts.Firing, story.Line.Alerts.Resolved, story.Line.Alerts.Expired));
    }

    private static Story Together() => new Story().Opened().Fires(One).Repeats(One, 2).Fires(Two).Repeats(Two, 3).Resolves(Two)
        .Given(new Decision.IdentitiesRekeyed(
            [new(Fingerprint.Of(One), Fingerprint.Of(Both), null, Story.Incident), new(Fingerprint.Of(Two), Fingerprint.Of(Both), null, Story.Incident)], ["pod"]));
}
