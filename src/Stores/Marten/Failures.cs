using Dedupe.Log;
using JasperFx;
using JasperFx.Events;
using Npgsql;

namespace Stores.Marten;

/// <summary>PostgreSQL's and Marten's failures in the port's terms. What is not named here has an unknown outcome.</summary>
internal static class Failures
{
    /// <summary>What <c>advance</c> raises: our own, in the range that no standard uses.</summary>
    public const string WrongNumber = "PN001";

    public static Exception Named(Exception failure)
    {
        for (var e = failure; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case PostgresException { SqlState: WrongNumber } wrong: return new WrongNumberException(wrong.MessageText);
                case PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } taken:
                    return new WrongNumberException($"another writer was first: {taken.MessageText}");
                case PostgresException { SqlState: PostgresErrorCodes.DiskFull } full:
                    return new StoreFullException(
                        $"the log cannot be written, nothing was: {full.MessageText}; make room on the database's disk", failure);
                case EventStreamUnexpectedMaxEventIdException or ConcurrencyException
                    or global::Marten.Exceptions.ExistingStreamIdCollisionException or ExistingStreamIdCollisionException:
                    return new WrongNumberException(e.Message);
            }
        }
        return failure;
    }

    /// <summary>The connection or the server went, or is busy: a reader tries again, an appender reloads.</summary>
    public static bool IsBroken(Exception failure)
    {
        for (var e = failure; e is not null; e = e.InnerException)
            if (e is PostgresException said) return said.SqlState[..2] is "08" or "53" or "55" or "57" or "58" or "40";
            else if (e is NpgsqlException or TimeoutException or IOException or System.Net.Sockets.SocketException) return true;
        return false;
    }

    public static bool IsMissingTable(Exception failure) => failure is PostgresException { SqlState: PostgresErrorCodes.UndefinedTable };

    public static bool IsLockTimeout(Exception failure) => failure is PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable };
}
