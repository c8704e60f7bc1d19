using System.Security.Cryptography;
using Dedupe.Grouping;
using Dedupe.Rules;
using Dedupe.Surfacing;
using Dedupe.Vocabulary;

namespace Dedupe.Deciding;

/// <summary>Taking over other rules and another topology in mid-course.</summary>
public sealed partial class Decider
{
    /// <summary>A short name for what rules say.</summary>
    public static string HashOf(RuleSet rules) => Convert.ToHexStringLower(SHA256.HashData(DecisionCodec.Write(rules)).AsSpan(0, 8));

    /// <summary>A short name for what a topology declares; null for none.</summary>
    public static string? HashOf(Topology topology) =>
        topology.Components.Count == 0 ? null : Convert.ToHexStringLower(SHA256.HashData(DecisionCodec.Write(topology)).AsSpan(0, 8));

    private void Adopt(RuleSet rules)
    {
        world.Emit(new Decision.RulesAdopted(HashOf(rules), Version));
        Heartbeats.Leave(world, rules);
        Rekeying.Decide(world, world.Rules.Identity, rules.Identity);
        world.Adopt(rules, world.Topology);
        ArmAll();
    }

    /// <summary>Everything is looked at: what falls due may do so earlier than it was armed for.</summary>
    private void ArmAll()
    {
        world.Arm(housekeeping);
        foreach (var incident in world.State.Incidents.Values) world.Arm(incident);
        foreach (var identity in world.State.Identities.Values) world.Arm(identity);
        foreach (var heart in world.State.Hearts.All) world.Arm(heart);
    }

    private void Adopt(Topology topology)
    {
        world.Emit(new Decision.TopologyAdopted(topology));
        world.Adopt(world.Rules, topology);
        foreach (var incident in world.State.Incidents.Values.Where(i => i.IsOpen).OrderBy(i => i.Order).ToList()) Origin.Name(world, incident);
    }
}
