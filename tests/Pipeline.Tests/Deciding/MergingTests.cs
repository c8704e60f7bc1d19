using Dedupe.Deciding;
using Dedupe.Vocabulary;
using Xunit;

namespace Pipeline.Tests.Deciding;

/// <summary>What people say about which alerts are one failure, and that it holds.</summary>
public sealed class MergingTests
{
    private static (Story Story, IncidentId Web, IncidentId Mail) Two()
    {
        var story = Story.WithHistory();
        story.Fire("Slow", "critical", ("service", "web")).Fire("Late", "critical", ("service", "web"));
        var web = story.Incident;
        story.At(10).Fire("QueueFull", "critical", ("service", "mail"));
        return (story, web, story.Incident);
    }

    private static IncidentId? WhereOf(Story story, string service) =>
        story.Decisions.OfType<Decision.AlertDecided>().Last(d => d.Fingerprint == Fingerprint.Of(LabelSet.Of(("alertname", service == "mail" ? "QueueFull" : "Late"), ("service", service)))).Incident;

    [Fact]
    public void Merged_it_is_over_and_what_fired_goes_on_in_the_other()
    {
        var (story, web, mail) = Two();
        story.At(20).Act(new Act.Merge(mail, web, "ada"));
        Assert.Equal(web, WhereOf(story, "mail"));
        var resolved = story.Decisions.OfType<Decision.IncidentResolved>().Last();
        Assert.Equal((mail, web, "ada"), (resolved.Incident, resolved.MergedInto, resolved.By));
        story.Forget().At(60).Resolve("Slow", ("service", "web")).Resolve("Late", ("service", "web")).At(200);
        Assert.DoesNotContain(story.Decisions, d => d is Decision.IncidentResolved);
    }

    [Fact]
    public void What_had_ended_before_comes_back_in_the_other_too()
    {
        var (story, web, mail) = Two();
        story.At(15).Fire("Bounces", "critical", ("service", "mail")).At(16).Resolve("QueueFull", ("service", "mail"));
        story.At(20).Act(new Act.Merge(mail, web, "ada")).At(100).Fire("QueueFull", "critical", ("service", "mail"));
        Assert.Equal(web, WhereOf(story, "mail"));
        Assert.DoesNotContain(story.Decisions, d => d is Decision.IncidentReopened);
    }

    [Fact]
    public void Both_sides_of_a_split_are_looked_at_anew_for_suspects_and_for_where_they_began()
    {
        var topology = new Topology([new("web", Level.Service, null, ["db"]), new("db", Level.Service, null, []), new("mail", Level.Service, "office", []), new("office", Level.System, null, [])]);
        var story = new Story(topology: topology).Change(new("d-1", Story.Began, "deploy", "mail 2.0", ["mail"])).At(60);
        story.Deliver(story.Alert("Slow", ("service", "web"), ("cluster", "c1")), story.Alert("DiskFull", ("service", "db"), ("cluster", "c1")), story.Alert("QueueFull", ("service", "mail"), ("cluster", "c1")));
        var (old, queue) = (story.Incident, story.Alert("QueueFull", ("service", "mail"), ("cluster", "c1")).Identity.Fingerprint);
        story.Forget().At(90).Act(new Act.Split(old, [queue], "ada"));
        Assert.Equal("d-1", Assert.Single(story.Decisions.OfType<Decision.SuspectsNamed>().Single(s => s.Incident == story.Incident).Suspects).Change);
        Assert.Equal([new(Level.System, "office")], story.Decisions.OfType<Decision.OriginNamed>().Single(o => o.Incident == story.Incident).Impact);
        Assert.Equal(("db", 0), story.Decisions.OfType<Decision.OriginNamed>().Where(o => o.Incident == old).Select(o => (o.Origin, o.Impact.Count)).Single());
        var apart = story.Incident;
        story.Forget().At(120).Act(new Act.Merge(apart, old, "ada"));
        Assert.Equal([new(Level.System, "office")], story.Decisions.OfType<Decision.OriginNamed>().Single(o => o.Incident == old).Impact);
    }

    [Fact]
    public void Split_members_are_an_incident_of_their_own_and_do_not_join_the_old_one_again()
    {
        var (story, web, _) = Two();
        var late = Fingerprint.Of(LabelSet.Of(("alertname", "Late"), ("service", "web")));
        story.At(20).Act(new Act.Split(web, [late], "ada"));
        var apart = story.Incident;
        Assert.Equal(apart, WhereOf(story, "web"));
        Assert.Contains("ada split 1 alert", story.Surfaced.Last().Why);
        // It ends, its incident is over for long, and the old one still fires: it comes back somewhere else.
        for (var at = 60; at < 3_000; at += 300) story.At(at).Fire("Slow", "critical", ("service", "web"));
        story.At(3_000).Resolve("Late", ("service", "web"));
        for (var at = 3_300; at < 6_000; at += 300) story.At(at).Fire("Slow", "critical", ("service", "web"));
        story.At(6_000).Fire("Late", "critical", ("service", "web"));
        Assert.NotEqual(web, WhereOf(story, "web"));
    }

    [Fact]
    public void What_cannot_be_done_decides_nothing()
    {
        var (story, web, mail) = Two();
        story.Forget().At(20).Act(new Act.Merge(web, web, "ada")).Act(new Act.Merge(web, new("inc_none"), "ada")).Act(new Act.Split(mail, [new(1)], "ada"));
        Assert.DoesNotContain(story.Decisions, d => d is not Decision.PageDecided);
    }
}
