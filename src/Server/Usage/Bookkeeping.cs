using System.Data.Common;

namespace Ledgerline.Usage;

/// <summary>
/// Writes the end of paid work into the books though the database stumbles: some attempts over half a minute, as long as a
/// fail-over takes. Whatever is written here must be safe to write twice, because an answer to a commit can get lost.
/// </summary>
public sealed class Bookkeeping(TimeProvider clock, ILogger<Bookkeeping> log)
{
    private static readonly TimeSpan[] Pauses =
    [
        TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(400), TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(8),
        TimeSpan.FromSeconds(16),
    ];

    internal async Task<T> Insist<T>(AudioUse use, Func<Task<T>> write)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await write();
            }
            catch (Exception failure) when (failure is DbException or TimeoutException)
            {
                if (attempt == Pauses.Length)
                {
                    log.LogError(failure, "The end of {Action} {Key} could not be booked; its hold goes back when it expires", use.Action, use.Key);
                    throw;
                }

                log.LogWarning("The end of {Action} {Key} could not be booked at attempt {Attempt}: {Failure}", use.Action, use.Key, attempt + 1, failure.GetType().Name);
                await Task.Delay(Pauses[attempt], clock);
            }
        }
    }
}
