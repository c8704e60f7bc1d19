using System.CommandLine;
using Pipeline.Client;
using Pipeline.Config;
using Pipeline.Labelling;
using Pipeline.Replaying;

namespace Pipeline.Cli;

/// <summary><c>replay FILE...</c>: decides a recorded outage again, in memory, at full speed.</summary>
public static class ReplayCommand
{
    private const string Recorded = "recorded";

    public static Command Create()
    {
        var files = new Argument<string[]>("FILE") { Description = "What was recorded (see --format), gzipped or not, one after another; - is standard input", Arity = ArgumentArity.ZeroOrMore };
        var rules = new Option<string?>("--rules") { Description = "Configuration whose rules decide [default: the recorded ones, else the defaults]" };
        var topology = ConfigOptions.Topology();
        var against = new Option<string?>("--against") { Description = "Compare the pages with those of another configuration, or with those recorded: recorded" };
        var labels = LabelOption();
        var within = WithinOption();
        var output = new Option<string?>("--out") { Description = "Folder for alerts.csv, changes.jsonl, incidents.jsonl, pages.jsonl, summary.json", HelpName = "DIR" };
        var json = new Option<bool>("--json") { Description = "Print the summary as JSON" };
        var from = new Option<string?>("--from") { Description = $"Replay this installation's own log from here: {Times.Help}" };
        var to = new Option<string?>("--to") { Description = "... up to here [default: its end]" };
        var command = new Command("replay", "Decides a recorded outage again, in memory, at full speed.")
        {
            files, rules, topology, against, labels, within, output, json, from, to,
        };
        var format = new FormatOptions(command);
        var own = new OwnLogOptions(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var error = parsed.InvocationConfiguration.Error;
            var now = TimeProvider.System.GetUtcNow();
            var asked = new Request(
                parsed.GetValue(files) ?? [],
                Times.ReadMaybe(parsed.GetValue(from), "--from", now),
                Times.ReadMaybe(parsed.GetValue(to), "--to", now),
                parsed.GetValue(against),
                parsed.GetValue(labels) ?? [],
                Within(parsed, within));
            asked.Check(own.AreGiven(parsed));
            var here = Plan(parsed.GetValue(rules), parsed.GetValue(topology), asked, error);
            var there = asked.Against is null or Recorded ? here : Plan(asked.Against, parsed.GetValue(topology), asked, error);
            if (here is null || there is null) return ExitCode.WrongUsage;
            var labelled = asked.Labels.Length > 0;
            here = here with { WithMembers = labelled, Out = parsed.GetValue(output), Format = format.Format(parsed) };
            there = there with { Format = here.Format, WithMembers = labelled };
            try
            {
                var news = labelled ? asked.News() : null;
                await using var log = asked.OwnLog ? await own.OpenAsync(parsed, here.Settings.Scope.Label, cancel) : null;
                using var inputs = log is not null ? await log.AsInputsAsync(asked.To, cancel)
                    : await format.OpenAsync(parsed, asked.Files, twice: asked.Against is not null, cancel);
                var code = await RunAsync(asked, here, there, news, inputs, parsed.GetValue(json), parsed.InvocationConfiguration.Output, cancel);
                // What `line` means in the other files, and what can be replayed again without importing.
                if (here.Out is { } folder && format.Imported(parsed, inputs) is { } lines) File.Copy(lines, Path.Combine(folder, "lines.jsonl"), overwrite: true);
                return code;
            }
            catch (ReplayInputException e)
            {
                throw new UsageException(e.Message);
            }
        });
        return command;
    }

    internal static Option<string?> WithinOption() => new("--within")
    {
        Description = "With --labels: a page later than this after its change was surfaced is too late to count [default: 5m]", HelpName = "DURATION",
    };

    internal static TimeSpan Within(ParseResult parsed, Option<string?> option) =>
        parsed.GetValue(option) is not { } text ? Labelling.News.Within
            : Durations.TryParse(text, out var within) ? within : throw new UsageException($"--within \"{text}\" is not a duration; write 60s or 5m");

    internal static Option<string[]> LabelOption() => new("--labels")
    {
        Description = "What was news (docs/replay.md): one file, or one for each FILE", HelpName = "LABELS",
    };

    private static async Task<int> RunAsync(Request asked, ReplayPlan here, ReplayPlan there, IReadOnlyList<News>? news, ReplayInputs inputs, bool json, TextWriter output, CancellationToken cancel)
    {
        var result = await RunAsync("replaying", here, inputs, cancel);
        PageDiff? diff = null;
        var score = news is null ? null : new NewsReport(NewsScore.Of(news, result, asked.Within));
        if (asked.Against is { } against)
        {
            var other = against == Recorded ? null : await RunAsync("replaying the other side", there, inputs, cancel);
            // What was owed when the recorded time ended was not paged then: in the log time went on, in a replay it stops.
            diff = against == Recorded
                ? PageDiff.Between([.. result.Paged.SkipLast(result.OwedAtEnd)], result.Recorded)
                : PageDiff.Between(result.Paged, other!.Paged);
            // What was recorded says what was paged, not by which line: it is compared, and not scored.
            if (other is not null && score is not null) score = score with { There = NewsScore.Of(news!, other, asked.Within) };
            if (here.Out is { } folder) diff.Write(Path.Combine(folder, "diff.jsonl"), result.From, "here", against);
        }
        if (here.Out is { } written) score?.Write(Path.Combine(written, "news.jsonl"));
        if (json) ReplayReport.WriteJson(output, result, diff, score);
        else ReplayReport.WriteTable(output, result, diff, score, here.Out);
        return ExitCode.Ok;
    }

    private static Task<ReplayResult> RunAsync(string title, ReplayPlan plan, ReplayInputs inputs, CancellationToken cancel) =>
        ProgressBar.ShowAsync(title, inputs.Size, progress => new ReplayEngine(plan, TimeProvider.System).RunAsync(inputs.All, progress, cancel));

    /// <summary>Null when the configuration has mistakes, all of which are then told.</summary>
    private static ReplayPlan? Plan(string? rules, string? topology, Request asked, TextWriter error)
    {
        // A file replays the same wherever it is replayed: ./pipeline.yaml counts only for this installation's own log, where it names the scopes.
        var settings = rules is null && topology is null && !asked.OwnLog ? Reading.Defaults : ConfigOptions.Read(rules, topology, error, pages: false);
        return settings is null ? null : new() { Settings = settings, OwnRules = rules is not null, OwnTopology = topology is not null, From = asked.From };
    }

    private sealed record Request(string[] Files, DateTimeOffset? From, DateTimeOffset? To, string? Against, string[] Labels, TimeSpan Within)
    {
        public bool OwnLog => Files.Length == 0;

        /// <summary>All files are one story here, so that a line can only be one of the first.</summary>
        /// <exception cref="ReplayInputException">The labels cannot be read, or are not of these files.</exception>
        public IReadOnlyList<News> News()
        {
            if (OwnLog && Labels.Length > 1) throw new UsageException("--labels is given once for this installation's own log");
            var all = OwnLog ? LabelFile.Read(Labels, ["log"]) : LabelFile.Read(Labels, Files);
            if (all.Skip(1).Any(l => l.Any(n => n.Lines is not null)))
                throw new UsageException("labels by line belong to one FILE: replay the files one by one, or use tune, which does");
            // One label file for several files is read once for each.
            return [.. all.SelectMany(l => l).Distinct()];
        }

        public void Check(bool namesLog)
        {
            var ranged = From is not null || To is not null;
            if (Files.Length > 0 && ranged) throw new UsageException("--from and --to replay this installation's own log: name no FILE with them");
            if (Files.Length > 0 && namesLog) throw new UsageException("--data and --url name this installation's own log: name no FILE with them");
            if (Against == Recorded && !ranged) throw new UsageException("--against recorded compares with this installation's own log: say which part with --from and --to");
            if (Files.Length == 0 && !ranged) throw new UsageException("replay needs a FILE, or --from and --to for this installation's own log");
            if (From >= To) throw new UsageException("--from is not before --to");
        }
    }
}
