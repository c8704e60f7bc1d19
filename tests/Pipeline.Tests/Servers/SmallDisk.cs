using System.Diagnostics;
using Xunit;

namespace Pipeline.Tests.Servers;

/// <summary>A file system in memory, of a stated size.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string filler;

    private SmallDisk(string path) => (Path, filler) = (path, System.IO.Path.Combine(path, "filler"));

    public string Path { get; }

    public static async Task<SmallDisk> MountAsync(string size)
    {
        var path = Directory.CreateTempSubdirectory("pipeline-disk-").FullName;
        using var mount = Process.Start(new ProcessStartInfo("mount", ["-t", "tmpfs", "-o", $"size={size}", "tmpfs", path]) { RedirectStandardError = true })!;
        await mount.WaitForExitAsync();
        if (mount.ExitCode == 0) return new(path);
        Directory.Delete(path);
        Assert.Skip($"a disk of our own cannot be mounted here (it takes root): {await mount.StandardError.ReadToEndAsync()}");
        throw new UnreachableException();
    }

    public void Fill(long leave)
    {
        using var file = new FileStream(filler, FileMode.Append);
        var free = new DriveInfo(Path).AvailableFreeSpace - leave;
        var block = new byte[64 * 1024];
        try
        {
            for (; free > 0; free -= block.Length) file.Write(block, 0, (int)Math.Min(free, block.Length));
            file.Flush();
        }
        catch (IOException)
        {
            // Full to the last byte, as wanted.
        }
    }

    public void Empty() => File.Delete(filler);

    public void Dispose()
    {
        using var umount = Process.Start("umount", ["-l", Path]);
        umount.WaitForExit();
        Directory.Delete(Path);
    }
}
