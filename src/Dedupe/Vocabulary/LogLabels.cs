namespace Dedupe.Vocabulary;

/// <summary>What the alert of a log line is called by.</summary>
public static class LogLabels
{
    /// <summary>The alertname of them all.</summary>
    public const string AlertName = "LogError";

    /// <summary>The label that holds what the line says, masked.</summary>
    public const string Template = "template";
}
