using System.Text;
using Dedupe.Rules;
using Dedupe.Vocabulary;
using FsCheck;
using FsCheck.Xunit;
using Ingest;
using Xunit;

namespace Pipeline.Tests.Ingest;

public sealed class IdentityCacheTests
{
    [Fact]
    public void Other_rules_read_the_same_labels_their_own_way()
    {
        var body = Encoding.UTF8.GetBytes("""{"labels":{"alertname":"Cached","zone":"z"}}""");
        var zoned = new Identities(new IdentityRules { Volatile = ["zone"] });
        var plain = Read(Parsing.Identities);
        Assert.Equal(LabelSet.Of(("alertname", "Cached")), Read(zoned).Labels);
        Assert.Same(plain, Read(Parsing.Identities));

        Identity Read(Identities identities) => Assert.Single(Sources.Parse("generic", body, new(identities, new IngestLimits(), Parsing.Now)).Alerts).Identity;
    }

    [Fact]
    public void More_identities_than_it_holds_are_all_read_right()
    {
        // Blanks count as raw bytes: past the bound twice over, so that generations turn and what was forgotten is read anew.
        var (identities, blanks) = (new Identities(new IdentityRules()), new string(' ', 4000));
        for (var i = 0; i < 50_000; i++)
        {
            var host = $"h{i % 25_000}";
            var body = Encoding.UTF8.GetBytes("{\"labels\":{" + blanks + "\"host\":\"" + host + "\"}}");
            Assert.Equal(host, Sources.Parse("generic", body, new(identities, new IngestLimits(), Parsing.Now)).Alerts[0].Identity.Labels["host"]);
        }
    }

    [Fact]
    public void Threads_that_share_it_read_the_same()
    {
        Parallel.For(0, 20_000, i =>
        {
            var host = $"shared-{i % 500}";
            Assert.Equal(host, Parsing.One("generic", "{\"labels\":{\"host\":\"" + host + "\"},\"summary\":\"" + host + "\"}").Summary);
        });
    }

    [Property(MaxTest = 300)]
    public void Label_order_and_spacing_do_not_change_the_identity(NonEmptyString name, NonEmptyString value, bool spaced)
    {
        var (n, v) = (Json(name.Get), Json(value.Get));
        var (gap, other) = (spaced ? " " : "", "\"zz_fixed\":\"1\"");
        var (one, two) = (Parsing.Parse("generic", $"{{\"labels\":{{{n}:{v},{other}}}}}"), Parsing.Parse("generic", $"{{\"labels\":{{{gap}{other}{gap},{n}{gap}:{v}}}}}"));
        Assert.Equal(one.Alerts.Select(a => a.Identity.Fingerprint), two.Alerts.Select(a => a.Identity.Fingerprint));
        Assert.Equal(one.Problem?.Field, two.Problem?.Field);
    }

    private static string Json(string text) => System.Text.Json.JsonSerializer.Serialize(text);
}
