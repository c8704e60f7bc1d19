using System.Diagnostics;
using System.Globalization;
using Pipeline.Tests.Counterparts;
using Pipeline.Tests.Stores;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Xunit;

[assembly: AssemblyFixture(typeof(Pipeline.Tests.Broker.SharedRabbit))]

namespace Pipeline.Tests.Broker;

/// <summary>The one broker of a test run, started by the first test that asks for it. Tests keep apart by the prefix of their names.</summary>
public sealed class SharedRabbit : IAsyncDisposable
{
    private readonly Lock gate = new();
    private Task<RabbitServer>? started;

    internal Task<RabbitServer> GetAsync()
    {
        lock (gate) return started ??= RabbitServer.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (started is not null) await (await started).DisposeAsync();
    }
}

/// <summary>Debian's RabbitMQ on loopback, with a node name, cookie, folders, ports and epmd of its own; it can be killed, frozen and started again.</summary>
internal sealed class RabbitServer : IAsyncDisposable
{
    private const string Package = "rabbitmq-server", Epmd = "/usr/bin/epmd", ConsistentHash = "rabbitmq_consistent_hash_exchange";

    private readonly TemporaryFolder folder;
    private readonly int port, distribution, epmdPort;
    private readonly Counterpart? epmd;
    private Process? process;

    /// <param name="first">A node that this one joins as soon as it starts; null for one that is alone or the first.</param>
    private RabbitServer(TemporaryFolder folder, string plugins, RabbitServer? first = null)
    {
        this.folder = folder;
        (port, distribution, epmdPort) = (Counterpart.FreePort(), Counterpart.FreePort(), first?.epmdPort ?? Counterpart.FreePort());
        Directory.CreateDirectory(Path("home"));
        File.WriteAllText(Path("home", ".erlang.cookie"), "PIPELINETESTS");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(Path("home", ".erlang.cookie"), UnixFileMode.UserRead);
        File.WriteAllText(Path("enabled_plugins"), $"[{plugins}].");
        File.WriteAllText(Path("rabbitmq.conf"), $"listeners.tcp.1 = 127.0.0.1:{port}\ndisk_free_limit.absolute = 50MB\n{(first is null ? "" : Join(first))}");
        // In the foreground, as a child of ours: the broker would start one that outlives it.
        if (first is null) epmd = Counterpart.Start(Epmd, Package, folder.Path, ["-address", "127.0.0.1", "-port", $"{epmdPort}"]);
        AppDomain.CurrentDomain.ProcessExit += EndNow;
    }

    public string Url => $"amqp://127.0.0.1:{port}";

    public int Port => port;

    /// <param name="plugins">What is enabled besides the broker itself.</param>
    public static async Task<RabbitServer> StartAsync(string plugins = ConsistentHash)
    {
        var server = new RabbitServer(new(), plugins);
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>Three nodes of one cluster: what is in a quorum queue is on all of them.</summary>
    public static async Task<RabbitServer[]> StartThreeAsync()
    {
        var first = await StartAsync();
        var others = new RabbitServer[] { new(new(), ConsistentHash, first), new(new(), ConsistentHash, first) };
        await Task.WhenAll(others.Select(o => o.StartAgainAsync()));
        return [first, .. others];
    }

    /// <summary>Starts it on the data that it left, and waits until it answers.</summary>
    public async Task StartAgainAsync()
    {
        File.Delete(Path("pid"));
        var program = Directory.GetDirectories("/usr/lib/rabbitmq/lib", "rabbitmq_server-*") is [var lib, ..] ? System.IO.Path.Combine(lib, "sbin", "rabbitmq-server") : "rabbitmq-server";
        Assert.True(File.Exists(program), $"{program} is not installed; run ./test as root, or: apt-get install {Package}");
        // Its output goes to a file: a pipe would be held open by whatever it starts.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$0\" >>stdout 2>&1 </dev/null", program]) { WorkingDirectory = folder.Path };
        foreach (var (name, value) in Environment()) start.Environment[name] = value;
        process = Process.Start(start)!;
        await Wait.ForAsync<string>("RabbitMQ answering", async () =>
        {
            try
            {
                await using var connection = await new ConnectionFactory { Uri = new(Url), AutomaticRecoveryEnabled = false }.CreateConnectionAsync();
                return "ready";
            }
            catch (BrokerUnreachableException)
            {
                return null;
            }
        }, () => File.ReadAllText(Path("stdout")));
    }

    /// <summary>
    /// Waits until the broker has written down that it has these queues: it does so half a second after they are declared, and a quorum queue
    /// that is killed before is lost with what was confirmed in it. An installation declares once; a test could be that quick.
    /// </summary>
    public Task RememberedAsync(IEnumerable<string> queues) => Wait.ForAsync("the new queues being remembered", async () =>
    {
        var text = "";
        foreach (var file in Directory.EnumerateFiles(Path("mnesia"), "names.dets", SearchOption.AllDirectories))
            text += System.Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file));
        return queues.All(q => text.Contains(q, StringComparison.Ordinal)) ? "yes" : null;
    }, () => "they are in no names.dets");

    /// <summary>kill -9, as a power cut would: nothing is said to anybody.</summary>
    public async Task KillAsync()
    {
        Signal("KILL");
        await process!.WaitForExitAsync();
        process.Dispose();
        process = null;
    }

    /// <summary>It keeps its connections and does nothing, as on a machine that hangs.</summary>
    public void Freeze() => Signal("STOP");

    public void Thaw() => Signal("CONT");

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= EndNow;
        if (process is not null) await KillAsync();
        if (epmd is not null) await epmd.DisposeAsync();
        folder.Dispose();
    }

    /// <summary>Where a new node finds the others; one that is in the cluster already does not look.</summary>
    private static string Join(RabbitServer first) =>
        $"cluster_formation.peer_discovery_backend = classic_config\ncluster_formation.classic_config.nodes.1 = r{first.port}@localhost\n";

    private void EndNow(object? sender, EventArgs e)
    {
        if (process is not null) Signal("KILL");
    }

    private void Signal(string name)
    {
        if (!int.TryParse(File.ReadAllText(Path("pid")).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)) return;
        using var kill = Process.Start("kill", [$"-{name}", $"{pid}"]);
        kill.WaitForExit();
    }

    private IEnumerable<(string Name, string Value)> Environment() =>
    [
        ("HOME", Path("home")), ("RABBITMQ_BASE", folder.Path), ("RABBITMQ_NODENAME", $"r{port}@localhost"), ("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1"),
        ("RABBITMQ_NODE_PORT", $"{port}"), ("RABBITMQ_DIST_PORT", $"{distribution}"), ("RABBITMQ_MNESIA_BASE", Path("mnesia")), ("RABBITMQ_LOG_BASE", Path("log")),
        ("RABBITMQ_PID_FILE", Path("pid")), ("RABBITMQ_CONF_ENV_FILE", "/dev/null"), ("RABBITMQ_ENABLED_PLUGINS_FILE", Path("enabled_plugins")),
        ("RABBITMQ_CONFIG_FILE", Path("rabbitmq.conf")), ("ERL_EPMD_ADDRESS", "127.0.0.1"), ("ERL_EPMD_PORT", $"{epmdPort}"),
        ("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1}"),
    ];

    private string Path(params string[] parts) => System.IO.Path.Combine([folder.Path, .. parts]);
}
