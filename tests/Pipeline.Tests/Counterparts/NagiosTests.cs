using Pipeline.Replaying;
using Pipeline.Tests.Architecture;
using Pipeline.Tests.Replaying;
using Xunit;

namespace Pipeline.Tests.Counterparts;

/// <summary>Debian's Nagios daemon, with the commands and the script of <c>integrations/nagios</c>.</summary>
[Trait("needs", "server")]
public sealed class NagiosTests
{
    private const string Critical = "2 DISK CRITICAL - it's 4% of /var|/var=19188MB;18000;19000", Well = "0 DISK OK - 60% of /var";

    [Fact]
    public async Task What_the_daemon_notifies_pages_and_resolves_and_its_log_replays_to_the_same_identity()
    {
        await using var pipeline = await LivePipeline.StartAsync();
        var folder = Directory.CreateDirectory(Path.Combine(pipeline.Folder.Path, "nagios")).FullName;
        var state = Path.Combine(folder, "state");
        File.WriteAllText(state, Critical);
        await WriteConfigurationAsync(folder);
        File.WriteAllText(Path.Combine(folder, "pipeline.conf"), $"PIPELINE_URL={pipeline.Url}\nPIPELINE_SERVER=nagios-a\n");
        string fingerprint;
        await using (var nagios = Counterpart.Start("/usr/sbin/nagios4", "nagios4-core", folder, [Path.Combine(folder, "nagios.cfg")],
            ("PIPELINE_CONF", Path.Combine(folder, "pipeline.conf"))))
        {
            string Said() => nagios.Output + ReadLog(folder);
            var opened = await pipeline.PageAsync("opened", p => p.Says("opened", "Disk /var"), Said);
            Assert.Contains("DISK CRITICAL - its 4% of /var", opened.Text, StringComparison.Ordinal);
            // Nagios notifies again every second; nobody is paged for that.
            var again = await pipeline.AlertAsync("Disk /var", a => a.GetProperty("repeats").GetInt64() >= 2, Said);
            fingerprint = again.Text("fingerprint");
            Assert.Equal(["nagios-a", "pipeline"], again.Json.GetProperty("observers").EnumerateArray().Select(o => o.GetString()).Order());
            Assert.Single(pipeline.Pages);

            File.WriteAllText(state, Well);
            var resolved = await pipeline.PageAsync("resolved", instead: Said);
            Assert.Equal((opened.Incident, "resolved"), (resolved.Incident, resolved.IncidentState));
            Assert.Equal("resolved", (await pipeline.AlertAsync("Disk /var", _ => true)).Text("state"));
            Assert.Equal(["opened", "resolved"], pipeline.Pages.Select(p => p.Kind));
        }

        var log = ReplayInput.File(Path.Combine(folder, "nagios.log"));
        var replayed = await Replays.OfAsync(p => p with { Settings = pipeline.Settings, Format = ReplayFormat.NagiosLog }, log);
        Assert.Equal(0, replayed.Result.Rejected);
        Assert.All(replayed.Rows, r => Assert.Equal(fingerprint, r.Split(',')[2]));
        Assert.Equal("opened", replayed.Dispositions[0]);
        Assert.Single(replayed.Dispositions, "resolved");
    }

    private static string ReadLog(string folder) => File.Exists(Path.Combine(folder, "nagios.log")) ? File.ReadAllText(Path.Combine(folder, "nagios.log")) : "(no nagios.log)";

    private static async Task WriteConfigurationAsync(string folder)
    {
        // Only the place of the script is the test's; the commands and the contact are as users install them.
        var integration = Repository.Path("integrations/nagios");
        var commands = await File.ReadAllTextAsync(Path.Combine(integration, "pipeline-commands.cfg"));
        const string Installed = "/usr/local/lib/nagios/notify-pipeline.sh";
        Assert.Contains(Installed, commands, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(folder, "commands.cfg"), commands.Replace(Installed, $"sh {Path.Combine(integration, "notify-pipeline.sh")}", StringComparison.Ordinal));
        await File.WriteAllTextAsync(Path.Combine(folder, "check.sh"), $"read -r code text <{folder}/state\necho \"$text\"\nexit \"$code\"\n");
        var user = (await Counterpart.RunAsync("/usr/bin/id", "coreutils", "-un")).Trim();
        var group = (await Counterpart.RunAsync("/usr/bin/id", "coreutils", "-gn")).Trim();
        await File.WriteAllTextAsync(Path.Combine(folder, "nagios.cfg"), $"""
            cfg_file={folder}/commands.cfg
            cfg_file={folder}/objects.cfg
            nagios_user={user}
            nagios_group={group}
            log_file={folder}/nagios.log
            object_cache_file={folder}/objects.cache
            status_file={folder}/status.dat
            lock_file={folder}/nagios.pid
            temp_file={folder}/nagios.tmp
            temp_path={folder}
            check_result_path={folder}
            state_retention_file={folder}/retention.dat
            command_file={folder}/nagios.cmd
            query_socket={folder}/nagios.qh
            check_external_commands=0
            use_syslog=0
            check_workers=1
            interval_length=1
            service_inter_check_delay_method=n
            illegal_macro_output_chars=`~$&|'"<>

            """);
        await File.WriteAllTextAsync(Path.Combine(folder, "objects.cfg"), $$"""
            define timeperiod {
                timeperiod_name 24x7
                alias           always
                {{string.Join("\n    ", Enum.GetNames<DayOfWeek>().Select(d => $"{d.ToLowerInvariant()} 00:00-24:00"))}}
            }
            define command {
                command_name check-up
                command_line /bin/true
            }
            define command {
                command_name check-state
                command_line /bin/sh {{folder}}/check.sh
            }
            define host {
                host_name             db-1
                address               127.0.0.1
                check_command         check-up
                max_check_attempts    1
                check_interval        1
                check_period          24x7
                notification_period   24x7
                notification_interval 1
                contacts              pipeline
            }
            define service {
                host_name             db-1
                service_description   Disk /var
                check_command         check-state
                max_check_attempts    1
                check_interval        1
                retry_interval        1
                check_period          24x7
                notification_period   24x7
                notification_interval 1
                contacts              pipeline
            }

            """);
    }
}
