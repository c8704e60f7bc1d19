using System.Collections.Immutable;
using System.Text.Json;

namespace Stores.EventStore;

/// <summary>A scope's name, as it is stored: never change a member.</summary>
internal sealed record StoredScope(string Name);

/// <summary>The names of scopes in the order of their numbers: scope n is event n - 1 of its stream.</summary>
internal sealed class Scopes(EventStoreClient client, string stream, EventIds ids)
{
    private const int PageEvents = 100;

    /// <summary>The form of everything stored. A release reads its own and earlier ones.</summary>
    private const int Format = 1;

    private ImmutableArray<string> known = [];

    /// <summary>Reaches the server, and refuses what a newer release wrote.</summary>
    public async Task OpenAsync(CancellationToken cancel)
    {
        var settings = await StreamSettings.ReadAsync(client, stream, cancel).ConfigureAwait(false);
        if (settings.Format > Format)
            throw new InvalidDataException(
                $"{stream} was written by a newer release (format {settings.Format}, this one reads {Format}); run that release");
        // Two that open at once write the same.
        if (settings.Format == 0) await (settings with { Format = Format }).WriteAsync(client, stream, ids, cancel).ConfigureAwait(false);
        await NamesAsync(cancel).ConfigureAwait(false);
    }

    public async Task<int> NumberAsync(string name, CancellationToken cancel)
    {
        for (var names = known; ; names = await NamesAsync(cancel).ConfigureAwait(false))
        {
            if (names.IndexOf(name) is var at and >= 0) return at + 1;
            var data = JsonSerializer.SerializeToUtf8Bytes(new StoredScope(name), HeadJson.Written.StoredScope);
            var made = new NewEvent(ids.Of(stream, names.Length, default, data), "scope-made", true, default, data);
            // Refused where somebody else made one meanwhile, perhaps this very one: then the names are read again.
            await client.AppendAsync(stream, Expected.After(names.Length - 1), [made], cancel).ConfigureAwait(false);
        }
    }

    /// <summary>All names so far, those that other processes made too.</summary>
    public async Task<ImmutableArray<string>> NamesAsync(CancellationToken cancel)
    {
        var names = known;
        while (await client.ReadAsync(stream, names.Length, PageEvents, cancel).ConfigureAwait(false) is { Count: > 0 } page)
            names = names.AddRange(page.Select(e => JsonSerializer.Deserialize(e.Data.Span, HeadJson.Written.StoredScope)!.Name));
        ImmutableInterlocked.Update(ref known, (now, read) => read.Length > now.Length ? read : now, names);
        return names;
    }
}
