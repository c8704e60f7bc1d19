using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Stores.EventStore;

/// <summary>Ids of events: a hash of the writer, the stream, the number and the content.</summary>
/// <remarks>
/// The server answers the same ids at the same expected revision as it did the first time. So what one writer sends twice is appended
/// once; and since the writer, chosen at random when the log is opened, is hashed too, a second writer of the same number is refused even
/// where it would write the same.
/// </remarks>
internal sealed class EventIds
{
    private readonly byte[] writer = RandomNumberGenerator.GetBytes(16);
    private long loose;

    /// <summary>A number for an event that has none, given once: nothing sent is taken for something sent before.</summary>
    public long Loose() => Interlocked.Increment(ref loose);

    public Guid Of(string stream, long number, ReadOnlySpan<byte> header, ReadOnlySpan<byte> data)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> block = stackalloc byte[SHA256.HashSizeInBytes];
        hash.AppendData(writer);
        hash.AppendData(Encoding.UTF8.GetBytes(stream));
        BinaryPrimitives.WriteInt64BigEndian(block, number);
        BinaryPrimitives.WriteInt64BigEndian(block[8..], header.Length);
        hash.AppendData(block[..16]);
        hash.AppendData(header);
        hash.AppendData(data);
        hash.GetHashAndReset(block);
        return new(block[..16], bigEndian: true);
    }
}
