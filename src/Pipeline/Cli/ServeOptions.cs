using Pipeline.Cluster;
using Pipeline.Config;

namespace Pipeline.Cli;

/// <summary>A checked command line of <c>serve</c>: what the server runs with.</summary>
public sealed record ServeOptions
{
    /// <summary>Addresses for Kestrel; all loopback unless there is authorisation or <c>--insecure</c>.</summary>
    public IReadOnlyList<string> Urls { get; init; } = ["http://127.0.0.1:8080"];

    /// <summary>Folder of the embedded store, as an absolute path.</summary>
    public string DataFolder { get; init; } = Path.GetFullPath("data");

    /// <summary>Configuration, topology included.</summary>
    public Settings Settings { get; init; } = new();

    /// <summary>What this process does of a cluster.</summary>
    public Role Role { get; init; } = Role.All;

    /// <summary>Decide everything, record pages, send none.</summary>
    public bool Shadow { get; init; }

    /// <summary>The clock of everything but HTTP; a demo's runs faster.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where the welcome and a <c>log</c> pager print; null for nowhere.</summary>
    public TextWriter? Terminal { get; init; } = Console.Out;

    public LogLevel LogLevel { get; init; } = LogLevel.Warning;
}
