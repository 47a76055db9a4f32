using System.Globalization;
using Soak;

// bin/soak crash: kills a writer again and again, and holds what it had acknowledged against the books.
// bin/soak chat: kills one of two nodes after the other while people chat.
var seed = int.TryParse(Environment.GetEnvironmentVariable("SOAK_SEED"), out var given) ? given : Random.Shared.Next();
switch (args)
{
    case ["crash", var database, var kills]:
        var found = await new CrashRun(database, seed, Console.WriteLine).Run(Number(kills), Environment.GetEnvironmentVariable("SOAK_RESTART"));
        return found.Count == 0 ? 0 : 1;
    case ["chat", var database, var messages, var kills]:
        var wrong = await new ChatRun(database, seed, Console.WriteLine).Run(Number(messages), Number(kills));
        return wrong.Count == 0 ? 0 : 1;
    case ["worker", var database, var workerSeed]:
        await CrashWorker.Run(database, Number(workerSeed));
        return 0;
    default:
        Console.Error.WriteLine("Use bin/soak crash [KILLS], or bin/soak chat [MESSAGES [KILLS]].");
        return 2;
}

static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);
