using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Dedupe.Surfacing;

/// <summary>One reason to surface a change: one file, and one line in <see cref="Reasons.All"/>.</summary>
/// <remarks>A reason overrides what it watches: an alert that comes in, an identity or an incident as time passes.</remarks>
internal abstract class ReasonRule
{
    public abstract Reason Reason { get; }

    /// <summary>Judges a firing alert of an identity that fires already; null: nothing of mine.</summary>
    public virtual Verdict? OnFiring(World world, IdentityState identity, Alert alert) => null;

    /// <summary>Judges a firing alert of an identity that did not fire, in the incident it returns to; null: nothing of mine.</summary>
    public virtual Verdict? OnReturn(World world, IdentityState identity, Alert alert, IncidentState incident) => null;

    /// <summary>Judges an identity's joining of an incident in which it has not been; null: nothing of mine.</summary>
    public virtual Verdict? OnJoin(World world, IdentityState identity, Alert alert, IncidentState incident) => null;

    /// <summary>When time alone may make it news of this identity; never early, so that a fresh look may find it later.</summary>
    public virtual long DueOf(World world, IdentityState identity) => Clock.Never;

    public virtual void OnDue(World world, IdentityState identity) { }

    /// <summary>When time alone may make it news of this incident.</summary>
    public virtual long DueOf(World world, IncidentState incident) => Clock.Never;

    public virtual void OnDue(World world, IncidentState incident) { }
}

/// <summary>The reasons, in the order in which they are asked; the first that has something to say says it.</summary>
internal static class Reasons
{
    public static readonly IReadOnlyList<ReasonRule> All =
    [
        new SeverityRose(),
        new Flapping(),
        new Stays(),
        new Refired(),
        new NewErrorClass(),
        new NewSubsystem(),
        new NewAlert(),
        new Creeping(),
        new OutOfRange(),
        new RateShift(),
        new Alone(),
        new MessageChanged(),
        new Survivor(),
        new StillFiring(),
        new WentSilent(),
        new AckExpired(),
        new Opened(),
        new Unsilenced(),
    ];
}
