namespace Pipeline.Cli;

/// <summary>What a command says to whoever started it. Scripts rely on these: never change one.</summary>
public static class ExitCode
{
    public const int Ok = 0;

    /// <summary>The command was understood and did not work out.</summary>
    public const int Failed = 1;

    /// <summary>Wrong usage, or an input that cannot be used: a missing file, a configuration with errors.</summary>
    public const int WrongUsage = 2;
}

/// <summary>Ends a command as wrong usage: the message is for a person and says what to do.</summary>
public sealed class UsageException(string message) : Exception(message);
