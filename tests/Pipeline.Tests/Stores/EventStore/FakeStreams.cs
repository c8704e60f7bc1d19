using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Pipeline.Tests.Stores.EventStore.Wire;

namespace Pipeline.Tests.Stores.EventStore;

/// <summary>An event of the fake: what was proposed, less what a server drops.</summary>
internal sealed record FakeEvent(Guid Id, string Stream, long Revision, string Type, string ContentType, ByteString Header, ByteString Data, long Ticks);

/// <summary>The streams of the fake server, in memory: what the real one keeps while clients come and go.</summary>
internal sealed class FakeStreams
{
    private readonly Lock one = new();
    private readonly Dictionary<string, List<FakeEvent>> streams = new(StringComparer.Ordinal);
    private readonly HashSet<(string Stream, Guid Id)> ids = [];
    private readonly HashSet<string> deleted = new(StringComparer.Ordinal);
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes with the next append or deletion.</summary>
    public Task Changed
    {
        get
        {
            lock (one) return changed.Task;
        }
    }

    public bool IsDeleted(string stream)
    {
        lock (one) return deleted.Contains(stream);
    }

    public void Tombstone(string stream)
    {
        lock (one) deleted.Add(stream);
        Wake();
    }

    /// <summary>The last revision; -1 for no stream.</summary>
    public long Last(string stream)
    {
        lock (one) return streams.TryGetValue(stream, out var events) ? events.Count - 1 : -1;
    }

    /// <summary>The streams there are, those of metadata too.</summary>
    public IReadOnlyList<string> Names
    {
        get
        {
            lock (one) return [.. streams.Keys.Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>What may be read of a stream, in order; null where there is none.</summary>
    public IReadOnlyList<FakeEvent>? Visible(string stream)
    {
        lock (one)
        {
            if (!streams.TryGetValue(stream, out var events)) return null;
            if (!streams.TryGetValue("$$" + stream, out var settings)) return [.. events];
            using var json = JsonDocument.Parse(settings[^1].Data.Memory);
            var first = Number(json, "$tb") ?? 0;
            if (Number(json, "$maxCount") is { } most) first = Math.Max(first, events.Count - most);
            return [.. events.Skip((int)Math.Min(first, int.MaxValue))];
        }
    }

    /// <summary>Appends; an event's revision is given to it here.</summary>
    /// <param name="expected">The last revision; -1 for no stream, null for any.</param>
    /// <returns>The last revision, of which the first time's where these very ids were appended there before; null for a wrong version.</returns>
    public long? Append(string stream, long? expected, IReadOnlyList<FakeEvent> proposed)
    {
        lock (one)
        {
            var exists = streams.TryGetValue(stream, out var events);
            events ??= [];
            var last = events.Count - 1;
            if (expected is { } at && at != last)
            {
                var again = at < last && events.Skip((int)at + 1).Take(proposed.Count).Select(e => e.Id).SequenceEqual(proposed.Select(p => p.Id));
                return again ? at + proposed.Count : null;
            }
            // What the real server does with ids that it has, when it is to append anywhere, was not observed: nobody may rely on it.
            if (proposed.Any(p => !ids.Add((stream, p.Id)))) throw new InvalidOperationException($"{stream} holds one of these ids already");
            if (!exists) streams[stream] = events;
            foreach (var one in proposed) events.Add(one with { Revision = events.Count });
            last = events.Count - 1;
            Wake();
            return last;
        }
    }

    private void Wake()
    {
        lock (one)
        {
            var was = changed;
            changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            was.TrySetResult();
        }
    }

    private static long? Number(JsonDocument json, string name) => json.RootElement.TryGetProperty(name, out var value) ? value.GetInt64() : null;

    public static string Text(StreamIdentifier? stream) => stream is null ? "" : Encoding.UTF8.GetString(stream.Name.Span);
}
