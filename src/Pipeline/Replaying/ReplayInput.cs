using System.IO.Pipelines;

namespace Pipeline.Replaying;

/// <summary>One stream of a replay's input. Opened once a run, so that <c>--against</c> can read it again.</summary>
/// <param name="Name">As the user named it, for messages.</param>
/// <param name="Size">For the progress bar: bytes as stored, lines where it is read from the log; 0 where nobody knows.</param>
public sealed record ReplayInput(string Name, long Size, Func<Stream> Open)
{
    /// <summary>How much of it was read, as its size counts; null where nobody knows.</summary>
    internal static long? Done(Stream raw) => raw switch
    {
        LineCounting counted => counted.Lines,
        { CanSeek: true } => raw.Position,
        _ => null,
    };

    /// <summary>A file, checked to be there and readable.</summary>
    /// <exception cref="ReplayInputException">It cannot be read.</exception>
    public static ReplayInput File(string path)
    {
        try
        {
            using var probe = OpenFile(path);
            return new(path, probe.Length, () => OpenFile(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ReplayInputException($"{path}: cannot be read: {e.Message}");
        }
    }

    /// <summary>The stream's content, unpacked where it begins as gzip does, whatever it is called.</summary>
    internal static async ValueTask<Stream> UnpackedAsync(Stream raw, CancellationToken cancel)
    {
        var reader = PipeReader.Create(raw, new(bufferSize: 128 * 1024));
        var start = await reader.ReadAtLeastAsync(2, cancel);
        var packed = start.Buffer.Length >= 2 && start.Buffer.FirstSpan is [0x1F, 0x8B, ..];
        reader.AdvanceTo(start.Buffer.Start);
        return packed ? new Unzipped(reader.AsStream()) : reader.AsStream();
    }

    /// <summary>The same, for a reader that waits.</summary>
    internal static Stream Unpacked(Stream raw)
    {
        var buffered = new BufferedStream(raw, 128 * 1024);
        var start = new byte[2];
        var read = buffered.ReadAtLeast(start, 2, throwOnEndOfStream: false);
        var whole = new Importing.Rewound(start[..read], buffered);
        return read == 2 && start is [0x1F, 0x8B] ? new Unzipped(whole) : whole;
    }

    private static FileStream OpenFile(string path) =>
        new(path, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.ReadWrite, BufferSize = 0, Options = FileOptions.SequentialScan });
}

/// <summary>The input cannot be replayed: unreadable, or no line of it is one. Exit code 2.</summary>
public sealed class ReplayInputException(string message) : Exception(message);
