using System.Buffers.Binary;
using System.Buffers.Text;

namespace Projections;

/// <summary>Where an entry stands among those of all scopes: its time, then scope, then version. The same after every rebuild.</summary>
public readonly record struct Place(long Ticks, int Scope, long Version) : IComparable<Place>
{
    private const int Bytes = 20;

    public int CompareTo(Place other) =>
        Ticks != other.Ticks ? Ticks.CompareTo(other.Ticks)
        : Scope != other.Scope ? Scope.CompareTo(other.Scope)
        : Version.CompareTo(other.Version);

    /// <summary>A list's cursor: url-safe, and nothing for a caller to read.</summary>
    public string ToCursor()
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        BinaryPrimitives.WriteInt64BigEndian(bytes, Ticks);
        BinaryPrimitives.WriteInt32BigEndian(bytes[8..], Scope);
        BinaryPrimitives.WriteInt64BigEndian(bytes[12..], Version);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>False for anything that <see cref="ToCursor"/> did not write.</summary>
    public static bool TryParse(string cursor, out Place place)
    {
        place = default;
        Span<byte> bytes = stackalloc byte[Bytes];
        // Decoding throws on a wrong character, so that is asked first.
        if (cursor.Length != Base64Url.GetEncodedLength(Bytes) || !Base64Url.IsValid(cursor, out var length) || length != Bytes)
            return false;
        Base64Url.DecodeFromChars(cursor, bytes);
        place = new(
            BinaryPrimitives.ReadInt64BigEndian(bytes), BinaryPrimitives.ReadInt32BigEndian(bytes[8..]),
            BinaryPrimitives.ReadInt64BigEndian(bytes[12..]));
        return true;
    }
}

/// <summary>A page of a list: what the contract calls <c>items</c> and <c>next</c>.</summary>
public sealed record Listed<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>Which part of a list is asked for.</summary>
/// <param name="After">The last place of the page before; null for the first page.</param>
/// <param name="Limit">At most <see cref="Most"/>.</param>
public readonly record struct Slice(Place? After = null, int Limit = Slice.Usual)
{
    public const int Usual = 100, Most = 1_000;
}

/// <summary>Entries in the order they came to be; pages of it are stable while entries come and go.</summary>
/// <remarks>A scope's entries come in order, so each scope has an append-only run and a page merges the runs: no sorted tree, 24 bytes an
/// entry.</remarks>
internal sealed class Series<T> where T : class
{
    private readonly record struct Slot(long Ticks, long Version, T? Item);

    private sealed class Run(int scope)
    {
        public readonly int Scope = scope;
        public readonly List<Slot> Slots = [];
        public int Gone;

        public Place PlaceAt(int index) => new(Slots[index].Ticks, Scope, Slots[index].Version);

        /// <summary>Index of the first slot not before <paramref name="place"/>.</summary>
        public int Find(Place place)
        {
            int low = 0, high = Slots.Count;
            while (low < high)
            {
                var middle = (low + high) >> 1;
                if (PlaceAt(middle).CompareTo(place) < 0) low = middle + 1;
                else high = middle;
            }
            return low;
        }
    }

    private readonly List<Run> runs = [];

    public int Count { get; private set; }

    public Place Add(int scope, DateTimeOffset at, long version, T item)
    {
        var run = runs.Find(r => r.Scope == scope);
        if (run is null) runs.Add(run = new(scope));
        // A place never goes back within a scope, or the search in it would fail.
        var ticks = run.Slots.Count > 0 ? Math.Max(run.Slots[^1].Ticks, at.UtcTicks) : at.UtcTicks;
        run.Slots.Add(new(ticks, version, item));
        Count++;
        return new(ticks, scope, version);
    }

    public void Remove(Place place)
    {
        var run = runs.Find(r => r.Scope == place.Scope);
        if (run is null) return;
        var at = run.Find(place);
        if (at == run.Slots.Count || run.PlaceAt(at) != place || run.Slots[at].Item is null) return;
        run.Slots[at] = run.Slots[at] with { Item = null };
        Count--;
        if (++run.Gone <= 64 || run.Gone <= run.Slots.Count / 2) return;
        run.Slots.RemoveAll(s => s.Item is null);
        run.Gone = 0;
    }

    /// <summary>One page, oldest or newest first. <paramref name="pick"/> copies an entry out, or answers null where it does not
    /// fit.</summary>
    public Listed<TOut> Page<TOut>(Slice slice, bool newestFirst, Func<T, TOut?> pick) where TOut : class
    {
        var items = new List<TOut>();
        Place last = default;
        foreach (var (place, item) in Walk(slice.After, newestFirst))
        {
            if (pick(item) is not { } picked) continue;
            if (items.Count == slice.Limit) return new(items, last.ToCursor());
            items.Add(picked);
            last = place;
        }
        return new(items, null);
    }

    public IEnumerable<KeyValuePair<Place, T>> Walk(Place? after = null, bool newestFirst = false)
    {
        var step = newestFirst ? -1 : 1;
        var at = new int[runs.Count];
        for (var i = 0; i < at.Length; i++)
        {
            var run = runs[i];
            if (after is not { } place) at[i] = newestFirst ? run.Slots.Count - 1 : 0;
            else
            {
                var found = run.Find(place);
                at[i] = newestFirst ? found - 1 : found < run.Slots.Count && run.PlaceAt(found) == place ? found + 1 : found;
            }
        }
        while (true)
        {
            var best = -1;
            Place bestPlace = default;
            for (var i = 0; i < at.Length; i++)
            {
                var slots = runs[i].Slots;
                while (at[i] >= 0 && at[i] < slots.Count && slots[at[i]].Item is null) at[i] += step;
                if (at[i] < 0 || at[i] >= slots.Count) continue;
                var place = runs[i].PlaceAt(at[i]);
                if (best >= 0 && place.CompareTo(bestPlace) * step >= 0) continue;
                (best, bestPlace) = (i, place);
            }
            if (best < 0) yield break;
            yield return new(bestPlace, runs[best].Slots[at[best]].Item!);
            at[best] += step;
        }
    }
}
