using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Dedupe.Surfacing;

/// <summary>
/// What comes and goes in several places: one place more is what it does, and no news. Only of what nobody says is bad, and nobody ends; and
/// not where it comes up in several places at once, for then it spreads.
/// </summary>
/// <remarks>The second of the two clocks of rarity, for first times as for returns. A label that is another each time is no news either, for the same reason.</remarks>
internal static class Roaming
{
    /// <summary>Known of so many others at least.</summary>
    private const int Others = 2;

    /// <summary>So many that begin with it are a spread.</summary>
    private const int AtOnce = 2;

    /// <summary>Judged before the observation is counted.</summary>
    public static bool Is(World world, IdentityState identity, Alert alert)
    {
        var name = identity.Name;
        if (identity.LastSeen >= 0 || alert.Severity != Severity.Unknown || name.Name.Length == 0 || Ends.AreTold(world, name, alert)) return false;
        return name.Identities > Others && name.Episodes.At(world.Now) >= Rarity.Often
            && world.Now - name.LastSeen < world.Rules.Surface.Return.Ms() && !Spreads(world, name);
    }

    private static bool Spreads(World world, NameStatistics name) => world.State.LastBegun.Since(world.Now).Count(other => other.Name == name) >= AtOnce;
}
