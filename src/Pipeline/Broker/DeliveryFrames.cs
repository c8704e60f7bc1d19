using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Pipeline.Broker;

/// <summary>What was read of a message: all its deliveries, or none and why.</summary>
internal readonly record struct FramesRead(IReadOnlyList<BrokerDelivery> Deliveries, string? Problem);

/// <summary>
/// The wire format of a message that holds gathered deliveries; docs/broker.md describes it. Never changed: another form is another version
/// byte and another type name, and is written a release after it is read.
/// </summary>
/// <remarks>
/// <code>
/// message  = "PLD" version:u8=1 count:u16 delivery*
/// delivery = flags:u8 receivedAt:i64 id:text source:text [scope:text] [key:text] body:bytes
/// text, bytes = length:varint, then as many; integers are little-endian; flags: 1 scope, 2 key
/// </code>
/// </remarks>
internal static class DeliveryFrames
{
    /// <summary>Bytes of one message; a single larger delivery goes alone.</summary>
    public const int MessageBytes = 512 * 1024;

    public const int MessageDeliveries = 1_024;

    public const int HeaderBytes = 6;

    private const byte Version = 1, HasScope = 1, HasKey = 2;

    private static ReadOnlySpan<byte> Mark => "PLD"u8;

    /// <summary>The bytes that a delivery takes in a message.</summary>
    public static int SizeOf(BrokerDelivery delivery) =>
        1 + sizeof(long) + TextSize(delivery.Id) + TextSize(delivery.Source) + (delivery.Scope is { } scope ? TextSize(scope) : 0) +
        (delivery.Key is { } key ? TextSize(key) : 0) + VarintSize((uint)delivery.Body.Length) + delivery.Body.Length;

    /// <summary>Writes one message into a pooled buffer, which goes back when it is disposed.</summary>
    public static PooledMessage Write(IReadOnlyList<BrokerDelivery> deliveries)
    {
        ArgumentOutOfRangeException.ThrowIfZero(deliveries.Count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(deliveries.Count, MessageDeliveries);
        var size = HeaderBytes;
        for (var i = 0; i < deliveries.Count; i++) size += SizeOf(deliveries[i]);
        var message = new PooledMessage(size);
        var rest = message.Span;
        Mark.CopyTo(rest);
        rest[3] = Version;
        BinaryPrimitives.WriteUInt16LittleEndian(rest[4..], (ushort)deliveries.Count);
        rest = rest[HeaderBytes..];
        for (var i = 0; i < deliveries.Count; i++) Write(deliveries[i], ref rest);
        return message;
    }

    /// <summary>Reads a message; the bodies are slices of it. Bad input is a problem, never an exception.</summary>
    public static FramesRead Read(ReadOnlyMemory<byte> message)
    {
        var span = message.Span;
        if (span.Length < HeaderBytes || !span.StartsWith(Mark)) return Wrong("does not begin with PLD: it is no message of gathered deliveries");
        if (span[3] != Version) return Wrong($"has version {span[3]} where this release reads {Version}; a newer release wrote it");
        var count = BinaryPrimitives.ReadUInt16LittleEndian(span[4..]);
        if (count is 0 or > MessageDeliveries) return Wrong($"announces {count} deliveries where 1 to {MessageDeliveries} are allowed");
        // No more than fits is set aside, whatever the count says.
        var deliveries = new List<BrokerDelivery>(Math.Min(count, span.Length / 12));
        var reader = new Reader(message, HeaderBytes);
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryDelivery(deliveries is [.., var before] ? before : null, out var delivery)) return Wrong($"delivery {i + 1} of {count}, byte {reader.At}: {reader.Problem}");
            deliveries.Add(delivery!);
        }
        return reader.At == span.Length ? new(deliveries, null) : Wrong($"goes on for {span.Length - reader.At} bytes behind its {count} deliveries");
    }

    private static FramesRead Wrong(string problem) => new([], problem);

    private static void Write(BrokerDelivery delivery, ref Span<byte> rest)
    {
        rest[0] = (byte)((delivery.Scope is null ? 0 : HasScope) | (delivery.Key is null ? 0 : HasKey));
        BinaryPrimitives.WriteInt64LittleEndian(rest[1..], delivery.ReceivedAt.ToUnixTimeMilliseconds());
        rest = rest[9..];
        WriteText(delivery.Id, ref rest);
        WriteText(delivery.Source, ref rest);
        if (delivery.Scope is { } scope) WriteText(scope, ref rest);
        if (delivery.Key is { } key) WriteText(key, ref rest);
        WriteVarint((uint)delivery.Body.Length, ref rest);
        delivery.Body.Span.CopyTo(rest);
        rest = rest[delivery.Body.Length..];
    }

    private static void WriteText(string text, ref Span<byte> rest)
    {
        WriteVarint((uint)Encoding.UTF8.GetByteCount(text), ref rest);
        rest = rest[Encoding.UTF8.GetBytes(text, rest)..];
    }

    private static void WriteVarint(uint value, ref Span<byte> rest)
    {
        for (; value >= 0x80; value >>= 7, rest = rest[1..]) rest[0] = (byte)(value | 0x80);
        rest[0] = (byte)value;
        rest = rest[1..];
    }

    private static int TextSize(string text)
    {
        var bytes = Encoding.UTF8.GetByteCount(text);
        return VarintSize((uint)bytes) + bytes;
    }

    private static int VarintSize(uint value) => value switch { < 1u << 7 => 1, < 1u << 14 => 2, < 1u << 21 => 3, < 1u << 28 => 4, _ => 5 };

    private ref struct Reader(ReadOnlyMemory<byte> message, int at)
    {
        private readonly ReadOnlySpan<byte> span = message.Span;

        public int At { get; private set; } = at;

        public string? Problem { get; private set; }

        /// <param name="before">Neighbours mostly share source and scope: the same bytes give the same string.</param>
        public bool TryDelivery(BrokerDelivery? before, out BrokerDelivery? delivery)
        {
            delivery = null;
            if (span.Length - At < 1 + sizeof(long)) return No("ends in its head");
            var flags = span[At];
            if ((flags & ~(HasScope | HasKey)) != 0) return No($"has flags {flags} that this release does not know");
            var milliseconds = BinaryPrimitives.ReadInt64LittleEndian(span[(At + 1)..]);
            if (milliseconds < DateTimeOffset.MinValue.ToUnixTimeMilliseconds() || milliseconds > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
                return No($"was received at {milliseconds} ms, which is no time");
            At += 1 + sizeof(long);
            string? scope = null, key = null;
            if (!TryText("id", null, out var id) || !TryText("source", before?.Source, out var source)) return false;
            if ((flags & HasScope) != 0 && !TryText("scope", before?.Scope, out scope)) return false;
            if ((flags & HasKey) != 0 && !TryText("key", null, out key)) return false;
            if (!TryLength("body", out var length)) return false;
            delivery = new(id!, scope, source!, DateTimeOffset.FromUnixTimeMilliseconds(milliseconds), key, message.Slice(At, length));
            At += length;
            return true;
        }

        private bool TryText(string field, string? before, out string? text)
        {
            text = null;
            if (!TryLength(field, out var length)) return false;
            var bytes = span.Slice(At, length);
            if (!Utf8.IsValid(bytes)) return No($"has a {field} that is not UTF-8");
            text = before is not null && Ascii.Equals(bytes, before) ? before : Encoding.UTF8.GetString(bytes);
            At += length;
            return true;
        }

        private bool TryLength(string field, out int length)
        {
            length = 0;
            uint value = 0;
            for (var shift = 0; shift < 35; shift += 7)
            {
                if (At == span.Length) return No($"ends in the length of its {field}");
                var next = span[At++];
                if (shift == 28 && next > 0x0F) break;
                value |= (uint)(next & 0x7F) << shift;
                if (next >= 0x80) continue;
                if (value > (uint)(span.Length - At)) return No($"has a {field} of {value} bytes where {span.Length - At} are left");
                length = (int)value;
                return true;
            }
            return No($"has a length of its {field} that is no number");
        }

        private bool No(string problem)
        {
            Problem = problem;
            return false;
        }
    }
}

/// <summary>A message in a buffer of the shared pool.</summary>
internal sealed class PooledMessage(int length) : IDisposable
{
    private byte[]? buffer = ArrayPool<byte>.Shared.Rent(length);

    public ReadOnlyMemory<byte> Memory => buffer.AsMemory(0, length);

    internal Span<byte> Span => buffer.AsSpan(0, length);

    public void Dispose()
    {
        if (buffer is { } rented) ArrayPool<byte>.Shared.Return(rented);
        buffer = null;
    }
}
