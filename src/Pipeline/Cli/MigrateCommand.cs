using System.CommandLine;
using System.Data.Common;
using Pipeline.Client;
using Pipeline.Hosting;
using Pipeline.Migrating;
using Stores.Sqlite;

namespace Pipeline.Cli;

/// <summary><c>migrate --from --to</c>: copies a log to where more than one machine reaches it, or back, and proves that the copy is the same.</summary>
public static class MigrateCommand
{
    public static Command Create()
    {
        var from = new Option<string>("--from") { Description = "The log to copy: a data folder, postgres://..., esdb://...", Required = true };
        var to = new Option<string>("--to") { Description = "Where to: an empty one, or the beginning of the same copy", Required = true };
        var config = ConfigOptions.Config();
        var skip = new Option<bool>("--skip-replay") { Description = "Compare the copy, but do not decide it again" };
        var json = new Option<bool>("--json") { Description = "Print the summary as JSON" };
        var command = new Command("migrate", "Copies a log into another store, to be run again where it was interrupted, and compares the two.") { from, to, config, skip, json };
        command.SetAction(async (parsed, cancel) =>
        {
            var (source, target) = (LogPlace.Parse(parsed.GetValue(from)!), LogPlace.Parse(parsed.GetValue(to)!));
            if (source.Address == target.Address) throw new UsageException("--from and --to are the same log");
            // Under which limits it was recorded a log does not say; the configuration does.
            if (ConfigOptions.Read(parsed.GetValue(config), null, parsed.InvocationConfiguration.Error) is not { } settings) return ExitCode.WrongUsage;
            if (!source.MayBeThere) throw new UsageException($"there is no log in {source.Address}; name the folder that serve had with --data");
            try
            {
                await using var log = await source.OpenAsync(cancel);
                await using var copy = await target.OpenAsync(cancel);
                var result = await new Migration(log, copy, settings, ProgressBar.ShowAsync).RunAsync(replay: !parsed.GetValue(skip), cancel);
                if (parsed.GetValue(json)) MigrationReport.WriteJson(parsed.InvocationConfiguration.Output, source, target, result);
                else MigrationReport.WriteTable(parsed.InvocationConfiguration.Output, source, target, result);
                return ExitCode.Ok;
            }
            catch (FolderHeldException e)
            {
                throw new IOException($"{e.Message.Split(" is open")[0]} is open in another process, likely a server: stop it first, then run this again", e);
            }
            catch (DbException e)
            {
                throw new IOException($"the store does not answer as it should: {e.Message}; run the same command again, it goes on where it stopped", e);
            }
        });
        return command;
    }
}
