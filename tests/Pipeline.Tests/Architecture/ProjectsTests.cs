using System.Xml.Linq;
using Xunit;

namespace Pipeline.Tests.Architecture;

/// <summary>Who may reference whom. Dedupe stays pure: it references nothing at all.</summary>
public sealed class ProjectsTests
{
    private static readonly Dictionary<string, string[]> May = new()
    {
        ["Contracts"] = [],
        ["Dedupe"] = [],
        ["Ingest"] = ["Dedupe"],
        ["Projections"] = ["Dedupe"],
        ["Stores"] = ["Dedupe", "Projections", "Patched.DistributedLock.Postgres"],
        // No code: it stands in for a package that Marten asks for.
        ["Patched.DistributedLock.Postgres"] = [],
        ["Pipeline"] = ["Contracts", "Dedupe", "Ingest", "Projections", "Stores"],
    };

    [Fact]
    public void Every_project_under_src_is_in_the_table() =>
        Assert.Equal(May.Keys.Order(), Directory.GetDirectories(Repository.Path("src")).Select(Path.GetFileName).Order()!);

    [Theory]
    [InlineData("Contracts")]
    [InlineData("Dedupe")]
    [InlineData("Ingest")]
    [InlineData("Projections")]
    [InlineData("Stores")]
    [InlineData("Patched.DistributedLock.Postgres")]
    [InlineData("Pipeline")]
    public void A_project_references_only_what_it_may(string project)
    {
        var references = Items(project, "ProjectReference").Select(r => Path.GetFileNameWithoutExtension(r.Replace('\\', '/')));
        Assert.Empty(references.Except(May[project]));
    }

    [Theory]
    [InlineData("Contracts")]
    [InlineData("Dedupe")]
    public void It_has_no_packages_and_no_framework_but_the_plain_one(string project)
    {
        foreach (var kind in new[] { "PackageReference", "FrameworkReference", "Reference", "ProjectReference", "Import" }) Assert.Empty(Items(project, kind));
        Assert.Equal("Microsoft.NET.Sdk", Project(project).Root!.Attribute("Sdk")!.Value);
    }

    [Fact]
    public void Package_versions_stand_in_one_place()
    {
        var versions = May.Keys.SelectMany(p => Project(p).Descendants("PackageReference"))
            .Where(r => r.Attribute("Version") is not null || r.Attribute("VersionOverride") is not null);
        Assert.Empty(versions);
    }

    [Fact]
    public void What_is_to_be_left_one_day_is_named_in_one_folder() =>
        Assert.DoesNotContain(
            Repository.Sources("src").Where(f => !f.StartsWith(Path.Combine("src", "Pipeline", "Messages"), StringComparison.Ordinal)),
            f => File.ReadAllText(Repository.Path(f)).Contains("using MassTransit", StringComparison.Ordinal));

    private static IEnumerable<string> Items(string project, string kind) =>
        Project(project).Descendants(kind).Select(i => i.Attribute("Include")?.Value ?? i.Attribute("Project")?.Value ?? "");

    private static XDocument Project(string name) => XDocument.Load(Repository.Path("src", name, $"{name}.csproj"));
}
