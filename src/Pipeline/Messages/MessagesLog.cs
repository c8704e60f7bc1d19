namespace Pipeline.Messages;

/// <summary>What messages write to the log.</summary>
internal static partial class MessagesLog
{
    [LoggerMessage(LogLevel.Warning, "scope {Scope}: the broker takes no incident events; they wait in the log and are tried again every second")]
    public static partial void NotPublished(this ILogger logger, Exception error, string scope);

    [LoggerMessage(LogLevel.Warning, "scope {Scope}: incident events are published again")]
    public static partial void PublishedAgain(this ILogger logger, string scope);

    [LoggerMessage(LogLevel.Warning, "scope {Scope}: up to where incident events are published could not be saved; tried again with the next")]
    public static partial void PositionNotSaved(this ILogger logger, Exception error, int scope);

    [LoggerMessage(LogLevel.Error, "scope {Scope}: its owner {Node} failed on an act; what was thrown is in the queue " + Names.ActErrors)]
    public static partial void OwnerFailed(this ILogger logger, Exception error, int scope, string node);

    [LoggerMessage(LogLevel.Error, "an act was not decided: who owns its scope could not be found out, or its decision not be seen")]
    public static partial void NotActed(this ILogger logger, Exception error);

    [LoggerMessage(LogLevel.Error, "the bus could not be started: nothing is sent or heard until the process is started again")]
    public static partial void BusNotStarted(this ILogger logger, Exception error);
}
