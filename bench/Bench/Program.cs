using System.Globalization;
using Bench;
using Bench.Storms;

// Usage: dotnet run -c Release --project bench/Bench -- page|start|memory|storm    (from the root; builds and serves ./pipeline on loopback)
// or:    -- stores sqlite|postgres://...|esdb://... ...    (bench/stores.sh starts what they need)
// or:    -- storms write|score DIR --seeds 1-20    (bench/storms.sh replays them between the two)
// or:    -- broker amqp://HOST:PORT    (bench/broker.sh starts one)
var measure = args is ["stores" or "storms", _, ..] or ["broker", _] or [_] ? args[0] : "";
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
return measure switch
{
    "page" => await Measures.PageAsync(),
    "start" => await Measures.StartAsync(),
    "memory" => await Measures.MemoryAsync(),
    "storm" => await Storm.RunAsync(),
    "stores" => await StoreMeasures.RunAsync(args[1..]),
    "storms" => StormsCommand.Run(args[1..]),
    "broker" when args is [_, var url] => await BrokerRates.RunAsync(url),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine(
        "usage: dotnet run -c Release --project bench/Bench -- page|start|memory|storm, or -- stores sqlite|postgres://...|esdb://... ..., or -- broker amqp://HOST:PORT, or -- storms write|score DIR");
    return 2;
}
