using System.Globalization;
using JasperFx;
using JasperFx.Events;
using JasperFx.Events.Daemon;
using Marten;
using Npgsql;

namespace Stores.Marten;

/// <summary>The connections, Marten's store over them, and the names of our tables.</summary>
internal sealed class Database : IAsyncDisposable
{
    public Database(Address address)
    {
        Schema = address.Schema;
        Source = new NpgsqlDataSourceBuilder(address.Connection).Build();
        Store = DocumentStore.For(options =>
        {
            options.Connection(Source);
            options.DatabaseSchemaName = Schema;
            // The schema is made once, under a lock (see Tables), and never in the middle of an append.
            options.AutoCreateSchemaObjects = AutoCreate.None;
            options.Events.DatabaseSchemaName = Schema;
            options.Events.StreamIdentity = StreamIdentity.AsString;
            options.Events.AppendMode = EventAppendMode.Rich;
            options.Events.UseBinarySerializer<Decided>(new DecidedBytes());
            options.Events.UseListenNotifyForEventAppends = true;
            options.Events.MetadataConfig.CorrelationIdEnabled = true;
            options.Events.IgnoreIndex(Tables.IncidentIndex);
            // A commit of unknown outcome is the caller's to judge: nothing is tried again behind its back.
            options.ConfigurePolly(_ => { });
            options.ConfigureWritePolly(_ => { });
            options.DisableNpgsqlLogging = true;
            // Who folds them says so itself (IncidentDocuments); Marten would else warn of it on standard output, which is the commands' own.
            options.Projections.AsyncMode = DaemonMode.ExternallyManaged;
            IncidentDocuments.Register(options);
        });
    }

    private const string StreamPrefix = "scope-";

    public string Schema { get; }
    public NpgsqlDataSource Source { get; }
    public DocumentStore Store { get; }

    /// <summary>The stream that holds a scope's decisions.</summary>
    public static string Stream(int scope) => string.Create(CultureInfo.InvariantCulture, $"{StreamPrefix}{scope}");

    public static int ScopeOf(string stream) => int.Parse(stream.AsSpan(StreamPrefix.Length), CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync().ConfigureAwait(false);
        await Source.DisposeAsync().ConfigureAwait(false);
    }
}
