using System.Data.Common;
using System.Globalization;
using Npgsql;

namespace Stores.Marten;

/// <summary>Where the database is: <c>postgres://user:password@host:port/database?sslmode=require&amp;schema=pipeline</c>, or Npgsql's own form.</summary>
/// <param name="Schema">Everything of ours lies in this schema, Marten's tables included.</param>
internal sealed record Address(string Connection, string Schema)
{
    public const string UsualSchema = "pipeline";

    /// <summary>Few and long-lived: what waits for one waits here, not in the server.</summary>
    private const int MostConnections = 20;

    /// <exception cref="FormatException">The address is not one.</exception>
    public static Address Parse(string text)
    {
        var builder = new NpgsqlConnectionStringBuilder();
        var schema = UsualSchema;
        if (text.Contains("://", StringComparison.Ordinal)) schema = Read(text, builder);
        else builder.ConnectionString = text;
        if (schema.Length == 0 || schema.Any(c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '_'))
            throw new FormatException($"store: schema \"{schema}\" is not a name of lower-case letters, digits and _");
        Bound(builder);
        return new(builder.ConnectionString, schema);
    }

    private static string Read(string text, NpgsqlConnectionStringBuilder builder)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("postgres" or "postgresql") || uri.Host.Length == 0)
            throw new FormatException("store: write postgres://user:password@host:port/database");
        var schema = UsualSchema;
        builder.Host = uri.IdnHost;
        if (uri.Port > 0) builder.Port = uri.Port;
        if (uri.AbsolutePath.Trim('/') is { Length: > 0 } database) builder.Database = Uri.UnescapeDataString(database);
        if (uri.UserInfo.Split(':', 2) is [{ Length: > 0 } user, ..] parts)
        {
            builder.Username = Uri.UnescapeDataString(user);
            if (parts.Length > 1) builder.Password = Uri.UnescapeDataString(parts[1]);
        }
        foreach (var pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = pair.Split('=', 2) is [var n, var v] ? (n, Uri.UnescapeDataString(v)) : (pair, "");
            switch (name)
            {
                case "schema": schema = value; break;
                case "sslmode" when Enum.TryParse<SslMode>(value.Replace("-", "", StringComparison.Ordinal), true, out var mode):
                    builder.SslMode = mode;
                    break;
                case "sslrootcert": builder.RootCertificate = value; break;
                case "application_name": builder.ApplicationName = value; break;
                case "connections" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var most) && most > 1:
                    builder.MaxPoolSize = most;
                    break;
                default:
                    throw new FormatException(
                        $"store: \"{pair}\" is not understood; known are schema, sslmode, sslrootcert, application_name, connections");
            }
        }
        return schema;
    }

    /// <summary>
    /// A server that hangs must not hang us: every wait has an end, on both sides. Who was cut off in the middle of a transaction keeps its locks
    /// no longer than a lease: whoever takes its work over waits for them.
    /// </summary>
    private static void Bound(NpgsqlConnectionStringBuilder builder)
    {
        // Npgsql's own builder says of every key it knows that it is there.
        var said = new DbConnectionStringBuilder { ConnectionString = builder.ConnectionString };
        if (!said.ContainsKey("Maximum Pool Size")) builder.MaxPoolSize = MostConnections;
        if (!said.ContainsKey("Application Name")) builder.ApplicationName = "pipeline";
        if (!said.ContainsKey("Timeout")) builder.Timeout = 5;
        if (!said.ContainsKey("Command Timeout")) builder.CommandTimeout = 30;
        if (!said.ContainsKey("Keepalive")) builder.KeepAlive = 10;
        builder.MaxAutoPrepare = 40;
        builder.Options = $"{builder.Options} -c statement_timeout=30s -c lock_timeout=10s -c idle_in_transaction_session_timeout=5s".Trim();
    }
}
