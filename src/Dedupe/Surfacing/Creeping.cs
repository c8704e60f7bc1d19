using System.Globalization;
using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Dedupe.Surfacing;

/// <summary>Its number goes steadily one way at one severity: what will be worse is said before it is.</summary>
internal sealed class Creeping : ReasonRule
{
    /// <summary>Its limit is so near that it is said at once, in milliseconds.</summary>
    private const double Soon = 15 * 60_000;

    public override Reason Reason => Reason.Creeping;

    public override Verdict? OnFiring(World world, IdentityState identity, Alert alert)
    {
        if (identity.Drift is not { Drift: var drift } || NumberOf(alert, identity) is not { } value || !drift.Add(value, world.Now, alert, out var creep)) return null;
        var perHour = (creep.To - creep.From) / Math.Max(1, world.Now - creep.Since) * 3600_000;
        var why = $"{Say.Number(creep.From)} to {Say.Number(creep.To)} in {Say.Span(world.Now - creep.Since)}, {Say.Number(Math.Abs(Math.Round(perHour, 1)))} an hour {(perHour > 0 ? "up" : "down")}";
        var urgent = false;
        if (perHour > 0 && LimitOf(alert) is { } limit && limit > creep.To)
        {
            var left = (limit - creep.To) / perHour * 3600_000;
            urgent = left <= Soon;
            why = string.Create(CultureInfo.InvariantCulture, $"{why}; at this pace {limit:0.###} in {Say.Span((long)left)}");
        }
        return Rarity.Capped(world, new(Reason, 0.75, why, urgent) { From = creep.From, To = creep.To, PerHour = Math.Round(perHour, 2), Value = value });
    }

    /// <summary>What the number cannot or should not pass: as the text says, else a label <c>threshold</c> or <c>limit</c>.</summary>
    public static double? LimitOf(Alert alert) =>
        NumberInText.LimitOf(alert.Summary) ?? ((alert.Identity.Labels["threshold"] ?? alert.Identity.Labels["limit"]) is { } label ? NumberInText.Of(label) : null);

    /// <summary>The alert's value, else the number its text is about; null for log lines, and where the text is that of before.</summary>
    public static double? NumberOf(Alert alert, IdentityState identity) =>
        alert.LogMessage is not null ? null : alert.Value ?? (ReferenceEquals(alert.Summary, identity.Summary) || alert.Summary == identity.Summary ? identity.Number : NumberInText.Of(alert.Summary));
}

/// <summary>Its number leaves the range of all that it was for two days or more.</summary>
internal sealed class OutOfRange : ReasonRule
{
    private const long OnceIn = 24 * 3600_000L;

    public override Reason Reason => Reason.RateShift;

    public override Verdict? OnFiring(World world, IdentityState identity, Alert alert)
    {
        if (identity.Drift is not { Drift: var drift } || Creeping.NumberOf(alert, identity) is not { } value || !drift.Leaves(value, world.Now, out var left)) return null;
        if (identity.OutOfRangeAt >= 0 && world.Now - identity.OutOfRangeAt < OnceIn) return null;
        var (to, range) = (left.IsMean ? left.From.Rounded(left.Value) : value, left.From);
        var (low, high) = (range.Rounded(range.Min), range.Rounded(range.Max));
        return Rarity.Capped(world, new(Reason, 0.6,
            $"{Say.Number(to)}{(left.IsMean ? " in the mean of a dozen" : "")}; for {Say.Span(world.Now - drift.FirstAt)} it was between {Say.Number(low)} and {Say.Number(high)}", Urgent: false)
        { From = to > high ? high : low, To = to, Value = value });
    }
}
