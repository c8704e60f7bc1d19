namespace Pipeline.Importing;

/// <summary>The importers, a line each.</summary>
internal static class Importers
{
    public static readonly IReadOnlyList<IImporter> All =
    [
        new Icinga2Events(),
        new AlertmanagerCapture(),
        new AlertmanagerEvents(),
        new PagerDutyExport(),
        new CsvTable(),
    ];

    public static IImporter? Find(string name) => All.FirstOrDefault(i => i.Name == name);
}
