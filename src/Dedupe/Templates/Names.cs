namespace Dedupe.Templates;

/// <summary>Whether a name says which one (an instance, a host, an id) and not what.</summary>
internal static class Names
{
    /// <param name="port">A colon and digits stand behind it.</param>
    public static bool IsWhich(ReadOnlySpan<char> name, bool port)
    {
        int digits = 0, slashes = 0, dots = 0, ats = 0;
        foreach (var c in name)
        {
            if (char.IsAsciiDigit(c)) digits++;
            else if (c is '/' or '\\') slashes++;
            else if (c == '.') dots++;
            else if (c == '@') ats++;
        }
        if (slashes > 0) return name.Length > 1 && (slashes > 1 || (dots > 0 && digits == 0) || name.StartsWith("./") || name.StartsWith("~/"));
        if (ats > 0 && name.Length > 2 && dots + digits > 0) return true;
        if (digits > 0) return dots == 0 || !IsClass(name);
        return TokenMask.IsHex(name) || (dots > 0 && IsHost(name, port, dots));
    }

    /// <summary><c>org.h2.jdbc.JdbcException</c>: its last part is a class, whose digits elsewhere name no instance.</summary>
    private static bool IsClass(ReadOnlySpan<char> name)
    {
        var last = name[(name.LastIndexOf('.') + 1)..];
        return char.IsLetter(name[0]) && last.Length > 2 && char.IsUpper(last[0]) && last.IndexOfAnyInRange('0', '9') < 0;
    }

    private static bool IsHost(ReadOnlySpan<char> name, bool port, int dots)
    {
        var top = name[(name.LastIndexOf('.') + 1)..];
        if (top.Length < 2 || top.ContainsAnyExceptInRange('a', 'z')) return false;
        return port ? !IsCode(top) : IsTop(top) || (dots > 1 && top.Length == 2 && !IsCode(top));
    }

    /// <summary>Top-level domains that are not two letters, and those that people use inside.</summary>
    private static bool IsTop(ReadOnlySpan<char> top) =>
        top is "com" or "org" or "net" or "edu" or "gov" or "mil" or "info" or "local" or "internal" or "lan" or "localdomain";

    /// <summary>What a source file ends in, often with a colon and the line behind it.</summary>
    private static bool IsCode(ReadOnlySpan<char> end) =>
        end is "py" or "js" or "ts" or "rb" or "go" or "cc" or "sh" or "so" or "pl" or "cs" or "rs" or "kt" or "id" or "java" or "cpp" or "php" or "scala";
}

/// <summary>Keys, as in <c>host=web</c>, whose value says who or which.</summary>
internal static class Keys
{
    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> Which = new HashSet<string>(
    [
        "user", "username", "ruser", "login", "account", "email", "uid", "pid", "tid", "id", "name", "host", "hostname", "rhost", "ip", "addr", "laddr", "raddr",
        "address", "client", "peer", "server", "remote", "src", "dst", "node", "pod", "container", "instance", "path", "file", "url", "uri", "session", "thread",
        "msgid", "queue",
    ],
    StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    public static bool NameWhich(ReadOnlySpan<char> key) =>
        key.Length > 0
        && (Which.Contains(key) || key.EndsWith("_id", StringComparison.OrdinalIgnoreCase) || key.EndsWith("Id", StringComparison.Ordinal) || key.EndsWith("ID", StringComparison.Ordinal));
}
