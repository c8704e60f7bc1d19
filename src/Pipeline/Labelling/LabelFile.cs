using System.Text;
using Pipeline.Replaying;

namespace Pipeline.Labelling;

/// <summary>Reads what was news from a file, which is JSON or CSV, gzipped or not; docs/replay.md says what may be in it.</summary>
internal static class LabelFile
{
    private const long MaxBytes = 1 << 30;

    /// <summary>The labels of several files, a list a replayed file.</summary>
    /// <param name="paths">One for all files, or one a file in their order.</param>
    /// <param name="files">The replayed files.</param>
    /// <exception cref="ReplayInputException">A file cannot be read, holds no labels, or none for these files.</exception>
    public static IReadOnlyList<IReadOnlyList<News>> Read(IReadOnlyList<string> paths, IReadOnlyList<string> files)
    {
        if (paths.Count != 1 && paths.Count != files.Count)
            throw new ReplayInputException($"--labels is given {paths.Count} times, for {files.Count} files; give one for all of them, or one for each in their order");
        var read = paths.Select(Read).ToList();
        if (paths.Count == 1 && files.Count > 1 && read[0].Any(n => n.Lines is not null && n.File is null))
            throw new ReplayInputException($"{paths[0]}: labels by line belong to one file, and there are {files.Count}; give --labels once for each, or say which file");
        var all = files.Select((file, i) => Of(read[paths.Count == 1 ? 0 : i], file)).ToList();
        if (all.Any(a => a.Count > 0)) return all;
        var known = read.SelectMany(r => r).Select(n => n.File).Distinct().Take(20);
        throw new ReplayInputException($"{string.Join(", ", paths)}: the labels are of {string.Join(", ", known)}, and none of {string.Join(", ", files)} is called so");
    }

    /// <summary>What a label's <c>file</c> says of a path: its name without its endings.</summary>
    public static string Stem(string path)
    {
        var name = path[(path.LastIndexOfAny(['/', '\\']) + 1)..];
        var end = name.IndexOf('.', StringComparison.Ordinal);
        return end > 0 ? name[..end] : name;
    }

    private static List<News> Of(IReadOnlyList<News> news, string file) =>
        [.. news.Where(n => n.File is not { } of || Stem(file) == of || Stem(file).EndsWith("__" + of, StringComparison.Ordinal))];

    private static IReadOnlyList<News> Read(string path)
    {
        try
        {
            using var raw = ReplayInput.File(path).Open();
            using var content = ReplayInput.Unpacked(raw);
            using var bytes = new MemoryStream();
            content.CopyTo(bytes);
            if (bytes.Length > MaxBytes) throw new ReplayInputException("is larger than 1 GiB");
            bytes.Position = 0;
            var news = First(bytes) is (byte)'{' or (byte)'[' ? LabelJson.Read(bytes) : LabelCsv.Read(bytes);
            return news.Count > 0 ? news : throw new ReplayInputException("holds no labels");
        }
        catch (ReplayInputException e)
        {
            throw new ReplayInputException(e.Message.StartsWith(path, StringComparison.Ordinal) ? e.Message : $"{path}: {e.Message}");
        }
        catch (InvalidDataException e)
        {
            throw new ReplayInputException($"{path}: cannot be read: {e.Message}");
        }
    }

    private static byte First(MemoryStream bytes)
    {
        var text = bytes.GetBuffer().AsSpan(0, (int)bytes.Length);
        if (text.StartsWith(Encoding.UTF8.Preamble)) text = text[3..];
        var at = text.IndexOfAnyExcept(" \t\r\n"u8);
        return at < 0 ? (byte)0 : text[at];
    }
}
