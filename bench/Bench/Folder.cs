namespace Bench;

/// <summary>A throw-away folder with a configuration, the lines of BENCH_CONFIG included, and room for a log.</summary>
internal sealed class Folder : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("pipeline-bench-").FullName;

    public Folder(string config) => File.WriteAllText(Config, $"{config}\n{Environment.GetEnvironmentVariable("BENCH_CONFIG")}\n");

    public string Data => Path.Combine(root, "data");
    public string Config => Path.Combine(root, "pipeline.yaml");

    public void Dispose() => Directory.Delete(root, recursive: true);
}
