using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Pipeline.Broker;
using Xunit;

namespace Pipeline.Tests.Broker;

/// <summary>The wire format: what is written is read, whatever else comes is a problem in words.</summary>
public sealed class DeliveryFramesTests
{
    private static readonly Gen<string> Text = ArbMap.Default.GeneratorFor<NonNull<string>>().Select(t => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(t.Get)));

    private static readonly Gen<BrokerDelivery> Delivery =
        from id in Text
        from scope in Gen.OneOf(Gen.Constant<string?>(null), Text.Select(t => (string?)t))
        from source in Gen.OneOf(Gen.Constant("generic"), Text)
        from at in Gen.Choose(0, int.MaxValue)
        from key in Gen.OneOf(Gen.Constant<string?>(null), Text.Select(t => (string?)t))
        from body in ArbMap.Default.GeneratorFor<byte[]>()
        select new BrokerDelivery(id, scope, source, DateTimeOffset.FromUnixTimeMilliseconds(at * 1_000L + 7), key, body ?? []);

    private static readonly Arbitrary<BrokerDelivery[]> Deliveries = Gen.NonEmptyListOf(Delivery).Select(l => l.ToArray()).ToArbitrary();

    [Fact]
    public void What_is_written_is_read_back() => Prop.ForAll(Deliveries, deliveries =>
    {
        using var message = DeliveryFrames.Write(deliveries);
        var read = DeliveryFrames.Read(message.Memory);
        Assert.Null(read.Problem);
        Assert.Equal(deliveries.Select(Shown), read.Deliveries.Select(Shown));
        Assert.Equal(DeliveryFrames.HeaderBytes + deliveries.Sum(DeliveryFrames.SizeOf), message.Memory.Length);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_message_cut_anywhere_is_a_problem_and_gives_no_delivery() => Prop.ForAll(Deliveries, deliveries =>
    {
        using var message = DeliveryFrames.Write(deliveries);
        for (var length = 0; length < message.Memory.Length; length++)
        {
            var read = DeliveryFrames.Read(message.Memory[..length]);
            Assert.NotNull(read.Problem);
            Assert.Empty(read.Deliveries);
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_byte_may_be_wrong_and_nothing_is_thrown() => Prop.ForAll(Deliveries, ArbMap.Default.ArbFor<PositiveInt>(), ArbMap.Default.ArbFor<byte>(), (deliveries, at, wrong) =>
    {
        using var message = DeliveryFrames.Write(deliveries);
        var bytes = message.Memory.ToArray();
        bytes[at.Get % bytes.Length] = wrong;
        var read = DeliveryFrames.Read(bytes);
        Assert.Equal(read.Problem is null, read.Deliveries.Count > 0);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Bytes_of_anybody_are_a_problem_and_nothing_is_thrown() => Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
    {
        Assert.NotNull(DeliveryFrames.Read(bytes).Problem);
        Assert.NotNull(DeliveryFrames.Read(new byte[] { (byte)'P', (byte)'L', (byte)'D', 1, 2, 0 }.Concat(bytes.Select(b => (byte)(b | 0xF0))).ToArray()).Problem);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Another_version_says_that_it_is_one()
    {
        using var message = DeliveryFrames.Write([new("a-1", "default", "generic", DateTimeOffset.UnixEpoch, null, new byte[] { 1 })]);
        var bytes = message.Memory.ToArray();
        bytes[3] = 2;
        Assert.Contains("version 2", DeliveryFrames.Read(bytes).Problem, StringComparison.Ordinal);
    }

    /// <summary>The bytes themselves: they lie in queues while releases change.</summary>
    [Fact]
    public void The_form_of_version_1_stays()
    {
        using var message = DeliveryFrames.Write(
        [
            new("a1-1", "db", "generic", DateTimeOffset.FromUnixTimeMilliseconds(1_000), "k", "{}"u8.ToArray()),
            new("a1-2", null, "changes", DateTimeOffset.FromUnixTimeMilliseconds(1_001), null, "[]"u8.ToArray()),
        ]);
        Assert.Equal(
            "504C4401" + "0200" +
            "03" + "E803000000000000" + "0461312D31" + "0767656E65726963" + "026462" + "016B" + "027B7D" +
            "00" + "E903000000000000" + "0461312D32" + "076368616E676573" + "025B5D",
            Convert.ToHexString(message.Memory.Span));
    }

    [Theory]
    [InlineData("Ã©", "é")]
    [InlineData("é", "Ã©")]
    public void Names_whose_bytes_look_alike_stay_apart(string first, string second)
    {
        using var message = DeliveryFrames.Write(
        [
            new("a-1", first, first, DateTimeOffset.UnixEpoch, null, ReadOnlyMemory<byte>.Empty), new("a-2", second, second, DateTimeOffset.UnixEpoch, null, ReadOnlyMemory<byte>.Empty),
        ]);
        Assert.Equal([first, second], DeliveryFrames.Read(message.Memory).Deliveries.Select(d => d.Scope!));
    }

    private static string Shown(BrokerDelivery d) => $"{d.Id}|{d.Scope ?? "(none)"}|{d.Source}|{d.ReceivedAt:O}|{d.Key ?? "(none)"}|{Convert.ToHexString(d.Body.Span)}";
}
