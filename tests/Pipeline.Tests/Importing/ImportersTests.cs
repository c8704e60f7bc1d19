using Pipeline.Importing;
using Pipeline.Tests.Architecture;
using Xunit;

namespace Pipeline.Tests.Importing;

public sealed class ImportersTests
{
    [Fact]
    public void Every_importer_in_the_folder_is_in_the_list() =>
        Assert.Equal(
            typeof(IImporter).Assembly.GetTypes().Where(t => t.IsClass && t.IsAssignableTo(typeof(IImporter))).Select(t => t.Name).Order(),
            Importers.All.Select(i => i.GetType().Name).Order());

    [Fact]
    public void Every_importer_is_in_the_documentation()
    {
        var page = File.ReadAllText(Repository.Path("docs/replay.md"));
        foreach (var importer in Importers.All) Assert.Contains($"| `{importer.Name}` |", page, StringComparison.Ordinal);
    }

    [Fact]
    public void No_importer_throws_at_what_it_does_not_know()
    {
        string[] texts = ["", "x", "[", "{}", "[]", "[{}]", "null", "7", "{\"alerts\":null}", "{\"alerts\":[]}", "{\"alerts\":[7]}", "{\"incidents\":[7,null]}", "{\"log_entries\":[{}]}",
            "{\"data\":{}}", "{\"@timestamp\":1769860800,\"data\":{\"notification\":{\"alerts\":[null]}}}", "{\"@timestamp\":1769860800,\"data\":{\"silenceCreated\":{}}}",
            "{\"type\":7}", "{\"type\":\"log_entry\"}", "{\"type\":\"resolve_log_entry\",\"created_at\":1769860800,\"incident\":{\"id\":\"P1\"}}", "created_on,description\n,\n", "time,host\n", new string('{', 5000), "\0", "{\"a\":\"\\ud800\"}"];
        foreach (var importer in Importers.All)
        {
            foreach (var text in texts)
            {
                try
                {
                    Imports.Lines(importer.Name, text);
                }
                catch (Pipeline.Replaying.ReplayInputException e)
                {
                    Assert.StartsWith("file1: ", e.Message, StringComparison.Ordinal);
                }
            }
        }
    }
}
