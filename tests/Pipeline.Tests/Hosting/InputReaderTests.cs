using System.Text;
using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Rules;
using Ingest;
using Pipeline.Hosting;
using Xunit;

namespace Pipeline.Tests.Hosting;

/// <summary>A stored delivery is read as it was handed to the decider when it came.</summary>
public sealed class InputReaderTests
{
    private static readonly DateTimeOffset At = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("default", 1)]
    [InlineData("eu", 0)]
    public void What_nobody_understood_is_read_in_the_default_scope_alone(string scope, int rejected)
    {
        var body = Encoding.UTF8.GetBytes("""[{"labels":{"alertname":"A","team":"eu"}},{"labels":7}]""");
        var record = new InputRecord(1, 1, At, InputKind.Delivery, At, "generic", "i-1", null, body);
        var reader = new InputReader(scope, new IngestLimits());
        reader.Under(RuleSet.Default with { Scope = new() { Label = "team" } });
        var read = (Input.Delivery)reader.Read(record);
        Assert.Equal(rejected, read.Rejected.Count);
    }
}
