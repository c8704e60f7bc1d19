using System.Text.RegularExpressions;

namespace Ingest.Reading;

/// <summary>What kind of change a name or a message tells of, in the contract's words.</summary>
internal static partial class ChangeWords
{
    /// <summary>The kind that the words name; <paramref name="otherwise"/> where they name none.</summary>
    public static string Kind(string? words, string otherwise) => words is null ? otherwise
        : Rollback().IsMatch(words) ? "rollback"
        : Restart().IsMatch(words) ? "restart"
        : Deploy().IsMatch(words) ? "deploy"
        : Config().IsMatch(words) ? "config"
        : otherwise;

    /// <summary>The commit that a message says it takes back, as <c>git revert</c> writes it; null where it says none.</summary>
    public static string? Reverted(string? message) =>
        message is not null && RevertedCommit().Match(message) is { Success: true } found ? found.Groups[1].Value : null;

    /// <summary>True for a message that begins as <c>git revert</c> and the merge buttons write it.</summary>
    public static bool IsRevert(string? message) => message is not null && RevertTitle().IsMatch(message);

    /// <summary>First line of a message.</summary>
    public static string? Title(string? message) => message?.Split('\n', 2)[0].Trim();

    /// <summary>What a job called <c>deploy-orders-prod</c> is about: <c>orders</c>. The name itself where nothing would be left.</summary>
    public static string Subject(string job)
    {
        var words = job.Split(['-', '_', '/', ' ', '.'], StringSplitOptions.RemoveEmptyEntries).Where(w => !Filler().IsMatch(w)).ToList();
        return words.Count > 0 ? string.Join('-', words) : job;
    }

    [GeneratedRegex(@"\b(roll(ed|ing)?[ _-]?back|revert(s|ed|ing)?)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Rollback();

    [GeneratedRegex(@"\b(restart(s|ed|ing)?|reboot(s|ed|ing)?|bounce)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Restart();

    [GeneratedRegex(@"\b(deploy(s|ed|ing|ment)?|release|rollout|publish|ship|promote|cd)\b|deploy", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Deploy();

    [GeneratedRegex(@"\b(config(uration)?|terraform|ansible|puppet|chef|firewall|feature[ _-]?flag|migrat(e|ion)s?)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Config();

    [GeneratedRegex(@"[Tt]his reverts (?:commit|merge request \S+ \(commit) ([0-9a-f]{7,64})", RegexOptions.CultureInvariant)]
    private static partial Regex RevertedCommit();

    [GeneratedRegex(@"^\s*Revert\s+""", RegexOptions.CultureInvariant)]
    private static partial Regex RevertTitle();

    [GeneratedRegex(@"^(deploy(ment)?|release|rollback|rollout|publish|restart|prod(uction)?|stag(e|ing)|live|job|pipeline|ci|cd|to|of|main|master)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Filler();
}
