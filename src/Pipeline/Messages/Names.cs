using System.Globalization;

namespace Pipeline.Messages;

/// <summary>What our queues and exchanges are called on RabbitMQ. Docs name them: <c>docs/events.md</c>.</summary>
internal static class Names
{
    /// <summary>A direct exchange; the routing key is the node.</summary>
    public const string Acts = "pipeline.v1.acts";

    /// <summary>Acts that failed in our own code, each with what was thrown; for people to look at.</summary>
    public const string ActErrors = "pipeline.v1.acts_error";

    /// <summary>Goes soon after its node: acts for a node that is gone come back at once.</summary>
    public static string ActsOf(string node) => $"{Acts}.{node}";

    public static string PagesDueOf(string node) => $"pipeline.v1.pages-due.{node}";

    /// <summary>Where answers to acts come back; another one for each start, so that no start takes another's.</summary>
    public static string RepliesTo(string node, long start) => string.Create(CultureInfo.InvariantCulture, $"pipeline.v1.replies.{node}.{start:x}");
}
