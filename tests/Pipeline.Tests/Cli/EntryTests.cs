using System.Reflection;
using Pipeline.Cli;
using Pipeline.Config;
using Pipeline.Hosting;
using Stores.Sqlite;
using Xunit;

namespace Pipeline.Tests.Cli;

/// <summary>Exit codes and messages of the command line, in this process.</summary>
public sealed class EntryTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("pipeline test ").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static async Task<(int Code, string Out, string Error)> Run(params string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await Entry.RunAsync(args, output, error, TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }

    private string File(string name, string text)
    {
        var path = Path.Combine(folder, name);
        System.IO.File.WriteAllText(path, text);
        return path;
    }

    [Fact]
    public async Task A_replay_pages_nobody_and_asks_for_no_secret_of_those_that_do()
    {
        var rules = File("secret.yaml", """
            pagers: [{name: ops, type: slack, url: "${NOBODY_SETS_THIS}"}]
            auth: {ingest: ["${NOR_THIS}"]}
            """);
        var lines = File("outage.jsonl", """{"receivedAt":"2026-03-01T03:00:00Z","source":"generic","body":{"labels":{"alertname":"HostDown"}}}""");
        Assert.Equal(0, (await Run("replay", lines, "--rules", rules, "--json")).Code);
        Assert.Equal(2, (await Run("check", rules)).Code);
        Assert.Equal(2, (await Run("replay", lines, "--rules", File("store.yaml", "store: \"postgres://a:${NOBODY_SETS_THIS}@h/d\""))).Code);
    }

    [Theory]
    [InlineData("--bogus")]
    [InlineData("frobnicate")]
    [InlineData("check")]
    [InlineData("check", "a", "b")]
    [InlineData("serve", "--role", "everything")]
    [InlineData("serve", "--urls")]
    public async Task Wrong_usage_is_exit_code_2_with_a_hint(params string[] args)
    {
        var (code, _, error) = await Run(args);
        Assert.Equal(2, code);
        Assert.Contains("--help", error);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("--version")]
    [InlineData("check", "--help")]
    public async Task Asking_for_help_or_version_is_no_mistake(params string[] args)
    {
        var (code, output, error) = await Run(args);
        Assert.Equal((0, ""), (code, error));
        Assert.NotEmpty(output);
    }

    [Fact]
    public async Task Check_of_a_good_file_says_ok()
    {
        var (code, output, error) = await Run("check", File("a b.yaml", "page: {gather: 3s}"));
        Assert.Equal((0, ""), (code, error));
        Assert.Contains(": ok (pager default; no components;", output);
    }

    [Fact]
    public async Task Check_of_a_bad_file_names_every_mistake_and_is_exit_code_2()
    {
        var file = File("bad.yaml", "page:\n  gather: 3\ncolour: blue\n");
        var (code, output, error) = await Run("check", file);
        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith($"{file}:2: page.gather \"3\" is not a duration; write 3s{Environment.NewLine}{file}:3: unknown key \"colour\"", error);
    }

    [Theory]
    [InlineData("check", "nowhere.yaml")]
    [InlineData("serve", "--config", "nowhere.yaml")]
    [InlineData("--config", "nowhere.yaml")]
    [InlineData("serve", "--topology", "nowhere.yaml")]
    public async Task A_named_file_that_is_missing_is_exit_code_2(params string[] args) =>
        Assert.Equal((2, "", $"nowhere.yaml: there is no such file{Environment.NewLine}"), await Run(args));

    [Theory]
    [InlineData("name no FILE", "replay", "a.jsonl", "--from", "1h")]
    [InlineData("name no FILE", "replay", "a.jsonl", "--data", "x")]
    [InlineData("--from and --to", "replay", "a.jsonl", "--against", "recorded")]
    [InlineData("needs a FILE", "replay")]
    [InlineData("\"db-1\" is not a fingerprint", "split", "inc_1", "db-1")]
    [InlineData("cannot be read", "replay", "nowhere.jsonl")]
    [InlineData("--format nagios-log", "replay", "nagios.log")]
    [InlineData("the input has no lines", "replay", "empty")]
    [InlineData("give one of them", "export", "--data", "x", "--url", "http://127.0.0.1:1")]
    [InlineData("there is no log in", "export", "--data", "nowhere")]
    [InlineData("--map says which column is what", "replay", "nagios.log", "--map", "time=a,b=c")]
    [InlineData("--map: it does not say which column is the time", "replay", "table.csv", "--format", "csv", "--map", "host=Host")]
    [InlineData("there is no such column; there are Start, Check", "replay", "table.csv", "--format", "csv", "--map", "time=Begin,host=Host")]
    [InlineData("table.csv:2: Start: \"01/02/2026\"", "replay", "table.csv", "--format", "csv")]
    [InlineData("no line could be replayed; ", "replay", "nagios.log", "--format", "icinga2")]
    [InlineData("--labels", "tune", "nagios.log")]
    [InlineData("labels.csv: line 2: from: \"soon\" is not a time", "tune", "table.csv", "--labels", "labels.csv")]
    [InlineData("labels.csv: line 2: from: \"soon\" is not a time", "replay", "table.csv", "--labels", "labels.csv")]
    [InlineData("from 1 to 10000", "tune", "table.csv", "--labels", "labels.csv", "--points", "0")]
    [InlineData("--within \"1 minute\"", "tune", "table.csv", "--labels", "labels.csv", "--within", "1 minute")]
    [InlineData("is not before", "export", "--from", "1h", "--to", "2h")]
    [InlineData("or how long ago", "export", "--from", "yesterday")]
    [InlineData("or for how long", "ack", "inc_1", "--until", "-1h")]
    [InlineData("is not an address", "export", "--url", "elsewhere")]
    public async Task What_cannot_be_done_is_exit_code_2_and_says_what_to_do(string says, params string[] args)
    {
        var nagios = File("nagios.log", "[1337847018] SERVICE ALERT: web1;HTTP;CRITICAL;HARD;3;Connection refused");
        var (code, output, error) = await Run([.. args.Select(a => a switch
        {
            "nagios.log" => nagios,
            "empty" => File("empty", ""),
            "table.csv" => File("table.csv", "Start,Check\n01/02/2026,Disk\n"),
            "labels.csv" => File("labels.csv", "name,from\nit,soon\n"),
            _ => a,
        })]);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(says, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("incidents")]
    [InlineData("show", "inc_1")]
    [InlineData("timeline", "inc_1")]
    [InlineData("ack", "inc_1")]
    [InlineData("change", "--kind", "deploy", "--service", "api", "text")]
    [InlineData("page-test")]
    [InlineData("export")]
    [InlineData("replay", "--from", "1h")]
    public async Task A_server_that_does_not_answer_is_exit_code_1_and_names_the_flag(params string[] args)
    {
        // Port 1 is nobody's.
        var (code, output, error) = await Run([.. args, "--url", "http://127.0.0.1:1"]);
        Assert.Equal((1, ""), (code, output));
        Assert.Contains("no pipeline answers at http://127.0.0.1:1/", error, StringComparison.Ordinal);
        Assert.Contains("--url", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_another_process_holds_and_that_names_no_server_is_exit_code_1_and_names_the_flag()
    {
        await using var held = await SqliteLog.OpenAsync(folder);
        var (code, output, error) = await Run("export", "--data", folder);
        Assert.Equal((1, ""), (code, output));
        Assert.Contains("is open in another process", error, StringComparison.Ordinal);
        Assert.Contains("--url", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_address_in_a_folder_counts_while_a_process_has_that_folder_open()
    {
        await using (await SqliteLog.OpenAsync(folder))
        {
            Assert.Null(ServedAddress.OfHolder(folder));
            File("address", "http://127.0.0.1:4711\n");
            Assert.Equal("http://127.0.0.1:4711", ServedAddress.OfHolder(folder));
        }
        Assert.Null(ServedAddress.OfHolder(folder));
        Assert.Null(ServedAddress.OfHolder(Path.Combine(folder, "nowhere")));
    }

    [Fact]
    public async Task An_address_that_is_taken_is_exit_code_1_and_names_the_flag()
    {
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        var (code, output, error) = await Run("serve", "--urls", $"http://{taken.LocalEndpoint}", "--data", Path.Combine(folder, "data"));
        Assert.Equal((1, ""), (code, output));
        Assert.Contains("address already in use; stop what listens there, or name another address with --urls", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_of_a_cluster_without_a_broker_is_refused()
    {
        var (code, _, error) = await Run("serve", "--role", "ingest");
        Assert.Equal(2, code);
        Assert.Contains("needs a broker and a store that every machine reaches", error);
    }

    [Theory]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("http://*:8080")]
    [InlineData("http://127.0.0.1:0;http://+:8080")]
    [InlineData("http://[::]:8080")]
    [InlineData("http://example.org:8080")]
    public async Task Listening_to_others_without_authorisation_is_refused(string urls)
    {
        var (code, _, error) = await Run("serve", "--urls", urls);
        Assert.Equal(2, code);
        Assert.Contains("the configuration sets no auth", error);
    }

    [Theory]
    [InlineData("127.0.0.1:8080")]
    [InlineData("ftp://127.0.0.1")]
    [InlineData("http://127.0.0.1:8080/path")]
    [InlineData(";")]
    public void What_is_no_address_is_refused(string urls) => Assert.Throws<UsageException>(() => Listen.Addresses(urls, new(), insecure: true));

    [Fact]
    public void One_kind_of_token_is_not_enough_for_others() =>
        Assert.Contains("auth.api", Assert.Throws<UsageException>(() => Listen.Addresses("http://0.0.0.0:1", new() { Ingest = ["t"] }, insecure: false)).Message);

    [Fact]
    public void Loopback_tokens_and_insecure_each_allow_it()
    {
        Assert.Equal(3, Listen.Addresses("http://127.0.0.1:1; http://localhost:2;http://[::1]:3", new(), insecure: false).Count);
        Assert.Single(Listen.Addresses("http://0.0.0.0:1", new AuthSettings { Ingest = ["a"], Api = ["b"] }, insecure: false));
        Assert.Single(Listen.Addresses("http://*:1", new(), insecure: true));
    }

    [Fact]
    public void The_commands_are_the_contract_s_and_a_few_of_ours() =>
        Assert.Equal(
            ["ack", "change", "check", "demo", "export", "incidents", "merge", "migrate", "page-test", "replay", "serve", "show", "split", "timeline", "topology", "tune", "unseen"],
            Entry.Commands().Select(c => c.Name).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_command_file_is_in_the_list()
    {
        var written = typeof(Entry).Assembly.GetTypes()
            .Where(t => t.Namespace == typeof(Entry).Namespace && t.Name.EndsWith("Command", StringComparison.Ordinal))
            .Select(t => (System.CommandLine.Command)t.GetMethod("Create", BindingFlags.Public | BindingFlags.Static)!.Invoke(null, null)!);
        Assert.Equal(written.Select(c => c.Name).Order(), Entry.Commands().Select(c => c.Name).Order());
    }
}
