using Dedupe.Deciding;
using Dedupe.Rules;
using Dedupe.Vocabulary;
using Xunit;

namespace Pipeline.Tests.Deciding;

public sealed class CopiesTests
{
    private static readonly DateTimeOffset Began = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly Identities identities = new(RuleSet.Default.Identity);
    private readonly Decider decider = new("default", RuleSet.Default, Topology.None);
    private long number;

    [Fact]
    public void A_delivery_that_the_broker_hands_out_again_decides_nothing()
    {
        Assert.NotEmpty(Deliver("a-1", "HostDown"));
        Assert.NotEmpty(Deliver("a-2", "HostDown", AlertStatus.Resolved));
        Assert.Empty(Deliver("a-1", "HostDown"));
        Assert.Equal(Disposition.Repeat, Assert.Single(decider.Outcomes.ToArray()).Disposition);
    }

    [Fact]
    public void A_copy_is_known_in_whatever_order_it_comes()
    {
        Deliver("b-7", "One");
        Deliver("a-2", "Two");
        Deliver("a-1", "Three");
        Assert.Empty(Deliver("a-2", "Other"));
        Assert.Empty(Deliver("b-7", "Other"));
        Assert.NotEmpty(Deliver("b-8", "Other"));
    }

    [Fact]
    public void A_second_try_under_the_senders_key_is_dropped_for_a_day_and_no_longer()
    {
        Assert.NotEmpty(Deliver("a-1", "HostDown", key: "k"));
        Assert.Empty(Deliver("b-1", "DiskFull", key: "k", after: TimeSpan.FromHours(23)));
        Assert.NotEmpty(Deliver("b-2", "DiskFull", key: "k", after: TimeSpan.FromHours(25)));
    }

    [Fact]
    public void A_restored_snapshot_knows_the_copies_too()
    {
        Deliver("a-1", "HostDown", key: "k");
        var restored = new Decider("default", RuleSet.Default, Topology.None);
        restored.Restore(decider.Save());
        Assert.Empty(restored.Decide(Delivery("a-1", "DiskFull", AlertStatus.Firing, null, TimeSpan.Zero)));
        Assert.Empty(restored.Decide(Delivery("c-9", "DiskFull", AlertStatus.Firing, "k", TimeSpan.Zero)));
        Assert.NotEmpty(restored.Decide(Delivery("a-2", "DiskFull", AlertStatus.Firing, null, TimeSpan.Zero)));
    }

    [Fact]
    public void The_oldest_ids_are_forgotten_first()
    {
        const int Kept = 65_536;
        for (var i = 0; i < Kept + 1; i++) decider.Decide(new Input.Delivery { Number = ++number, At = Began, Source = "generic", Id = $"a-{i}" });
        Assert.Empty(Deliver($"a-{Kept}", "HostDown"));
        Assert.Empty(Deliver("a-1", "HostDown"));
        Assert.NotEmpty(Deliver("a-0", "HostDown"));
    }

    /// <summary>What is decided of the alert itself, whatever time brings.</summary>
    private IEnumerable<Decision> Deliver(
        string id, string name, AlertStatus status = AlertStatus.Firing, string? key = null, TimeSpan after = default) =>
        decider.Decide(Delivery(id, name, status, key, after)).Where(d => d is Decision.AlertDecided);

    private Input.Delivery Delivery(string id, string name, AlertStatus status, string? key, TimeSpan after)
    {
        var identity = identities.Read([new("alertname", name), new("host", "db-1")]);
        return new()
        {
            Number = ++number, At = Began + after, Source = "generic", Id = id, CopyKey = key,
            Alerts = [new() { Identity = identity, Severity = identity.LabelSeverity, Status = status }],
        };
    }
}
