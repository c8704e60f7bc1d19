using System.Buffers;
using System.IO.Compression;
using Microsoft.AspNetCore.Http;

namespace Ingest.Http;

/// <summary>A request's body, whole and in memory of its own, since whoever records it keeps it.</summary>
/// <param name="Status">200, or what to answer instead, with <paramref name="Problem"/>.</param>
internal readonly record struct RequestBody(ReadOnlyMemory<byte> Bytes, int Status, string? Problem)
{
    private const int FirstGuess = 4 * 1024;

    /// <summary>What is longer takes over 0.1 ms to parse, and the thread that read it from its socket has others to read for.</summary>
    private const int Brief = 16 * 1024;

    /// <summary>Reads at most <paramref name="limit"/> bytes, gunzipped ones where the body is gzip.</summary>
    /// <remarks>How slowly a body may trickle in is Kestrel's to bound (MinRequestBodyDataRate); it ends such a request with 408.</remarks>
    public static async ValueTask<RequestBody> ReadAsync(HttpRequest request, int limit, CancellationToken cancel)
    {
        var encoding = request.Headers.ContentEncoding.ToString();
        var gzip = encoding.Equals("gzip", StringComparison.OrdinalIgnoreCase) || encoding.Equals("x-gzip", StringComparison.OrdinalIgnoreCase);
        if (!gzip && encoding.Length > 0 && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
            return new(default, StatusCodes.Status415UnsupportedMediaType, $"is encoded as \"{encoding}\"; send it plain or as gzip");
        if (request.ContentLength > limit) return TooLarge(limit);
        try
        {
            var raw = await ReadRawAsync(request, limit, cancel).ConfigureAwait(false);
            if (gzip || raw is { Length: > Brief }) await Task.Yield();
            return raw is not { } bytes ? TooLarge(limit) : gzip ? Unzip(bytes, limit) : new(bytes, StatusCodes.Status200OK, null);
        }
        catch (BadHttpRequestException e)
        {
            return new(default, e.StatusCode, "could not be read: " + e.Message);
        }
    }

    private static async ValueTask<ReadOnlyMemory<byte>?> ReadRawAsync(HttpRequest request, int limit, CancellationToken cancel)
    {
        var reader = request.BodyReader;
        var bytes = request.ContentLength is { } length ? new byte[length] : new byte[FirstGuess];
        var filled = 0;
        while (true)
        {
            var read = await reader.ReadAsync(cancel).ConfigureAwait(false);
            var more = checked((int)Math.Min(read.Buffer.Length, limit + 1L));
            if (filled + (long)more > limit)
            {
                // Given back, so that the server can read the rest away and the sender gets to the answer.
                reader.AdvanceTo(read.Buffer.End);
                return null;
            }
            if (filled + more > bytes.Length) Array.Resize(ref bytes, Math.Min(limit, Math.Max(bytes.Length * 2, filled + more)));
            read.Buffer.CopyTo(bytes.AsSpan(filled));
            filled += more;
            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted) return bytes.AsMemory(0, filled);
        }
    }

    private static RequestBody Unzip(ReadOnlyMemory<byte> zipped, int limit)
    {
        try
        {
            using var stream = new GZipStream(new MemoryStream(zipped.ToArray(), writable: false), CompressionMode.Decompress);
            var bytes = new byte[(int)Math.Clamp(zipped.Length * 4L, FirstGuess, limit)];
            var filled = 0;
            while (true)
            {
                if (filled == bytes.Length)
                {
                    if (filled == limit) return stream.ReadByte() < 0 ? new(bytes, StatusCodes.Status200OK, null) : TooLarge(limit);
                    Array.Resize(ref bytes, (int)Math.Min(limit, bytes.Length * 2L));
                }
                var read = stream.Read(bytes.AsSpan(filled));
                if (read == 0) return new(bytes.AsMemory(0, filled), StatusCodes.Status200OK, null);
                filled += read;
            }
        }
        catch (InvalidDataException)
        {
            return new(default, StatusCodes.Status400BadRequest, "is not gzip, though Content-Encoding says so");
        }
    }

    private static RequestBody TooLarge(int limit) =>
        new(default, StatusCodes.Status413PayloadTooLarge, $"is over {limit} bytes; send it in several requests");
}
