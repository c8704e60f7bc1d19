namespace Pipeline.Cluster;

/// <summary>What a process of a cluster does; <c>all</c> does everything, beside others that do.</summary>
public enum Role
{
    All,
    Ingest,
    Dedupe,
    Project,
    Pager,
}

internal static class Roles
{
    /// <summary>The words of <c>--role</c>.</summary>
    public static readonly string[] Words = ["all", "ingest", "dedupe", "project", "pager"];

    public static Role Of(string word) => (Role)Array.IndexOf(Words, word);

    public static string Word(this Role role) => Words[(int)role];

    public static bool Does(this Role role, Role work) => role == Role.All || role == work;
}
