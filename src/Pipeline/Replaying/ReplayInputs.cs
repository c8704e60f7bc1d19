using Dedupe.Log;

namespace Pipeline.Replaying;

/// <summary>What the command line names as input: files, standard input, or the log.</summary>
public sealed class ReplayInputs : IDisposable
{
    private readonly string? spooled;

    private ReplayInputs(IReadOnlyList<ReplayInput> all, string? spooled) => (All, this.spooled) = (all, spooled);

    public IReadOnlyList<ReplayInput> All { get; }

    /// <summary>Their size as stored; 0 where nobody knows.</summary>
    public long Bytes => All.Any(i => i.Bytes == 0) ? 0 : All.Sum(i => i.Bytes);

    /// <param name="log">Read up to <paramref name="to"/> instead of files, from its beginning: what comes before the time asked about is history.</param>
    /// <param name="twice">They will be read twice, so standard input is kept in a temporary file meanwhile.</param>
    /// <exception cref="ReplayInputException">A file cannot be read.</exception>
    public static async Task<ReplayInputs> OpenAsync(IReadOnlyList<string> files, ILog? log, DateTimeOffset? to, bool twice, CancellationToken cancel)
    {
        if (log is not null) return new([new LogExport(log).AsInput(null, to)], null);
        string? spooled = null;
        var inputs = new List<ReplayInput>();
        foreach (var file in files)
        {
            if (file != "-") inputs.Add(ReplayInput.File(file));
            else if (!twice) inputs.Add(new("standard input", 0, Console.OpenStandardInput));
            else inputs.Add(ReplayInput.File(spooled ??= await SpoolAsync(cancel)));
        }
        return new(inputs, spooled);
    }

    public void Dispose()
    {
        if (spooled is not null) File.Delete(spooled);
    }

    private static async Task<string> SpoolAsync(CancellationToken cancel)
    {
        var path = Path.GetTempFileName();
        await using var file = File.Create(path);
        await using var input = Console.OpenStandardInput();
        await input.CopyToAsync(file, cancel);
        return path;
    }
}
