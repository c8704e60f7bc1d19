using System.CommandLine;
using Pipeline.Client;
using Pipeline.Labelling;
using Pipeline.Replaying;
using Pipeline.Tuning;

namespace Pipeline.Cli;

/// <summary><c>tune FILE... --labels L</c>: which rules would have paged less and missed nothing more. Changes nothing.</summary>
public static class TuneCommand
{
    private const string Usual = "pipeline.yaml";

    public static Command Create()
    {
        var files = new Argument<string[]>("FILE") { Description = "Recorded outages (see --format), gzipped or not; each is replayed on its own", Arity = ArgumentArity.OneOrMore };
        var labels = ReplayCommand.LabelOption();
        labels.Required = true;
        var rules = new Option<string?>("--rules") { Description = $"The rules to start from [default: ./{Usual} if it is there, else the defaults]" };
        var topology = ConfigOptions.Topology();
        var recall = new Option<double?>("--recall") { Description = "Suggest the fewest pages that name this share of the news, 0 to 1 [default: as much as the rules name as they are]", HelpName = "SHARE" };
        var points = new Option<int>("--points") { Description = "How many sets of rules to try at most", DefaultValueFactory = _ => 60, HelpName = "N" };
        var output = new Option<string?>("--out") { Description = "Folder for tune.svg, points.jsonl and a point-N.yaml for each unbeaten point", HelpName = "DIR" };
        var json = new Option<bool>("--json") { Description = "Print everything as JSON" };
        var command = new Command("tune", "Searches the rules that page least for what was news, on recorded outages. Changes nothing.")
        {
            files, labels, rules, topology, recall, points, output, json,
        };
        var within = ReplayCommand.WithinOption();
        command.Options.Add(within);
        var format = new FormatOptions(command);
        command.SetAction(async (parsed, cancel) =>
        {
            if (parsed.GetValue(recall) is < 0 or > 1) throw new UsageException("--recall is a share, from 0 to 1");
            if (parsed.GetValue(points) is < 1 or > 10_000) throw new UsageException("--points is from 1 to 10000");
            var soon = ReplayCommand.Within(parsed, within);
            var names = parsed.GetValue(files)!;
            if (names.Count(n => n == "-") > 1) throw new UsageException("- is standard input, which can be read once");
            if (ConfigOptions.Read(parsed.GetValue(rules), parsed.GetValue(topology), parsed.InvocationConfiguration.Error, pages: false) is not { } settings) return ExitCode.WrongUsage;
            var inputs = new List<ReplayInputs>();
            try
            {
                var news = LabelFile.Read(parsed.GetValue(labels)!, names);
                var tuned = new List<TunedFile>();
                foreach (var (name, i) in names.Select((n, i) => (n, i)))
                {
                    inputs.Add(await format.OpenAsync(parsed, [name], twice: true, cancel));
                    tuned.Add(new(name, inputs[^1].All[0], news[i]));
                }
                var plan = new ReplayPlan
                {
                    Settings = settings, OwnTopology = parsed.GetValue(topology) is not null || settings.Topology.Components.Count > 0, Format = format.Format(parsed),
                };
                var found = (await SearchAsync(plan, tuned, parsed.GetValue(points), soon, cancel)) with { Recall = parsed.GetValue(recall) };
                if (parsed.GetValue(output) is { } folder) TuneReport.WriteFiles(folder, found);
                var from = parsed.GetValue(rules) ?? (File.Exists(Usual) ? Usual : "the defaults");
                if (parsed.GetValue(json)) TuneReport.WriteJson(parsed.InvocationConfiguration.Output, found, from);
                else TuneReport.WriteTable(parsed.InvocationConfiguration.Output, found, from, parsed.GetValue(output));
                return ExitCode.Ok;
            }
            catch (ReplayInputException e)
            {
                throw new UsageException(e.Message);
            }
            finally
            {
                foreach (var input in inputs) input.Dispose();
            }
        });
        return command;
    }

    private static Task<Tuned> SearchAsync(ReplayPlan plan, IReadOnlyList<TunedFile> files, int most, TimeSpan within, CancellationToken cancel)
    {
        var board = new Board(plan.Settings.Rules);
        var size = files.Sum(f => f.Input.Size);
        return ProgressBar.ShowAsync("trying rules", size * most, async progress =>
        {
            var done = 0L;
            using var run = new TuneRun(plan, board, files) { Within = within, Done = read => progress?.Invoke(Interlocked.Add(ref done, read)) };
            var trials = await new ParetoSearch(board, most).RunAsync(positions => run.TryAsync(positions, cancel));
            if (trials[0].Whole.News == 0) throw new ReplayInputException("no label lies in the time of any file");
            return new Tuned(board, [.. files.Select(f => f.Name)], trials);
        });
    }
}
