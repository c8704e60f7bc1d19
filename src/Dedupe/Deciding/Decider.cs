using System.Diagnostics;
using System.Runtime.InteropServices;
using Dedupe.Grouping;
using Dedupe.Paging;
using Dedupe.Rules;
using Dedupe.Surfacing;
using Dedupe.Vocabulary;

namespace Dedupe.Deciding;

/// <summary>Decides one scope: the same live and in replay. Reads no clock, no random, no I/O; one thread at a time.</summary>
public sealed partial class Decider
{
    /// <summary>Named in snapshots and in the log; a change of what is decided changes it.</summary>
    public const string Version = "12";

    private readonly string scope;
    private readonly Housekeeping housekeeping = new();
    private readonly List<AlertOutcome> outcomes = [];
    private readonly World world;
    private readonly Statistics statistics;
    private readonly Judging judging;

    public Decider(string scope, RuleSet rules, Topology topology)
    {
        this.scope = scope;
        var state = new State(new IncidentIndex(rules.Group));
        world = new(scope, state, rules, topology);
        statistics = new(state);
        judging = new(world, statistics, outcomes);
    }

    /// <summary>One for each alert of the delivery just decided, in its order.</summary>
    public ReadOnlySpan<AlertOutcome> Outcomes => CollectionsMarshal.AsSpan(outcomes);

    /// <summary>When something falls due next; null when nothing will.</summary>
    public DateTimeOffset? NextDue
    {
        get
        {
            // What was armed early and has moved on since is no reason to wake.
            while (world.Queue.TryPeek(out var due, out var at))
            {
                var moment = Due.Of(world, due);
                if (moment <= at) return at.ToTime();
                world.Queue.Postpone(due, moment);
            }
            return null;
        }
    }

    /// <summary>The last input decided or recovered.</summary>
    public long LastInput { get; private set; }

    public RuleSet Rules => world.Rules;

    public Topology Topology => world.Topology;

    /// <summary>Which components it has learned to fire together. As of the last input decided; between two calls only.</summary>
    public LearnedEdges Learned() => world.State.Together.Edges();

    public int Identities => world.State.Identities.Count;

    /// <summary>Decides what falls due up to the input, each at its due moment, and then the input. The list is good until the next call.</summary>
    public IReadOnlyList<Decision> Decide(Input input)
    {
        Begin(input);
        Catch(input);
        return world.Decided;
    }

    /// <summary>The end of a replay: what is owed is paged at the present moment, and nothing new is decided.</summary>
    public IReadOnlyList<Decision> Flush()
    {
        world.Clear();
        outcomes.Clear();
        Due.CountRepeats(world);
        foreach (var incident in world.State.Incidents.Values.OrderBy(i => i.Order).ToList()) Desks.PageAll(world, incident);
        return world.Decided;
    }

    /// <summary>Skips an input that could not be decided, and says so.</summary>
    public IReadOnlyList<Decision> SetAside(Input input, string error)
    {
        try
        {
            Begin(input);
        }
        catch (Exception)
        {
            // Something due was what failed, and not the input: it is off the queue now, and what comes behind is decided.
            world.Now = Math.Max(world.Now, input.At.Ms());
        }
        world.Emit(new Decision.InputSetAside(input.Number, error));
        if (input is Input.RulesInForce { Rules: var inForce })
        {
            // What comes behind is read under them, whatever failed.
            world.Adopt(inForce, world.Topology);
            ArmAll();
        }
        return world.Decided;
    }

    private void Begin(Input input)
    {
        world.Clear();
        outcomes.Clear();
        world.Input = LastInput = input.Number;
        world.OpenedByInput = 0;
        if (!world.State.Hearts.AreDeclared)
        {
            world.Declare(input.At.Ms());
            foreach (var heart in world.State.Hearts.All) world.Arm(heart);
        }
        if (input is Input.Blind blind)
        {
            // Before what fell due meanwhile: nothing is called silent for the time in which we did not listen.
            FireDue(blind.From.Ms());
            world.Emit(new Decision.BlindNoted(blind.From, blind.To));
        }
        FireDue(input.At.Ms());
        world.Now = Math.Max(world.Now, input.At.Ms());
    }

    private void FireDue(long until)
    {
        while (world.Queue.TryPop(until, out var due, out var at))
        {
            var moment = Due.Of(world, due);
            if (moment > at)
            {
                // The state has moved the moment on since it was armed: look again then.
                world.Queue.Arm(due, moment);
                continue;
            }
            world.Now = Math.Max(world.Now, at);
            Due.Fire(world, due);
            world.Arm(due);
        }
    }

    private void Catch(Input input)
    {
        switch (input)
        {
            case Input.Delivery copy when world.State.Copies.Came(copy): judging.Copy(copy); break;
            case Input.Delivery delivery:
                judging.Delivery(delivery);
                foreach (var change in delivery.Changes) Record(change);
                Bound();
                break;
            case Input.Tick or Input.Blind: break;
            case Input.RulesInForce rules: Adopt(rules.Rules); break;
            case Input.TopologyInForce topology: Adopt(topology.Topology); break;
            case Input.Acted acted: Acts.Decide(world, acted.Act); break;
            case Input.PagerReported pager: PagerHealth.Report(world, pager); break;
            default: throw new UnreachableException();
        }
        world.Arm(housekeeping);
        FireDue(world.Now);
    }

    /// <summary>A change may have been told late: incidents that are open already look at it too.</summary>
    private void Record(Change change)
    {
        var told = world.State.Changes.Find(c => c.Change.Id == change.Id);
        world.Emit(new Decision.ChangeRecorded(change, Cure.Of(change, world.State.Changes)));
        if (told?.Change.SaysTheSameAs(change) != true && world.State.Settling.Find(w => w.Change.Id == change.Id) is { } window) StillFiring.Begin(world, window);
        foreach (var incident in world.State.Incidents.Values.Where(i => i.IsOpen).OrderBy(i => i.Order).ToList()) Suspects.Name(world, incident);
    }

    private void Bound()
    {
        var over = world.State.Identities.Count - world.Rules.Identity.Max;
        if (over <= 0) return;
        // A hundredth more than needed, so that the search for the longest-ended is rare.
        var victims = world.State.Identities.Values.OrderBy(i => i.IsFiring).ThenBy(i => i.LastSeen).ThenBy(i => i.Order)
            .Take(over + world.Rules.Identity.Max / 100).ToList();
        foreach (var victim in victims) world.Emit(new Decision.IdentityForgotten(victim.Fingerprint));
    }
}
