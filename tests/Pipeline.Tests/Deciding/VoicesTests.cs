using Dedupe.Deciding;
using Dedupe.Rules;
using Dedupe.Vocabulary;
using Xunit;

namespace Pipeline.Tests.Deciding;

/// <summary>A sender with an alert for each severity, as Prometheus has: one rule for warning, one for critical, and both fire.</summary>
public sealed class VoicesTests
{
    private readonly Story story = new();

    [Fact]
    public void A_warning_that_fires_beside_the_critical_neither_eases_it_nor_makes_it_rise_again()
    {
        story.At(0).Deliver(Alert("warning"));
        story.At(60).Deliver(Alert("critical"));
        for (var at = 90; at < 1_200; at += 60)
        {
            Assert.Equal([Disposition.Repeat], story.At(at).Deliver(Alert("warning")).Last);
            Assert.Equal([Disposition.Repeat], story.At(at + 30).Deliver(Alert("critical")).Last);
        }
        Assert.Equal([Reason.Opened, Reason.SeverityRose], story.Reasons);
    }

    [Fact]
    public void The_critical_that_ends_leaves_the_warning_however_often_its_end_is_said()
    {
        story.At(0).Deliver(Alert("warning"), Alert("critical"));
        Assert.Equal([Disposition.Eased], story.At(60).Deliver(Alert("critical", ended: true)).Last);
        for (var at = 90; at < 600; at += 60)
        {
            Assert.Equal([Disposition.Repeat], story.At(at).Deliver(Alert("warning")).Last);
            Assert.Equal([Disposition.Repeat], story.At(at + 30).Deliver(Alert("critical", ended: true)).Last);
        }
        Assert.Equal([Disposition.SeverityRose], story.At(660).Deliver(Alert("critical")).Last);
    }

    [Fact]
    public void It_ends_with_the_last_of_them()
    {
        story.At(0).Deliver(Alert("warning"), Alert("critical"));
        Assert.Equal([Disposition.Repeat], story.At(60).Deliver(Alert("warning", ended: true)).Last);
        Assert.Equal([Disposition.Resolved], story.At(70).Deliver(Alert("critical", ended: true)).Last);
        Assert.Equal([Disposition.Refired], story.At(130).Deliver(Alert("warning")).Last);
    }

    [Fact]
    public void One_whose_end_has_passed_unsaid_holds_nothing_up()
    {
        story.At(0).Deliver(Alert("warning"), Alert("critical") with { EndsAt = Story.Began.AddSeconds(240) });
        Assert.Equal([Disposition.Repeat], story.At(200).Deliver(Alert("warning")).Last);
        Assert.Equal([Disposition.Eased], story.At(300).Deliver(Alert("warning")).Last);
    }

    [Fact]
    public void Of_a_sender_with_one_alert_for_all_severities_less_is_less_at_once()
    {
        story.At(0).Fire("Load", "critical", ("host", "db-1"));
        Assert.Equal([Disposition.Eased], story.At(60).Fire("Load", "warning", ("host", "db-1")).Last);
    }

    [Fact]
    public void A_restart_forgets_none_of_them()
    {
        var decider = new Decider("default", RuleSet.Default, Topology.None);
        Decide(decider, 1, 0, Alert("warning"), Alert("critical"));
        var restored = new Decider("default", RuleSet.Default, Topology.None);
        restored.Restore(decider.Save());
        Decide(restored, 2, 60, Alert("warning"));
        Assert.Equal(Disposition.Repeat, restored.Outcomes[0].Disposition);
        Decide(restored, 3, 90, Alert("critical", ended: true));
        Assert.Equal(Disposition.Eased, restored.Outcomes[0].Disposition);
    }

    private static void Decide(Decider decider, long number, double seconds, params Alert[] alerts) =>
        decider.Decide(new Input.Delivery { Number = number, At = Story.Began.AddSeconds(seconds), Source = "alertmanager", Alerts = alerts });

    private Alert Alert(string severity, bool ended = false) =>
        story.Alert("Load", ("host", "db-1"), ("severity", severity)) with { PerSeverity = true, Status = ended ? AlertStatus.Resolved : AlertStatus.Firing };
}
