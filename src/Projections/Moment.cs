namespace Projections;

/// <summary>A time in UTC, or none, in 8 bytes where <see cref="DateTimeOffset"/> takes 16 and one that may be absent 24: views keep five an identity.</summary>
internal readonly record struct Moment(long Ticks)
{
    public static Moment Of(DateTimeOffset? time) => new(time?.UtcTicks ?? 0);

    public bool IsNone => Ticks == 0;

    public DateTimeOffset Time => new(Ticks, TimeSpan.Zero);

    public DateTimeOffset? OrNull => IsNone ? null : Time;
}
