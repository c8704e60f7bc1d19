namespace Pipeline.Config;

/// <summary>Settings while they are read: what two keys make together waits here.</summary>
internal sealed class Draft
{
    public Settings Settings { get; set; } = new();
    public Uri? HeartbeatUrl { get; set; }
    public TimeSpan HeartbeatEvery { get; set; } = TimeSpan.FromMinutes(1);
}
