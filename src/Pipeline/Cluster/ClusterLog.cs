namespace Pipeline.Cluster;

/// <summary>What the cluster's parts write to the process's log.</summary>
internal static partial class ClusterLog
{
    [LoggerMessage(LogLevel.Warning, "no sign of life could be given for {Kind}: leases run out in 5 s where this goes on")]
    public static partial void BeatFailed(this ILogger logger, Exception error, string kind);

    [LoggerMessage(LogLevel.Warning, "signs of life are given again for {Kind}, after {Seconds:0} s")]
    public static partial void BeatsAgain(this ILogger logger, string kind, double seconds);

    [LoggerMessage(LogLevel.Information, "{Kind} {Number} is ours")]
    public static partial void Taking(this ILogger logger, string kind, int number);

    [LoggerMessage(LogLevel.Information, "{Kind} {Number} is given up")]
    public static partial void GaveUp(this ILogger logger, string kind, int number);

    [LoggerMessage(LogLevel.Information, "deliveries of scope {Scope} come on partition {Now} instead of {Before}: it is given up here")]
    public static partial void Moved(this ILogger logger, string scope, int before, int now);

    [LoggerMessage(LogLevel.Error, "{Kind} {Number} could not be begun; it is given back")]
    public static partial void NotStarted(this ILogger logger, Exception error, string kind, int number);

    [LoggerMessage(LogLevel.Error, "{Kind} {Number} could not be stopped in order")]
    public static partial void NotStopped(this ILogger logger, Exception error, string kind, int number);

    [LoggerMessage(LogLevel.Error, "following {What} failed; it goes on where it stopped")]
    public static partial void NotFollowed(this ILogger logger, Exception error, string what);

    [LoggerMessage(LogLevel.Error, "publishing the incident events of scope {Scope} stopped")]
    public static partial void NotPublished(this ILogger logger, Exception error, int scope);

    [LoggerMessage(LogLevel.Warning, "a dead letter of {Source} is recorded as rejected: {Reason}")]
    public static partial void DeadLetter(this ILogger logger, string source, string reason);

    [LoggerMessage(LogLevel.Warning, "not everything stopped within {Seconds} s: the store or the broker does not answer; what was under way is another node's in 5 s")]
    public static partial void NotStoppedInTime(this ILogger logger, Exception error, double seconds);

    [LoggerMessage(LogLevel.Error, "{What} was interrupted; it is begun again")]
    public static partial void Interrupted(this ILogger logger, Exception error, string what);
}
