namespace Pipeline.Hosting;

/// <summary>
/// What a scope beyond the bound has of a delivery is handed on to <c>default</c>, as a delivery of its own. Its id says so, and whose alerts it
/// is: the log is then read as it was written, however many scopes there are by that time, and a copy of it is known whatever else of the same
/// delivery <c>default</c> has. Stored: never change the form.
/// </summary>
internal static class HandedOn
{
    /// <summary>In no id that ingest gives.</summary>
    private const char Mark = '~';

    public static string IdOf(string delivery, string scope) => $"{delivery}{Mark}{scope}";

    /// <summary>Whose alerts it is; null where it is a delivery as it came.</summary>
    public static string? ScopeOf(string id) => id.IndexOf(Mark, StringComparison.Ordinal) is var at and >= 0 ? id[(at + 1)..] : null;

    /// <summary>The id of the delivery that it is of.</summary>
    public static string DeliveryOf(string id) => id.IndexOf(Mark, StringComparison.Ordinal) is var at and >= 0 ? id[..at] : id;
}
