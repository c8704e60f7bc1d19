using Dedupe.Deciding;
using Dedupe.Vocabulary;
using Xunit;

namespace Pipeline.Tests.Deciding;

/// <summary>What belongs together by what it says, or by a change that went to both.</summary>
public sealed class LikenessTests
{
    [Fact]
    public void Lines_that_say_much_the_same_in_two_services_are_one_failure()
    {
        var story = new Story().Log("orders", "cannot reach broker mq-1 after 3 tries").At(60).Log("mail", "cannot reach broker mq-1, tries 17");
        Assert.Single(story.Decisions.OfType<Decision.IncidentOpened>());
        Assert.Contains("joined: says much the same as LogError on orders", story.Decisions.OfType<Decision.AlertDecided>().Last().Because);
    }

    [Fact]
    public void Lines_that_have_only_their_level_in_common_are_not() =>
        Assert.Equal(3, Opened(new Story().Log("orders", "cannot reach broker mq-1 after 3 tries").At(60).Log("nginx", "upstream prematurely closed connection").At(70).Log("sshd", "error: kex_exchange_identification")));

    [Fact]
    public void An_alert_that_happens_to_carry_a_template_is_no_line() =>
        Assert.Equal(1, Opened(new Story().Fire("CertExpires", "critical", ("service", "a"), ("template", "web server")).At(60).Fire("CertExpires", "critical", ("service", "b"), ("template", "mail relay"))));

    [Fact]
    public void What_fails_in_another_service_of_a_suspected_change_is_part_of_its_incident()
    {
        var story = new Story().Change(Deploy("orders", "mail")).At(120).Fire("Errors", "critical", ("service", "orders")).At(180).Fire("QueueFull", "critical", ("service", "mail"));
        Assert.Single(story.Decisions.OfType<Decision.IncidentOpened>());
        Assert.Equal("joined: the deploy d-1, suspected here, went to mail too", story.Decisions.OfType<Decision.AlertDecided>().Last().Because);
    }

    [Fact]
    public void What_the_change_did_not_touch_is_not_nor_what_fails_hours_later() =>
        Assert.Equal(3, Opened(new Story().Change(Deploy("orders", "mail")).At(120).Fire("Errors", "critical", ("service", "orders")).At(180).Fire("QueueFull", "critical", ("service", "search"))
            .At(5_000).Fire("Bounces", "critical", ("service", "mail"))));

    private static Change Deploy(params string[] services) => new("d-1", Story.Began, "deploy", "4.2", services);

    private static int Opened(Story story) => story.Decisions.OfType<Decision.IncidentOpened>().Count();
}
