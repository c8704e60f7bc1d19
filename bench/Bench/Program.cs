using System.Globalization;
using Bench;

// Usage: dotnet run -c Release --project bench/Bench -- page|start|memory|storm    (from the root; builds and serves ./pipeline on loopback)
var measure = args.Length == 1 ? args[0] : "";
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
return measure switch
{
    "page" => await Measures.PageAsync(),
    "start" => await Measures.StartAsync(),
    "memory" => await Measures.MemoryAsync(),
    "storm" => await Storm.RunAsync(),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: dotnet run -c Release --project bench/Bench -- page|start|memory|storm");
    return 2;
}
