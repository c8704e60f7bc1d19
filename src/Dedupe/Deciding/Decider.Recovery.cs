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
        if (!world.State.Hearts.AreDeclared) world.Declare(world.Now);
        // What could not be decided was not observed either.
        var aside = recorded.Any(d => d is Decision.InputSetAside);
        IReadOnlyList<Alert> alerts = [];
        if (input is Input.Delivery delivery && !aside && !world.State.Copies.Came(delivery))
        {
            alerts = delivery.Alerts;
            world.State.Hearts.Hear(world.Rules, delivery, world.Now);
        }
        // As when it was decided: each alert observed before the decision about the next, and before what fell due after them all.
        var observed = 0;
        foreach (var decision in recorded)
        {
            if (decision is Decision.RepeatsCounted counted) Uncount(counted);
            IdentityState? told = null;
            if (decision is Decision.AlertDecided { Alert: { } index })
            {
                Observe(alerts, ref observed, index);
                if (observed < alerts.Count) told = Judging.IdentityOf(world, alerts[observed], out _);
            }
            else if (decision is Decision.IdentitiesRekeyed { Alert: { } bringer }) Observe(alerts, ref observed, bringer);
            else if (decision is Decision.IdentityForgotten) Observe(alerts, ref observed, alerts.Count);
            world.Recover(decision);
            // Its input may be past retention: what was adopted is in force all the same.
            if (decision is Decision.TopologyAdopted { Topology: var adopted }) world.Adopt(world.Rules, adopted);
            if (told is not null) Observe(told, alerts[observed], observed++, told: true);
        }
        Observe(alerts, ref observed, alerts.Count);
        if (!aside || input is Input.RulesInForce) Adopt(input);
    }

    private void Adopt(Input input)
    {
        switch (input)
        {
            case Input.RulesInForce rules: world.Adopt(rules.Rules, world.Topology); break;
            case Input.TopologyInForce topology: world.Adopt(world.Rules, topology.Topology); break;
            case Input.Delivery or Input.Tick or Input.Blind or Input.Acted or Input.PagerReported: break;
            default: throw new UnreachableException();
        }
    }

    /// <summary>After the last recovered input: everything is looked at once, so that nothing due is missed.</summary>
    public void Recovered()
    {
        // Rules past retention may have re-keyed identities without being read: the index is derived from what there is.
        world.Adopt(world.Rules, world.Topology);
        ArmAll();
    }

    /// <summary>Observes the alerts before <paramref name="until"/>, which had no decision of their own.</summary>
    private void Observe(IReadOnlyList<Alert> alerts, ref int observed, int until)
    {
        for (; observed < Math.Min(until, alerts.Count); observed++)
            if (Judging.IdentityOf(world, alerts[observed], out _) is { } identity) Observe(identity, alerts[observed], observed, told: false);
    }

    private void Observe(IdentityState identity, Alert alert, int index, bool told)
    {
        if (world.State.FirstDeliveryAt == Clock.Never) world.State.FirstDeliveryAt = world.Now;
        if (alert.Acknowledges) return;
        if (!alert.TrainsOnly) alert = Voices.Hear(identity, alert, world.Now, world.Rules);
        statistics.Observe(identity, alert, world.Now, (world.Input, index), world.Rules, repeat: !told && !alert.TrainsOnly && identity.Recorded);
    }

    private void Uncount(Decision.RepeatsCounted counted)
    {
        foreach (var item in counted.Items)
            if (world.State.Identities.TryGetValue(item.Fingerprint, out var identity)) identity.Uncounted = identity.UncountedObservers = 0;
        world.State.Uncounted.RemoveAll(i => i.Uncounted == 0);
        if (world.State.Uncounted.Count == 0) world.State.UncountedSince = Clock.Never;
    }
}
