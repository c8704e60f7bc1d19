using System.Text.Json;

namespace Pipeline.Tests.Pagers;

/// <summary>A frozen page in the contract's form.</summary>
internal static class SamplePage
{
    /// <summary>The text of a <c>resolved</c> page that names something for the first time; other resolved pages name nothing.</summary>
    public const string LateNews = "RESOLVED; not told before: severity-rose DiskFull";

    public static string Body(string id, string pager, string incident, string kind, string text, DateTimeOffset at) =>
        kind == "resolved" && text != LateNews ? Quiet(id, pager, incident, kind, text, at) : Full(id, pager, incident, kind, text, at);

    private static string Quiet(string id, string pager, string incident, string kind, string text, DateTimeOffset at)
    {
        var page = System.Text.Json.Nodes.JsonNode.Parse(Full(id, pager, incident, kind, text, at))!;
        page["changes"]!.AsArray().Clear();
        return page.ToJsonString();
    }

    private static string Full(string id, string pager, string incident, string kind, string text, DateTimeOffset at) =>
        $$"""
        {"id":"{{id}}","pager":"{{pager}}","kind":"{{kind}}","urgency":"high","at":"{{at.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}}",
         "text":{{JsonSerializer.Serialize(text)}},
         "incident":{"id":"{{incident}}","version":7,"title":"Orders","state":"open","severity":"critical","openedAt":"2026-03-01T11:00:00.000Z",
                     "url":"http://127.0.0.1:8080/incidents/{{incident}}?a=1&b=2",
                     "alerts":{"firing":41,"resolved":0,"repeats":2051},"origin":"db-1","impact":[{"level":"business","component":"orders"}]},
         "changes":[{"reason":"severity-rose","rank":0.93,"at":"2026-03-01T11:59:00.000Z","fingerprint":"00000000000000ff",
                     "labels":{"alertname":"DiskFull","host":"db-1"},"count":1,"severity":"critical","was":"warning",
                     "summary":"disk <sda> & co full","why":"first time in 30 days","value":89,"from":80,"to":89,"perHour":9}],
         "rolledUp":[{"reason":"new-alert","alertname":"HostDown","count":180,"url":"http://127.0.0.1:8080/x"}],
         "suspects":[{"change":"c1","summary":"deploy of orders","score":0.8,"why":"same service, 4 min before"}],
         "unseen":3}
        """;
}
