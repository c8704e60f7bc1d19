using Ingest.Reading;

namespace Ingest;

/// <summary>Jenkins, as its Notification plugin posts a job's phases.</summary>
/// <example><code>
/// {"name":"deploy-orders","url":"job/deploy-orders/","build":{"full_url":"https://ci/job/deploy-orders/18/","number":18,"timestamp":1769860800000,
///   "phase":"COMPLETED","status":"SUCCESS","scm":{"branch":"origin/main","commit":"c6d86dc6"},"parameters":{"SERVICE":"orders"}}}
/// </code>A job whose name says that it deploys, rolls back, restarts or configures is a change once it is through; its service is a parameter
/// <c>SERVICE</c> or <c>service</c>, else what is left of the job's name without such words.</example>
internal sealed class JenkinsSource : ISource
{
    public string Name => "jenkins";

    public Parsed Parse(ReadOnlyMemory<byte> body, ParseContext context) => ObjectBody.Parse(body, context, Read);

    private static bool Read(Fields fields, ParseContext context, Found found, out Flaw flaw)
    {
        flaw = default;
        if (fields.Maybe("name") is not { } job || !fields.Has("build"))
        {
            flaw = new(fields.Path(fields.Has("build") ? "name" : "build"), "is missing; this is no notification of Jenkins");
            return false;
        }
        var build = fields.In("build");
        // COMPLETED and FINALIZED tell of the same end; the id makes them one change.
        if (build.Maybe("phase") is not ("COMPLETED" or "FINALIZED") || build.Maybe("number") is not { } number) return true;
        // The branch of a multibranch project is called by the branch alone; its address holds the rest.
        job = PathOf(fields.Maybe("url")) ?? job;
        if (ChangeWords.Kind(job.Replace('-', ' ').Replace('_', ' ').Replace('/', ' '), "") is not { Length: > 0 } kind) return true;
        var parameters = build.In("parameters");
        var commit = build.In("scm").Maybe("commit");
        var service = parameters.Maybe("SERVICE") ?? parameters.Maybe("service") ?? ServiceOf(job);
        var status = build.Maybe("status") is { } said and not "SUCCESS" ? $", {said.ToLowerInvariant()}" : "";
        found.Changes.Add(new(
            $"jenkins:{job}#{number}", build.When("timestamp") ?? context.ReceivedAt, kind, $"{job} #{number}{status}", [service],
            Url: build.Maybe("full_url"), Version: parameters.Maybe("VERSION") ?? parameters.Maybe("version") ?? commit,
            Environment: parameters.Maybe("ENVIRONMENT") ?? parameters.Maybe("environment") ?? parameters.Maybe("ENV") ?? parameters.Maybe("env")));
        return true;
    }

    /// <summary>What the job that deploys is about; of <c>orders/deploy/main</c> the folder, since the job alone does not say.</summary>
    private static string ServiceOf(string job)
    {
        var names = job.Split('/');
        var at = Array.FindLastIndex(names, n => ChangeWords.Kind(n.Replace('_', ' '), "").Length > 0);
        if (at < 0) at = names.Length - 1;
        return ChangeWords.Subject(at > 0 && ChangeWords.IsFiller(names[at]) ? names[at - 1] : names[at]);
    }

    /// <summary><c>job/shop/job/deploy-orders/job/main/</c> as <c>shop/deploy-orders/main</c>; null where it is no address of a job.</summary>
    private static string? PathOf(string? url)
    {
        if (url is null) return null;
        var parts = url.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var names = parts.Where((_, i) => i > 0 && parts[i - 1] == "job").Select(Uri.UnescapeDataString).ToList();
        return names.Count > 0 ? string.Join('/', names) : null;
    }
}
