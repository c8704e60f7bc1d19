using System.Diagnostics;
using Dedupe.Log;
using Dedupe.Vocabulary;
using Projections;

namespace Pipeline.Api;

/// <summary>Incidents as the API shows them. Called inside a read of the views.</summary>
/// <param name="answered">What became of pages: as of now where it is not given.</param>
internal sealed class IncidentBodies(Views views, Scopes scopes, string baseUrl, Answered? answered = null)
{
    public static string Word(IncidentState state) => state switch
    {
        IncidentState.Open => "open",
        IncidentState.Acknowledged => "acknowledged",
        IncidentState.Resolved => "resolved",
        IncidentState.Stale => "stale",
        _ => throw new UnreachableException(),
    };

    public static string BaseUrl(HttpRequest request) => $"{request.Scheme}://{request.Host}{request.PathBase}";

    public static string Url(string baseUrl, IncidentId id) => $"{baseUrl}/api/incidents/{id}";

    public IncidentItem Item(IncidentLine l) => new()
    {
        Id = l.Id.Value, Scope = scopes.Name(l.Scope), Version = l.Version, Title = l.Title, State = Word(l.State),
        Severity = l.Severity.Word(),
        OpenedAt = l.OpenedAt, ResolvedAt = l.ResolvedAt, ResolvedBy = l.ResolvedBy, UpdatedAt = l.UpdatedAt, Url = Url(baseUrl, l.Id),
        Alerts = l.Alerts,
        Pages = l.Pages, Surfaced = l.Surfaced, Unseen = views.Unseen.CountOf(l.Id), Seen = l.Seen, News = l.News, Storm = l.Storm,
        Acknowledgement = Taken(l.Acknowledgement), Origin = l.Origin, Impact = Impact(l), Suspects = l.Suspects,
    };

    /// <param name="after">Only members and changes that came after this version of the incident.</param>
    public IncidentBody Body(IncidentDetail detail, long after = 0)
    {
        var l = detail.Line;
        var exposures = new Exposures(detail, answered!);
        return new()
        {
            Id = l.Id.Value, Scope = scopes.Name(l.Scope), Version = l.Version, Title = l.Title, State = Word(l.State),
            Severity = l.Severity.Word(),
            OpenedAt = l.OpenedAt, ResolvedAt = l.ResolvedAt, ResolvedBy = l.ResolvedBy, UpdatedAt = l.UpdatedAt, Url = Url(baseUrl, l.Id),
            Alerts = l.Alerts, Pages = l.Pages, Surfaced = l.Surfaced, Unseen = views.Unseen.CountOf(l.Id), Seen = detail.Seen, News = l.News, Storm = l.Storm,
            Acknowledgement = Taken(l.Acknowledgement), Origin = l.Origin, Impact = Impact(l), Suspects = l.Suspects,
            Members = [.. detail.Members.Where(m => m.Value.JoinedVersion > after).Select(m => Member(views, l.Scope, m.Key, m.Value))],
            Changes = [.. detail.Changes.Where(c => c.Version > after).Select(c => Change(c, exposures.Of(c)))],
            Notes = detail.Notes,
        };
    }

    private static ImpactItem[] Impact(IncidentLine line) => [.. line.Impact.Select(a => new ImpactItem(a.Level.Word(), a.Component))];

    private Acknowledgement? Taken(Acknowledgement? taken) =>
        taken is { Awaiting: { } awaited } ? taken with { AwaitedAt = views.Changes.Recorded(awaited, taken.At) } : taken;

    public static ChangeItem Change(SurfacedChange c, Exposure exposure) => new(
        Words.Of(c.Reason), c.Rank, c.At, c.Fingerprint, c.Labels, c.Count, c.Severity.Word(), c.Was?.Word(), c.Summary, c.Why, c.Value,
        c.From, c.To,
        c.PerHour, c.Version, Shown(exposure));

    public static ExposureItem Shown(Exposure e) => new(
        e.IsSeen, ExposureWords.Of(e), [.. e.Told.Select(Told)], e.Acknowledged is { } a ? new(a.By, a.At, a.Version) : null, e.Waiting);

    public static ToldItem Told(Told t) => new(t.Page, t.Pager, t.Kind, t.At, Word(t.State), t.Attempts, t.Answer, t.AnsweredAt);

    public static string Word(PageState state) => state switch
    {
        PageState.Owed => "owed",
        PageState.Sent => "sent",
        PageState.Failing => "failing",
        PageState.Undeliverable => "undeliverable",
        _ => throw new UnreachableException(),
    };

    public static MemberItem Member(Views views, int scope, Fingerprint fingerprint, Member m)
    {
        var alert = views.Alerts.Find(scope, fingerprint);
        return new(
            fingerprint, alert?.Labels ?? LabelSet.Empty, m.Severity.Word(), Word(m.State), m.Joined, m.Because, m.Repeats,
            alert?.Summary ?? "");
    }

    private static string Word(AlertState state) => state switch
    {
        AlertState.Firing => "firing",
        AlertState.Resolved => "resolved",
        AlertState.Expired => "expired",
        AlertState.Silent => "silent",
        _ => throw new UnreachableException(),
    };
}
