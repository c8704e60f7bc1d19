using System.Globalization;
using System.Text;
using Dedupe.Log;
using Stores.Sqlite;

// Appends to the log in the folder named, for ever, and prints each number once it is acknowledged: "i SCOPE NUMBER" or "d SCOPE VERSION".
// A test kills it in the middle and looks whether what was printed is there.
var log = await SqliteLog.OpenAsync(args[0]);
var at = new DateTimeOffset(2026, 11, 20, 0, 0, 0, TimeSpan.Zero);
var say = TextWriter.Synchronized(Console.Out);
List<Task> appending = [];
foreach (var name in (string[])["a", "b"])
{
    var scope = await log.ScopeAsync(name, CancellationToken.None);
    appending.Add(Task.Run(() => AppendInputsAsync(scope)));
    appending.Add(Task.Run(() => AppendDecisionsAsync(scope)));
}
await Task.WhenAll(appending);

async Task AppendInputsAsync(int scope)
{
    for (long last = 0, size = 1; ; size = (size % 50) + 1)
    {
        // A new day now and then: tables are made in the middle of it too.
        var inputs = Enumerable.Range(1, (int)size)
            .Select(i => new InputRecord(scope, last + i, at.AddMinutes(last + i), InputKind.Delivery, at, "generic", "",
                $"k{last + i}", Body(last + i)))
            .ToList();
        await log.AppendInputsAsync(inputs, CancellationToken.None);
        last += size;
        say.WriteLine(string.Create(CultureInfo.InvariantCulture, $"i {scope} {last}"));
    }
}

async Task AppendDecisionsAsync(int scope)
{
    for (long last = 0; ; last += 2)
    {
        await log.AppendDecisionsAsync(
            scope, last,
            [new(last + 1, last, at, "alert-decided", "inc_a", Body(last + 1)), new(last + 2, last, at, "alert-ended", null, Body(last + 2))],
            CancellationToken.None);
        say.WriteLine(string.Create(CultureInfo.InvariantCulture, $"d {scope} {last + 2}"));
    }
}

static byte[] Body(long number) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"body {number}"));
