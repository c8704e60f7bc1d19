namespace Pipeline.Tests.Architecture;

/// <summary>The checkout that these tests were built from.</summary>
internal static class Repository
{
    public static readonly string Root = Find();

    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    /// <summary>Our own C# files, by their path from the root.</summary>
    public static IEnumerable<string> Sources(params string[] folders) =>
        folders.SelectMany(f => Directory.EnumerateFiles(Path(f), "*.cs", SearchOption.AllDirectories))
            .Select(f => System.IO.Path.GetRelativePath(Root, f))
            .Where(f => !f.Split(System.IO.Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"))
            .Order(StringComparer.Ordinal);

    private static string Find()
    {
        var at = AppContext.BaseDirectory;
        while (at is not null && !File.Exists(System.IO.Path.Combine(at, "Pipeline.sln"))) at = System.IO.Path.GetDirectoryName(at);
        return at ?? throw new InvalidOperationException($"no Pipeline.sln above {AppContext.BaseDirectory}");
    }
}
