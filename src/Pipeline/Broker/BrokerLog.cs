namespace Pipeline.Broker;

/// <summary>What the broker's parts write to the log.</summary>
internal static partial class BrokerLog
{
    [LoggerMessage(LogLevel.Error, "no broker for {Purpose}: {Problem}; tried again until it is there")]
    public static partial void NoBroker(this ILogger logger, string purpose, string problem);

    [LoggerMessage(LogLevel.Information, "connected to {Broker} for {Purpose}")]
    public static partial void Connected(this ILogger logger, string broker, string purpose);

    [LoggerMessage(LogLevel.Warning, "the connection to the broker for {Purpose} is gone: {Reason}")]
    public static partial void Disconnected(this ILogger logger, string purpose, string reason);

    [LoggerMessage(LogLevel.Warning, "the broker takes no messages for now: {Reason}")]
    public static partial void Blocked(this ILogger logger, string reason);

    [LoggerMessage(LogLevel.Information, "the broker takes messages again")]
    public static partial void Unblocked(this ILogger logger);

    [LoggerMessage(LogLevel.Error, "a message to {Exchange} was not taken: {Why}")]
    public static partial void NotTaken(this ILogger logger, string exchange, string why);

    [LoggerMessage(LogLevel.Warning, "reading {Queue} was interrupted: {Reason}; it is taken up again")]
    public static partial void Interrupted(this ILogger logger, string queue, string reason);

    [LoggerMessage(LogLevel.Error, "{Count} messages of {Queue} could not be worked on, attempt {Attempt}; they are kept and tried again")]
    public static partial void NotWorkedOn(this ILogger logger, Exception error, string queue, int count, int attempt);

    [LoggerMessage(LogLevel.Error, "a message of {Queue} goes to the dead letters: {Reason}")]
    public static partial void Poison(this ILogger logger, string queue, string reason);
}
