using System.Text.Json;
using System.Text.Json.Serialization;

namespace Stores.EventStore;

/// <summary>A stream's metadata: the server's words for what it drops, and ours for what that was. Stored: never change a name.</summary>
internal sealed record StreamSettings
{
    /// <summary>Events before this revision are dropped.</summary>
    [JsonPropertyName("$tb")]
    public long TruncateBefore { get; init; }

    /// <summary>The last number dropped. Its event may still be there: a stream's last one stays, so that numbers go on.</summary>
    public long Gone { get; init; }

    /// <summary>Bytes of what was dropped.</summary>
    public long GoneBytes { get; init; }

    /// <summary>Of the stream of scopes: the form of all that is stored.</summary>
    public int Format { get; init; }

    /// <summary>Where the metadata stream stands; -1 for none.</summary>
    [JsonIgnore]
    public long Revision { get; init; } = -1;

    public static async Task<StreamSettings> ReadAsync(EventStoreClient client, string stream, CancellationToken cancel) =>
        await client.LastAsync(Of(stream), cancel).ConfigureAwait(false) is { } last
            ? (JsonSerializer.Deserialize(last.Data.Span, HeadJson.Written.StreamSettings) ?? new()) with { Revision = last.Revision }
            : new();

    /// <summary>Replaces the metadata that these came from; false where somebody else did so first.</summary>
    public async Task<bool> WriteAsync(EventStoreClient client, string stream, EventIds ids, CancellationToken cancel)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(this, HeadJson.Written.StreamSettings);
        var id = ids.Of(Of(stream), ids.Loose(), default, json);
        var expected = Expected.After(Revision);
        return await client.AppendAsync(Of(stream), expected, [new(id, "$metadata", true, default, json)], cancel).ConfigureAwait(false) is not null;
    }

    private static string Of(string stream) => "$$" + stream;
}
