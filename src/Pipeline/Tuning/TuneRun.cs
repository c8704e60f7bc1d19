using Pipeline.Config;
using Pipeline.Labelling;
using Pipeline.Replaying;

namespace Pipeline.Tuning;

/// <summary>One replayed file with what was news in it.</summary>
internal sealed record TunedFile(string Name, ReplayInput Input, IReadOnlyList<News> News);

/// <summary>Tries sets of rules on files, as many replays at once as there are processors. Reads; writes nothing.</summary>
internal sealed class TuneRun(ReplayPlan plan, Board board, IReadOnlyList<TunedFile> files) : IDisposable
{
    private readonly SemaphoreSlim slots = new(Math.Max(1, Environment.ProcessorCount));

    /// <summary>A page later than this after its change was surfaced is too late to count.</summary>
    public TimeSpan Within { get; init; } = News.Within;

    /// <summary>Told of each replay that is done: how much it read, as the inputs' sizes count.</summary>
    public Action<long>? Done { get; init; }

    public async Task<IReadOnlyList<IReadOnlyList<FileOutcome>>> TryAsync(IReadOnlyList<Position> positions, CancellationToken cancel)
    {
        var tries = positions.Select(p => plan with { Settings = With(board.Rules(p)), OwnRules = true, WithMembers = true, Out = null })
            .Select(tried => Task.WhenAll(files.Select(file => ReplayAsync(tried, file, cancel)))).ToList();
        return await Task.WhenAll(tries);
    }

    public void Dispose() => slots.Dispose();

    private async Task<FileOutcome> ReplayAsync(ReplayPlan tried, TunedFile file, CancellationToken cancel)
    {
        await slots.WaitAsync(cancel);
        try
        {
            var result = await new ReplayEngine(tried, TimeProvider.System).RunAsync([file.Input], null, cancel);
            Done?.Invoke(file.Input.Size);
            var score = NewsScore.Of(file.News, result, Within);
            return new(result.Summary.Pages, result.Summary.Changes, score.All.Count, score.Named, score.Paged, score.True, score.MedianDelay);
        }
        catch (ReplayInputException e)
        {
            throw new ReplayInputException($"{file.Name}: {e.Message}");
        }
        finally
        {
            slots.Release();
        }
    }

    private Settings With(Dedupe.Rules.RuleSet rules) => plan.Settings with { Rules = rules };
}
