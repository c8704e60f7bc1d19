using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Dedupe.Surfacing;

/// <summary>What people do so that it ends: a restart, or a rollback, by whatever name: taking a change back, going back to what ran before.</summary>
internal static class Cure
{
    public const string Restart = "restart", Rollback = "rollback";

    private static readonly string[] Restarting = ["restart", "reboot"], Undoing = ["rollback", "rolledback", "rollingback", "revert", "undo"];

    /// <summary>How deploys say that they go back. A push or a release may speak of it as of anything else.</summary>
    private static readonly string[] Phrases = ["rolled back", "rolling back", "rollback to", "rollback of", "roll back to", "reverted to", "revert to"];
    private static readonly string[] Publishing = ["push", "release", "tag"];

    /// <summary><see cref="Rollback"/> or <see cref="Restart"/>; null where nothing is expected to end because of it.</summary>
    /// <param name="before">The changes recorded before it, oldest first.</param>
    public static string? Of(Change change, IReadOnlyList<RecordedChange> before) =>
        SaysThatItGoesBack(change) || GoesBack(change, before) ? Rollback
        : Has(change.Kind, Restarting) ? Restart
        : null;

    /// <summary>What it is called in a sentence: its kind, what it takes back, and which one it is.</summary>
    public static string Words(Change change, string? cure)
    {
        var back = change.Reverts is { } reverts ? $" of {reverts}" : cure == Rollback && !SaysThatItGoesBack(change) ? " of an earlier version" : "";
        // An id that we made up says nothing to anybody.
        var id = change.Id.StartsWith(Change.MadeUp, StringComparison.Ordinal) ? "" : $"{change.Id}: ";
        return $"{change.Kind}{back} ({id}{change.Summary})";
    }

    /// <summary>How much of a change of this kind runs somewhere, 0 to 1: what is published is ready to be deployed, a run of tests is not even that.</summary>
    public static double Runs(string kind) => kind == "ci" ? 0.3 : Has(kind, Publishing) ? 0.7 : 1;

    private static bool SaysThatItGoesBack(Change change) =>
        change.Reverts is not null || Has(change.Kind, Undoing) || IsRevert(change.Summary)
        || (!Has(change.Kind, Publishing) && Phrases.Any(p => change.Summary.Contains(p, StringComparison.OrdinalIgnoreCase)));

    /// <summary>The same kind of change to the same services ran this version before, and another one since.</summary>
    private static bool GoesBack(Change change, IReadOnlyList<RecordedChange> before)
    {
        if (change.Version is null) return false;
        var another = false;
        for (var i = before.Count - 1; i >= 0; i--)
        {
            var earlier = before[i].Change;
            if (earlier.Version is null || earlier.Id == change.Id || earlier.Kind != change.Kind || earlier.Environment != change.Environment) continue;
            if (!earlier.Services.Intersect(change.Services).Any()) continue;
            if (earlier.Version == change.Version) return another;
            another = true;
        }
        return false;
    }

    /// <summary>The title that <c>git revert</c> and the merge buttons write; to take a revert back is no way back.</summary>
    private static bool IsRevert(string summary) =>
        summary.IndexOf("Revert \"", StringComparison.Ordinal) is var at and >= 0
        && (at == 0 || char.IsWhiteSpace(summary[at - 1])) && !summary.AsSpan(at + 8).StartsWith("Revert \"", StringComparison.Ordinal);

    /// <summary>Kinds are written as everybody likes: <c>Roll-Back</c>, <c>rolling_restart</c>.</summary>
    private static bool Has(string kind, string[] words)
    {
        var letters = string.Concat(kind.Where(char.IsLetter).Select(char.ToLowerInvariant));
        return words.Any(w => letters.Contains(w, StringComparison.Ordinal));
    }
}
