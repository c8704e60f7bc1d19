namespace Bench.Storms;

/// <summary>Something that a person should be told of a storm.</summary>
/// <param name="Kind">What it is, for the table: new, error-class, rose, creeping, faster, flapping, silent, outlived, back.</param>
/// <param name="Match">The labels of what it is about; * stands for anything.</param>
/// <param name="Reasons">The reasons that name it for what it is.</param>
/// <param name="From">When it truly began: naming it earlier is naming something else.</param>
/// <param name="Known">When what had been sent by then first said so.</param>
/// <param name="To">Until when naming it is of any use.</param>
internal sealed record News(
    string Kind, string Failure, IReadOnlyDictionary<string, string> Match, IReadOnlyList<string> Reasons, TimeSpan From, TimeSpan Known, TimeSpan To);

/// <summary>What is true and follows from news, so that naming it too is no mistake; nor is it missed where it is not named.</summary>
/// <param name="Ordinary">Nobody's failure: ordinary noise, but the first time that it was ever seen.</param>
internal sealed record Consequence(IReadOnlyDictionary<string, string> Match, IReadOnlyList<string> Reasons, TimeSpan From, TimeSpan To, bool Ordinary = false);

/// <summary>The reasons by which something may be named.</summary>
internal static class Named
{
    public static readonly string[]
        New = ["opened", "new-alert", "new-subsystem"], ErrorClass = ["new-error-class", .. New], Back = ["refired", .. New], Rose = ["severity-rose"], Creeping = ["creeping"],
        Faster = ["rate-shift"], Flapping = ["flapping"], Silent = ["went-silent"], Outlived = ["survivor", "still-firing"];
}
