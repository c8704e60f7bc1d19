using Dedupe.Deciding;

namespace Dedupe.Surfacing;

/// <summary>Log lines say that something happened, not that it is still so: nobody says that it ended, and silence is no news.</summary>
internal static class Events
{
    private static readonly HashSet<string> Sources = ["logs", "otlp", "syslog"];

    /// <summary>Unheard for this long it does not go on, unless it never came more often.</summary>
    private const long LeastMs = 2 * 60_000;

    public static bool Is(IdentityState identity) => Sources.Contains(identity.Source);

    /// <summary>True for what fires until somebody says otherwise; of an event, where it was heard lately for how often it comes.</summary>
    public static bool IsHeard(World world, IdentityState identity)
    {
        if (!Is(identity)) return true;
        var quiet = world.Now - identity.LastSeen - world.State.BlindSince(identity.LastSeen);
        return quiet <= Math.Max(LeastMs, 4L * identity.Habit.Read().MedianMs);
    }
}
