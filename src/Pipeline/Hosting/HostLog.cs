namespace Pipeline.Hosting;

/// <summary>What the host writes to its log.</summary>
internal static partial class HostLog
{
    [LoggerMessage(LogLevel.Error, "what came could not be recorded ({Count} inputs); whoever sent it is told so")]
    public static partial void NotRecorded(this ILogger logger, Exception error, int count);

    [LoggerMessage(LogLevel.Error, "where the log stands could not be read; it is asked again before the next commit")]
    public static partial void NotPlaced(this ILogger logger, Exception error);

    [LoggerMessage(LogLevel.Warning, "the snapshot is of decider version {Theirs}, this is {Ours}: everything is read again from the log")]
    public static partial void SnapshotOfAnother(this ILogger logger, string theirs, string ours);

    [LoggerMessage(LogLevel.Error, "scope {Scope}: input {Input} could not be decided, attempt {Attempt}")]
    public static partial void NotDecided(this ILogger logger, Exception error, string scope, long input, int attempt);

    [LoggerMessage(LogLevel.Error, "scope {Scope}: decisions could not be appended; tried again in {Seconds} s")]
    public static partial void NotAppended(this ILogger logger, Exception error, string scope, double seconds);

    [LoggerMessage(LogLevel.Warning, "scope {Scope}: the log is not where it was thought to be; reading it again")]
    public static partial void Reread(this ILogger logger, string scope);

    [LoggerMessage(LogLevel.Error, "{Task} failed")]
    public static partial void Failed(this ILogger logger, Exception error, string task);

    [LoggerMessage(LogLevel.Warning, "scope {Scope} cannot be read: its store is away; tried again every {Seconds} s")]
    public static partial void NotRead(this ILogger logger, Exception error, string scope, double seconds);
}
