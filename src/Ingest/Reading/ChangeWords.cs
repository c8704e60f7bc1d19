using System.Text.RegularExpressions;

namespace Ingest.Reading;

/// <summary>What kind of change a name or a message tells of, in the contract's words.</summary>
internal static partial class ChangeWords
{
    /// <summary>Runs that build and test: as far as anybody says, nothing else runs afterwards than before.</summary>
    public const string Ci = "ci";

    /// <summary>The kind that the words name; <paramref name="otherwise"/> where they name none. Going back outweighs all, else the first word counts.</summary>
    public static string Kind(string? words, string otherwise)
    {
        if (words is null) return otherwise;
        if (Rollback().IsMatch(words)) return "rollback";
        var first = new[] { ("restart", Restart()), ("deploy", Deploy()), ("config", Config()) }
            .Select(k => (Kind: k.Item1, Found: k.Item2.Match(words))).Where(k => k.Found.Success).OrderBy(k => k.Found.Index).FirstOrDefault();
        return first.Kind ?? otherwise;
    }

    /// <summary>The commit that a message says it takes back, as <c>git revert</c> writes it; null where it says none.</summary>
    public static string? Reverted(string? message) =>
        message is not null && RevertedCommit().Match(message) is { Success: true } found ? found.Groups[1].Value : null;

    /// <summary>True for the title that <c>git revert</c> and the merge buttons write; a revert that is taken back is none.</summary>
    public static bool IsRevert(string? message) => Title(message) is { } title && RevertTitle().IsMatch(title);

    /// <summary>First line of a message; of a merge what was merged, where the message says so.</summary>
    public static string? Title(string? message)
    {
        if (message is null) return null;
        var lines = message.Split('\n', 8).Select(l => l.Trim()).Where(l => l.Length > 0).ToList();
        return lines is [var merge, var merged, ..] && merge.StartsWith("Merge ", StringComparison.Ordinal) && !merged.StartsWith("See merge request", StringComparison.Ordinal) ? merged : lines.FirstOrDefault();
    }

    /// <summary>True for a job's name that only says what it does, not to what.</summary>
    public static bool IsFiller(string job) => job.Split(['-', '_', ' ', '.'], StringSplitOptions.RemoveEmptyEntries).All(w => Filler().IsMatch(w));

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

    [GeneratedRegex(@"^Revert\s+""(?!Revert\s+"")", RegexOptions.CultureInvariant)]
    private static partial Regex RevertTitle();

    [GeneratedRegex(@"^(deploy(ment)?|release|rollback|rollout|publish|restart|prod(uction)?|stag(e|ing)|live|job|pipeline|ci|cd|to|of|main|master)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Filler();
}
