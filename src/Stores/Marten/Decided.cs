using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Dedupe.Log;
using JasperFx.Events;

namespace Stores.Marten;

/// <summary>A decision as Marten's event. Its bytes are kept as they are, which jsonb would not do.</summary>
public sealed record Decided(DecisionRecord Record);

/// <summary>The stored form: format, input, time, type, incident, data. Stored for ever: never change it, add a format.</summary>
internal sealed class DecidedBytes : IEventBinarySerializer
{
    /// <summary>Bytes before the texts: what <see cref="InputOf"/> needs of an event.</summary>
    public const int HeadLength = 17;

    private const byte Format = 1;

    public byte[] Serialize(Type type, object data)
    {
        var record = ((Decided)data).Record;
        var name = Encoding.UTF8.GetBytes(record.Type);
        // The incident's length plus one, so that none and an empty one differ.
        var incident = record.Incident is null ? null : Encoding.UTF8.GetBytes(record.Incident);
        var bytes = new byte[HeadLength + 2 + name.Length + 2 + (incident?.Length ?? 0) + record.Data.Length];
        var rest = bytes.AsSpan();
        rest[0] = Format;
        BinaryPrimitives.WriteInt64BigEndian(rest[1..], record.Input);
        BinaryPrimitives.WriteInt64BigEndian(rest[9..], record.At.ToUnixTimeMilliseconds());
        rest = Put(rest[HeadLength..], name, 0);
        rest = Put(rest, incident, incident is null ? 0 : 1);
        record.Data.Span.CopyTo(rest);
        return bytes;
    }

    /// <summary>Without its version, which Marten keeps beside it.</summary>
    public object Deserialize(Type type, byte[] data) => new Decided(Read(0, data));

    public static DecisionRecord Read(long version, byte[] bytes)
    {
        if (bytes.Length < HeadLength || bytes[0] != Format)
            throw new InvalidDataException(
                $"decision {version} was written by a newer release (format {(bytes.Length > 0 ? bytes[0] : 0)}); run that release");
        var at = HeadLength;
        var name = Take(bytes, ref at, 0)!;
        var incident = Take(bytes, ref at, 1);
        return new(version, InputOf(bytes), TimeOf(bytes), name, incident, bytes.AsMemory(at));
    }

    /// <summary>The last input decided, from the first <see cref="HeadLength"/> bytes.</summary>
    public static long InputOf(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt64BigEndian(bytes[1..]);

    public static DateTimeOffset TimeOf(ReadOnlySpan<byte> bytes) =>
        DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(bytes[9..]));

    /// <summary>The same for the same decision, however often it is appended: after an unknown outcome it tells whose it is.</summary>
    public static Guid IdOf(int scope, DecisionRecord record)
    {
        Span<byte> head = stackalloc byte[20];
        BinaryPrimitives.WriteInt32BigEndian(head, scope);
        BinaryPrimitives.WriteInt64BigEndian(head[4..], record.Input);
        BinaryPrimitives.WriteInt64BigEndian(head[12..], record.Version);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(head);
        hash.AppendData(Encoding.UTF8.GetBytes(record.Type));
        hash.AppendData(record.Data.Span);
        return new(hash.GetHashAndReset().AsSpan(0, 16), bigEndian: true);
    }

    private static Span<byte> Put(Span<byte> to, byte[]? text, int plus)
    {
        BinaryPrimitives.WriteUInt16BigEndian(to, checked((ushort)((text?.Length ?? 0) + plus)));
        text?.CopyTo(to[2..]);
        return to[(2 + (text?.Length ?? 0))..];
    }

    private static string? Take(byte[] bytes, ref int at, int plus)
    {
        var length = BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(at)) - plus;
        at += 2;
        if (length < 0) return null;
        at += length;
        return Encoding.UTF8.GetString(bytes, at - length, length);
    }
}
