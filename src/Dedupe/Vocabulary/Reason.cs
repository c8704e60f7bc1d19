namespace Dedupe.Vocabulary;

/// <summary>Why a change was surfaced. The words of the contract's section 1; <see cref="Words.Of(Reason)"/> writes them.</summary>
public enum Reason : byte
{
    Opened,
    NewAlert,
    NewSubsystem,
    SeverityRose,
    Refired,
    StillFiring,
    Survivor,
    Creeping,
    RateShift,
    NewErrorClass,
    MessageChanged,
    Flapping,
    WentSilent,
    AckExpired,
    Unsilenced,
}

/// <summary>What became of one alert: a reason, or one of the quiet ends.</summary>
public enum Disposition : byte
{
    Opened,
    NewAlert,
    NewSubsystem,
    SeverityRose,
    Refired,
    StillFiring,
    Survivor,
    Creeping,
    RateShift,
    NewErrorClass,
    MessageChanged,
    Flapping,
    WentSilent,
    AckExpired,
    Unsilenced,
    Repeat,
    Resolved,
    Eased,
    Silenced,
    Preexisting,
    Rejected,
}

/// <summary>The words that results, pages and screens use.</summary>
public static class Words
{
    private static readonly string[] All =
    [
        "opened", "new-alert", "new-subsystem", "severity-rose", "refired", "still-firing", "survivor", "creeping", "rate-shift",
        "new-error-class", "message-changed", "flapping", "went-silent", "ack-expired", "unsilenced",
        "repeat", "resolved", "eased", "silenced", "preexisting", "rejected",
    ];

    public static string Of(Reason reason) => All[(int)reason];

    public static string Of(Disposition disposition) => All[(int)disposition];

    /// <summary>The disposition of an alert that was surfaced for a reason: the same word.</summary>
    public static Disposition AsDisposition(this Reason reason) => (Disposition)reason;

    public static bool TryReason(string word, out Reason reason)
    {
        var at = Array.IndexOf(All, word);
        reason = (Reason)Math.Max(0, at);
        return at >= 0 && at <= (int)Reason.Unsilenced;
    }
}
