using System.CommandLine;
using Pipeline.Client;
using Pipeline.Config;
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
        var output = new Option<string?>("--out") { Description = "Folder for alerts.csv, changes.jsonl, incidents.jsonl, pages.jsonl, summary.json", HelpName = "DIR" };
        var json = new Option<bool>("--json") { Description = "Print the summary as JSON" };
        var from = new Option<string?>("--from") { Description = $"Replay this installation's own log from here: {Times.Help}" };
        var to = new Option<string?>("--to") { Description = "... up to here [default: its end]" };
        var command = new Command("replay", "Decides a recorded outage again, in memory, at full speed.")
        {
            files, rules, topology, against, output, json, from, to,
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
                parsed.GetValue(against));
            asked.Check(own.AreGiven(parsed));
            var here = Plan(parsed.GetValue(rules), parsed.GetValue(topology), asked, error);
            var there = asked.Against is null or Recorded ? here : Plan(asked.Against, parsed.GetValue(topology), asked, error);
            if (here is null || there is null) return ExitCode.WrongUsage;
            here = here with { Out = parsed.GetValue(output), Format = format.Format(parsed) };
            there = there with { Format = here.Format };
            try
            {
                await using var log = asked.OwnLog ? await own.OpenAsync(parsed, here.Settings.Scope.Label, cancel) : null;
                using var inputs = log is not null ? await log.AsInputsAsync(asked.To, cancel)
                    : await format.OpenAsync(parsed, asked.Files, twice: asked.Against is not null, cancel);
                var code = await RunAsync(asked, here, there, inputs, parsed.GetValue(json), parsed.InvocationConfiguration.Output, cancel);
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

    private static async Task<int> RunAsync(Request asked, ReplayPlan here, ReplayPlan there, ReplayInputs inputs, bool json, TextWriter output, CancellationToken cancel)
    {
        var result = await RunAsync("replaying", here, inputs, cancel);
        PageDiff? diff = null;
        if (asked.Against is { } against)
        {
            // What was owed when the recorded time ended was not paged then: in the log time went on, in a replay it stops.
            diff = against == Recorded
                ? PageDiff.Between([.. result.Paged.SkipLast(result.OwedAtEnd)], result.Recorded)
                : PageDiff.Between(result.Paged, (await RunAsync("replaying the other side", there, inputs, cancel)).Paged);
            if (here.Out is { } folder) diff.Write(Path.Combine(folder, "diff.jsonl"), result.From, "here", against);
        }
        if (json) ReplayReport.WriteJson(output, result, diff);
        else ReplayReport.WriteTable(output, result, diff, here.Out);
        return ExitCode.Ok;
    }

    private static Task<ReplayResult> RunAsync(string title, ReplayPlan plan, ReplayInputs inputs, CancellationToken cancel) =>
        ProgressBar.ShowAsync(title, inputs.Size, progress => new ReplayEngine(plan, TimeProvider.System).RunAsync(inputs.All, progress, cancel));

    /// <summary>Null when the configuration has mistakes, all of which are then told.</summary>
    private static ReplayPlan? Plan(string? rules, string? topology, Request asked, TextWriter error)
    {
        // A file replays the same wherever it is replayed: ./pipeline.yaml counts only for this installation's own log, where it names the scopes.
        var settings = rules is null && topology is null && !asked.OwnLog ? Reading.Defaults : ConfigOptions.Read(rules, topology, error);
        return settings is null ? null : new() { Settings = settings, OwnRules = rules is not null, OwnTopology = topology is not null, From = asked.From };
    }

    private sealed record Request(string[] Files, DateTimeOffset? From, DateTimeOffset? To, string? Against)
    {
        public bool OwnLog => Files.Length == 0;

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
