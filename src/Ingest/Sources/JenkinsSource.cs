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
        if (ChangeWords.Kind(job.Replace('-', ' ').Replace('_', ' '), "") is not { Length: > 0 } kind) return true;
        var parameters = build.In("parameters");
        var commit = build.In("scm").Maybe("commit");
        var service = parameters.Maybe("SERVICE") ?? parameters.Maybe("service") ?? ChangeWords.Subject(job);
        var status = build.Maybe("status") is { } said and not "SUCCESS" ? $", {said.ToLowerInvariant()}" : "";
        found.Changes.Add(new(
            $"jenkins:{job}#{number}", build.When("timestamp") ?? context.ReceivedAt, kind, $"{job} #{number}{status}", [service],
            Url: build.Maybe("full_url"), Version: parameters.Maybe("VERSION") ?? parameters.Maybe("version") ?? commit));
        return true;
    }
}
