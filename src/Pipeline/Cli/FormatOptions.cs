using System.CommandLine;
using Pipeline.Client;
using Pipeline.Importing;
using Pipeline.Replaying;

namespace Pipeline.Cli;

/// <summary>The options that say what the files are: our own lines, Nagios' log, or another system's record that is imported first.</summary>
internal sealed class FormatOptions
{
    private const string Own = "jsonl", NagiosLog = "nagios-log";

    private readonly Option<string> format = new("--format")
    {
        Description = $"What the files are: {Own}, {NagiosLog}, {string.Join(", ", Importers.All.Select(i => i.Name))}",
        DefaultValueFactory = _ => Own,
        HelpName = "FORMAT",
    };

    private readonly Option<string[]> map = new("--map")
    {
        Description = $"Of csv: which column is what [default: guessed by their names, and said]: {ColumnMap.Example}",
        HelpName = "NAME=COLUMN,...",
    };

    public FormatOptions(Command command)
    {
        format.AcceptOnlyFromAmong([Own, NagiosLog, .. Importers.All.Select(i => i.Name)]);
        command.Options.Add(format);
        command.Options.Add(map);
    }

    /// <summary>How the lines are read, once they are imported.</summary>
    public ReplayFormat Format(ParseResult parsed) => parsed.GetValue(format) == NagiosLog ? ReplayFormat.NagiosLog : ReplayFormat.JsonLines;

    /// <summary>Opens the files, imported where they are another system's record.</summary>
    /// <param name="twice">They will be read more than once.</param>
    /// <exception cref="UsageException">The options do not fit.</exception>
    /// <exception cref="ReplayInputException">A file cannot be read.</exception>
    public async Task<ReplayInputs> OpenAsync(ParseResult parsed, IReadOnlyList<string> files, bool twice, CancellationToken cancel)
    {
        var importer = Importers.Find(parsed.GetValue(format)!);
        // Told after the bar, which takes the lines that it stood on.
        var told = new List<string>();
        var options = Options(parsed, importer) with { Tell = told.Add };
        if (importer is null) return await ReplayInputs.OpenAsync(files, twice, cancel);
        var path = Path.GetTempFileName();
        try
        {
            using var inputs = await ReplayInputs.OpenAsync(files, twice: false, cancel);
            await ProgressBar.ShowAsync($"importing {importer.Name}", inputs.Size, progress => Task.Run(
                () =>
                {
                    ImportedLines.Write(importer, options, inputs.All, path, progress, cancel);
                    return true;
                },
                cancel));
            foreach (var line in told) await parsed.InvocationConfiguration.Error.WriteLineAsync(line);
            return ReplayInputs.OfTemporary(path, string.Join(", ", files));
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    /// <summary>Where the lines lie that were made of the files; null where they are lines already.</summary>
    public string? Imported(ParseResult parsed, ReplayInputs inputs) => Importers.Find(parsed.GetValue(format)!) is null ? null : inputs.Temporary;

    private ImportOptions Options(ParseResult parsed, IImporter? importer)
    {
        if (parsed.GetValue(map) is not { Length: > 0 } texts) return new();
        if (importer is not CsvTable) throw new UsageException("--map says which column is what: it belongs to --format csv");
        return new(ColumnMap.Parse(texts, out var problem) ?? throw new UsageException($"--map: {problem}"));
    }
}
