using System.Diagnostics;
using Dedupe.Vocabulary;

namespace Dedupe.Deciding;

/// <summary>Coming back after a stop: facts from what was decided, statistics from the inputs, nothing decided again.</summary>
public sealed partial class Decider
{
    /// <summary>Takes over one input and the decisions that were recorded under its number, in order.</summary>
    public void Recover(Input input, IReadOnlyList<Decision> recorded)
    {
        world.Clear();
        outcomes.Clear();
        world.Now = Math.Max(world.Now, input.At.Ms());
        world.Input = LastInput = input.Number;
        var told = new HashSet<int>();
        // Identities are made in the order of the alerts, as when they were decided.
        List<IdentityState> identities = input is Input.Delivery { Alerts: var alerts } ? [.. alerts.Select(a => Judging.IdentityOf(world.State, a))] : [];
        foreach (var decision in recorded)
        {
            if (decision is Decision.RepeatsCounted counted) Uncount(counted);
            if (decision is Decision.AlertDecided { Alert: { } index }) told.Add(index);
            world.Recover(decision);
        }
        switch (input)
        {
            case Input.Delivery delivery:
                if (world.State.FirstDeliveryAt == Clock.Never && delivery.Alerts.Count > 0) world.State.FirstDeliveryAt = world.Now;
                for (var i = 0; i < delivery.Alerts.Count; i++) Observe(identities[i], delivery.Alerts[i], told.Contains(i));
                break;
            case Input.RulesInForce rules: world.Adopt(rules.Rules, world.Topology); break;
            case Input.TopologyInForce topology: world.Adopt(world.Rules, topology.Topology); break;
            case Input.Tick or Input.Blind or Input.Acted or Input.PagerReported: break;
            default: throw new UnreachableException();
        }
    }

    /// <summary>After the last recovered input: everything is looked at once, so that nothing due is missed.</summary>
    public void Recovered()
    {
        world.Arm(housekeeping);
        foreach (var incident in world.State.Incidents.Values) world.Arm(incident);
        foreach (var identity in world.State.Identities.Values) world.Arm(identity);
    }

    private void Observe(IdentityState identity, Alert alert, bool told)
    {
        if (alert.Acknowledges) return;
        statistics.Observe(identity, alert, world.Now, world.Rules.Surface, repeat: !told && !alert.TrainsOnly);
    }

    private void Uncount(Decision.RepeatsCounted counted)
    {
        foreach (var item in counted.Items)
            if (world.State.Identities.TryGetValue(item.Fingerprint, out var identity)) identity.Uncounted = identity.UncountedObservers = 0;
        world.State.Uncounted.RemoveAll(i => i.Uncounted == 0);
        if (world.State.Uncounted.Count == 0) world.State.UncountedSince = Clock.Never;
    }
}
