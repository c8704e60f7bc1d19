namespace Pipeline.Tests.Counterparts;

/// <summary>Debian's amtool.</summary>
internal static class Amtool
{
    /// <param name="alertmanager">Whom it talks to: a real Alertmanager, or us.</param>
    public static Task<string> RunAsync(Uri alertmanager, params string[] arguments) =>
        Counterpart.RunAsync("/usr/bin/amtool", "prometheus-alertmanager", [$"--alertmanager.url={alertmanager}", .. arguments]);
}
