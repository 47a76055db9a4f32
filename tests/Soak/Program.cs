using System.Globalization;
using Soak;

// bin/soak crash: kills a writer again and again, and holds what it had acknowledged against the books.
switch (args)
{
    case ["crash", var database, var kills]:
        var seed = int.TryParse(Environment.GetEnvironmentVariable("SOAK_SEED"), out var given) ? given : Random.Shared.Next();
        var found = await new CrashRun(database, seed, Console.WriteLine).Run(int.Parse(kills, CultureInfo.InvariantCulture), Environment.GetEnvironmentVariable("SOAK_RESTART"));
        return found.Count == 0 ? 0 : 1;
    case ["worker", var database, var workerSeed]:
        await CrashWorker.Run(database, int.Parse(workerSeed, CultureInfo.InvariantCulture));
        return 0;
    default:
        Console.Error.WriteLine("Use bin/soak crash [KILLS].");
        return 2;
}
