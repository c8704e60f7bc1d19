namespace Pipeline.Replaying;

/// <summary>What the command line names as input: files, standard input, or the log.</summary>
internal sealed class ReplayInputs : IDisposable
{
    private ReplayInputs(IReadOnlyList<ReplayInput> all, string? temporary) => (All, Temporary) = (all, temporary);

    public IReadOnlyList<ReplayInput> All { get; }

    /// <summary>The file of ours that goes with these; null for none.</summary>
    public string? Temporary { get; }

    /// <summary>For the progress bar; 0 where nobody knows.</summary>
    public long Size => All.Any(i => i.Size == 0) ? 0 : All.Sum(i => i.Size);

    /// <param name="twice">They will be read twice, so standard input is kept in a temporary file meanwhile.</param>
    /// <exception cref="ReplayInputException">A file cannot be read.</exception>
    public static async Task<ReplayInputs> OpenAsync(IReadOnlyList<string> files, bool twice, CancellationToken cancel)
    {
        string? spooled = null;
        var inputs = new List<ReplayInput>();
        foreach (var file in files)
        {
            if (file != "-") inputs.Add(ReplayInput.File(file));
            else if (!twice) inputs.Add(new("standard input", 0, Console.OpenStandardInput));
            else inputs.Add(ReplayInput.File(spooled ??= await SpoolAsync(cancel)) with { Name = "standard input" });
        }
        return new(inputs, spooled);
    }

    /// <summary>This installation's own log, read where it lies.</summary>
    public static ReplayInputs Of(LogExport export) => new([export.AsInput()], null);

    /// <summary>A file of ours, gone afterwards.</summary>
    public static ReplayInputs OfTemporary(string path, string name) => new([ReplayInput.File(path) with { Name = name }], path);

    public void Dispose()
    {
        if (Temporary is not null) File.Delete(Temporary);
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
