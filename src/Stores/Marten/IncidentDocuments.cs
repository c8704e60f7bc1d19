using System.Text.Json;
using System.Text.Json.Serialization;
using Dedupe.Log;
using JasperFx;
using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using Marten;
using Microsoft.Extensions.Logging;
using Npgsql;
using Projections;
using Weasel.Core;

namespace Stores.Marten;

/// <summary>The incidents as documents in PostgreSQL, for readers that are not the process that decides.</summary>
public sealed class IncidentDocuments : IAsyncDisposable
{
    private const int MostAtOnce = 500;
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    private readonly Database database;
    private readonly bool owned;

    internal IncidentDocuments(Database database, bool owned) => (this.database, this.owned) = (database, owned);

    /// <summary>The documents alone, for a log that lies elsewhere. The address is as <see cref="MartenLog.OpenAsync"/> takes it.</summary>
    public static async Task<IncidentDocuments> OpenAsync(string address, CancellationToken cancel = default)
    {
        var database = new Database(Address.Parse(address));
        try
        {
            await Tables.CreateAsync(database, cancel).ConfigureAwait(false);
            return new(database, owned: true);
        }
        catch
        {
            await database.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async Task<IncidentDocument?> FindAsync(string id, CancellationToken cancel)
    {
        await using var session = database.Store.QuerySession();
        return await session.LoadAsync<IncidentDocument>(id, cancel).ConfigureAwait(false);
    }

    /// <summary>Those of a state, newest first.</summary>
    public async Task<IReadOnlyList<IncidentDocument>> ListAsync(IncidentState state, int most, CancellationToken cancel)
    {
        await using var session = database.Store.QuerySession();
        return await session.Query<IncidentDocument>().Where(d => d.State == state).OrderByDescending(d => d.OpenedAt).Take(most)
            .ToListAsync(cancel).ConfigureAwait(false);
    }

    /// <summary>Folds the log of this database until cancelled, by Marten's daemon. Any number of processes may: one of them does it, and another
    /// within seconds of that one's end.</summary>
    /// <remarks>Who does it holds a lock of PostgreSQL's, which ends with its connection. Marten's own election (HotCold) wants the renamed lock
    /// package that the bridge project stands in for. Should two run for a moment, the daemon's progress, saved with the documents, refuses one.</remarks>
    public async Task RunAsync(ILogger? logger, CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await RunIfAloneAsync(logger, cancel).ConfigureAwait(false);
            }
            catch (Exception e) when (Failures.IsBroken(e))
            {
                // The lock is gone with its connection: it is asked for again.
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
            await Task.Delay(LookAgain, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Throws the documents away and folds the log of this database again from its beginning.</summary>
    public async Task RebuildAsync(CancellationToken cancel)
    {
        using var daemon = await database.Store.BuildProjectionDaemonAsync().ConfigureAwait(false);
        await daemon.RebuildProjectionAsync(IncidentProjection.Name, cancel).ConfigureAwait(false);
    }

    /// <summary>Folds a log that lies elsewhere until cancelled. Any number of processes may: who was slower reads on from where the faster one is.</summary>
    public async Task FollowAsync(ILog log, CancellationToken cancel)
    {
        var followed = new Dictionary<int, Task>();
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                foreach (var (scope, name) in await log.ScopesAsync(cancel).ConfigureAwait(false))
                    if (!followed.TryGetValue(scope, out var task) || task.IsCompleted) followed[scope] = FollowScopeAsync(log, scope, name, cancel);
            }
            catch (Exception e) when (Failures.IsBroken(e))
            {
                // Looked at again below.
            }
            await Task.Delay(LookAgain, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var task in followed.Values.Where(t => t.IsFaulted)) await task.ConfigureAwait(false);
        }
        await Task.WhenAll(followed.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Throws away the documents and how far another log was folded; whoever follows it begins again.</summary>
    public async Task StartOverAsync(CancellationToken cancel)
    {
        await using var session = database.Store.LightweightSession();
        session.DeleteWhere<IncidentDocument>(_ => true);
        session.DeleteWhere<IncidentCheckpoint>(_ => true);
        await session.SaveChangesAsync(cancel).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => owned ? database.DisposeAsync() : default;

    internal static void Register(StoreOptions options)
    {
        options.UseSystemTextJsonForSerialization(EnumStorage.AsString, Casing.CamelCase, json =>
        {
            json.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
            json.Converters.Add(new TextWithoutNul());
        });
        options.Schema.For<IncidentDocument>().Identity(d => d.Id).Index(d => d.State).Index(d => d.OpenedAt);
        options.Schema.For<IncidentCheckpoint>().Identity(c => c.Id).UseOptimisticConcurrency(true);
        // Run by RunAsync; without this Marten warns that nobody runs it.
        options.Projections.AsyncMode = DaemonMode.ExternallyManaged;
        options.Projections.Add(new IncidentProjection(), ProjectionLifecycle.Async, IncidentProjection.Name, async =>
        {
            async.BatchSize = MostAtOnce;
            async.DeleteViewTypeOnTeardown<IncidentDocument>();
        });
    }

    /// <summary>Returns when another process does it, or when the daemon stopped by itself: then it is started again.</summary>
    private async Task RunIfAloneAsync(ILogger? logger, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel).ConfigureAwait(false);
        var number = $"{Tables.Locks}, hashtext('{database.Schema}.{IncidentProjection.Name}')";
        if (!await AskAsync($"SELECT pg_try_advisory_lock({number})").ConfigureAwait(false)) return;
        try
        {
            using var daemon = await database.Store.BuildProjectionDaemonAsync(logger: logger).ConfigureAwait(false);
            await daemon.StartAllAsync().ConfigureAwait(false);
            try
            {
                do await Task.Delay(LookAgain, cancel).ConfigureAwait(false);
                while (daemon.CurrentAgents().All(a => a.Status == AgentStatus.Running) && await AskAsync("SELECT true").ConfigureAwait(false));
            }
            finally
            {
                await daemon.StopAllAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            // A connection goes back to the pool with its locks.
            if (connection.State == System.Data.ConnectionState.Open)
                await AskAsync($"SELECT pg_advisory_unlock({number})").ConfigureAwait(false);
        }

        async Task<bool> AskAsync(string sql)
        {
#pragma warning disable CA2100 // Our own text, with a checked name in it.
            await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 5 };
#pragma warning restore CA2100
            return await command.ExecuteScalarAsync(CancellationToken.None).ConfigureAwait(false) is true;
        }
    }

    private async Task FollowScopeAsync(ILog log, int scope, string name, CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                var from = await StandsAsync(name, cancel).ConfigureAwait(false) + 1;
                var (batch, end) = (new List<DecisionRecord>(), 0L);
                await foreach (var record in log.FollowDecisionsAsync(scope, from, cancel).ConfigureAwait(false))
                {
                    batch.Add(record);
                    if (record.Version >= end) end = (await log.PositionAsync(scope, cancel).ConfigureAwait(false)).LastDecision;
                    if (record.Version < end && batch.Count < MostAtOnce) continue;
                    if (!await TryFoldAsync(scope, name, batch, cancel).ConfigureAwait(false)) break;
                    batch.Clear();
                }
            }
            catch (Exception e) when (Failures.IsBroken(e))
            {
                await Task.Delay(LookAgain, cancel).ConfigureAwait(false);
            }
        }
    }

    /// <summary>False when another process is further: then where that one stands is where to go on.</summary>
    private async Task<bool> TryFoldAsync(int scope, string name, List<DecisionRecord> batch, CancellationToken cancel)
    {
        await using var session = database.Store.LightweightSession();
        var stands = await session.LoadAsync<IncidentCheckpoint>(name, cancel).ConfigureAwait(false);
        // Decisions past their time may be gone: what follows is not always the next number, but never an earlier one.
        if (stands is not null && batch[0].Version <= stands.Version) return false;
        await IncidentDocument.FoldAsync(session, batch.Select(r => (scope, r)), cancel).ConfigureAwait(false);
        session.Store(new IncidentCheckpoint { Id = name, Version = batch[^1].Version });
        try
        {
            await session.SaveChangesAsync(cancel).ConfigureAwait(false);
            return true;
        }
        catch (ConcurrencyException)
        {
            return false;
        }
    }

    private async Task<long> StandsAsync(string name, CancellationToken cancel)
    {
        await using var session = database.Store.QuerySession();
        return (await session.LoadAsync<IncidentCheckpoint>(name, cancel).ConfigureAwait(false))?.Version ?? 0;
    }

    /// <summary>Texts come from anywhere and may hold a NUL, which jsonb refuses: one such would stop the daemon for good.</summary>
    private sealed class TextWithoutNul : JsonConverter<string>
    {
        public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString();

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.Replace('\0', '\uFFFD'));
    }
}
