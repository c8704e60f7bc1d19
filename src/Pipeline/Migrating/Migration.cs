using Dedupe.Log;
using Pipeline.Cli;
using Pipeline.Config;
using Pipeline.Hosting;

namespace Pipeline.Migrating;

/// <summary>Runs a part of the work and shows how far it is.</summary>
internal delegate Task<long> Phase(string title, long size, Func<Action<long>?, Task<long>> work);

/// <summary>Copies a log into another one, goes on where an earlier attempt stopped, and compares the two to the last byte.</summary>
/// <remarks>Nothing is remembered but the copy itself: what it has must be how the source begins, and the rest is appended.</remarks>
internal sealed class Migration(ILog source, ILogTarget copy, Settings settings, Phase phase)
{
    /// <exception cref="UsageException">The copy holds something else.</exception>
    /// <exception cref="IOException">The two differ at the end, or somebody wrote to one of them meanwhile.</exception>
    public async Task<MigrationResult> RunAsync(bool replay, CancellationToken cancel)
    {
        var scopes = await ScopeExtent.AllAsync(source, cancel);
        await RefuseAnotherLogAsync(scopes, cancel);
        var size = scopes.Sum(s => s.Inputs + s.Decisions);
        var copying = new LogCopy(source, copy);
        var resumed = 0L;
        try
        {
            resumed = await phase("looking at what is there", size, each => ResumableAsync(scopes, each, cancel));
            await phase("copying", size - resumed, each => copying.RunAsync(scopes, each, cancel));
        }
        catch (WrongNumberException e)
        {
            throw new IOException($"another process writes to the copy: {e.Message}; stop it and run this again", e);
        }
        var result = new MigrationResult { Resumed = resumed, Copied = copying.Copied, Snapshots = copying.Snapshots };
        await phase("comparing", size, async each =>
        {
            result = result with { Parts = await CompareAsync(scopes, each, cancel) };
            return size;
        });
        if (scopes.Count > 0) await CopyMark.SetAsync(copy, finished: true, cancel);
        return result with { NotReplayed = replay ? await ReplayAsync(scopes, cancel) : "not asked for (--skip-replay)" };
    }

    private async Task RefuseAnotherLogAsync(IReadOnlyList<ScopeExtent> scopes, CancellationToken cancel)
    {
        var there = (await copy.ScopesAsync(cancel)).Select(s => s.Value).ToList();
        var names = scopes.Select(s => s.Name).ToList();
        if (there.Count > names.Count || !there.SequenceEqual(names.Take(there.Count)))
            throw new UsageException(
                $"--to has the scopes {string.Join(", ", there)}, and --from {string.Join(", ", names)}: scopes are known by their order, so this is another log; name an empty one");
    }

    /// <summary>How many inputs and decisions are in the copy already.</summary>
    private async Task<long> ResumableAsync(IReadOnlyList<ScopeExtent> scopes, Action<long>? each, CancellationToken cancel)
    {
        var comparison = new LogComparison(source, copy, whole: false, each);
        var count = 0L;
        foreach (var scope in scopes.Take((await copy.ScopesAsync(cancel)).Count))
            count += Same(await comparison.InputsAsync(scope, cancel)) + Same(await comparison.DecisionsAsync(scope, cancel));
        Same(await comparison.OutcomesAsync(cancel));
        Same(await comparison.KeysAsync(cancel));
        return count;

        static long Same(Compared part) => part.Difference is null ? part.Count
            : throw new UsageException($"--to holds another log, or was written to since it was copied: {part.Difference}; name an empty one");
    }

    private async Task<IReadOnlyList<MigratedPart>> CompareAsync(IReadOnlyList<ScopeExtent> scopes, Action<long>? each, CancellationToken cancel)
    {
        var comparison = new LogComparison(source, copy, whole: true, each);
        var parts = new List<MigratedPart>();
        foreach (var scope in scopes)
        {
            Add("inputs", scope, await comparison.InputsAsync(scope, cancel));
            Add("decisions", scope, await comparison.DecisionsAsync(scope, cancel));
            if (await source.PositionAsync(scope.Number, cancel) is var now && now != scope.Position)
                throw new IOException($"--from was written to meanwhile (scope {scope.Name}: input {scope.Position.LastInput}, now {now.LastInput}); stop its server and run the same command again");
            if (await copy.PositionAsync(scope.Number, cancel) is var there && there != scope.Position)
                throw new IOException($"the copy stands elsewhere than its source (scope {scope.Name}: {there}, not {scope.Position}); please report this, and do not use the copy");
        }
        Add("outcomes", null, await comparison.OutcomesAsync(cancel));
        Add("keys", null, await comparison.KeysAsync(cancel));
        return parts;

        void Add(string what, ScopeExtent? scope, Compared part)
        {
            if (part.Difference is { } difference) throw new IOException($"the copy is not the same as its source: {difference}; do not use it");
            if (part.SourceHash != part.CopyHash) throw new IOException($"the copy's {what} have another hash than its source's; do not use it");
            parts.Add(new(what, scope?.Name, scope is null ? 1 : what == "inputs" ? scope.Begins.LastInput + 1 : scope.Begins.LastDecision + 1, part.Count, part.CopyHash));
        }
    }

    /// <summary>Why it was not replayed; null where it was and the same was decided.</summary>
    private async Task<string?> ReplayAsync(IReadOnlyList<ScopeExtent> scopes, CancellationToken cancel)
    {
        if (await ReplayCheck.ObstacleAsync(source, scopes, cancel) is { } obstacle) return obstacle;
        foreach (var scope in scopes)
        {
            string? difference = null;
            await phase($"replaying {scope.Name}", scope.Inputs, async each =>
            {
                difference = await ReplayCheck.DifferenceAsync(copy, scope, settings, each, cancel);
                return scope.Inputs;
            });
            if (difference is not null)
                throw new IOException(
                    $"the copy is the same as its source, but decided again it comes out differently: {difference}. Was part of it decided by another release, or does --config "
                    + "set other limits than it was recorded under? To take it as it is, run the same command with --skip-replay");
        }
        return null;
    }
}
