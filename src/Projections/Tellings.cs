using Dedupe.Deciding;

namespace Projections;

/// <summary>A page that names surfaced changes: to whom, and when it was decided. What became of it is in <see cref="Pages"/>.</summary>
/// <param name="Named">Ordinals of the changes that it names or rolls up, of those that were held then.</param>
public sealed record Telling(string Page, string Pager, string Kind, DateTimeOffset At, IReadOnlyList<long> Named);

/// <summary>Who was told what of one incident, and what was acknowledged: the latest of each, oldest first.</summary>
/// <param name="most">How many of each.</param>
internal sealed class Tellings(int most = Incident.MostHeld)
{
    public List<Telling> Pages { get; } = [];
    public List<Acknowledgement> Acknowledgements { get; } = [];

    /// <param name="held">The first ordinal of those that the incident still holds: of others nobody will ask.</param>
    public void Add(Decision.PageDecided page, long held = 0)
    {
        IReadOnlyList<long> named = page.Named.All(o => o >= held) ? page.Named : [.. page.Named.Where(o => o >= held)];
        if (named.Count > 0) Incident.Keep(most, Pages, new(page.Page, page.Pager, page.Kind, page.At, named));
    }

    /// <param name="version">The version of the incident that it made.</param>
    public Acknowledgement Add(Decision.IncidentAcknowledged a, long version)
    {
        var made = new Acknowledgement(a.By, a.Note, a.At, a.Until, a.Awaiting, a.Seen) { Version = version };
        Incident.Keep(most, Acknowledgements, made);
        return made;
    }

    public void Restore(IEnumerable<Telling> pages, IEnumerable<Acknowledgement> acknowledgements)
    {
        Pages.AddRange(pages);
        Acknowledgements.AddRange(acknowledgements);
    }
}
