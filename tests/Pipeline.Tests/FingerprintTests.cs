using Dedupe.Vocabulary;
using Xunit;

namespace Pipeline.Tests;

public sealed class FingerprintTests
{
    [Fact]
    public void Label_order_does_not_change_a_fingerprint() =>
        Assert.Equal(Fingerprint.Of(LabelSet.Of(("a", "1"), ("b", "2"))), Fingerprint.Of(LabelSet.Of(("b", "2"), ("a", "1"))));

    [Fact]
    public void Names_and_values_do_not_run_into_each_other() =>
        Assert.NotEqual(Fingerprint.Of(LabelSet.Of(("ab", "c"))), Fingerprint.Of(LabelSet.Of(("a", "bc"))));
}
