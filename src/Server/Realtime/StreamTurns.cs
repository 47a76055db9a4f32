namespace Ledgerline.Realtime;

/// <summary>
/// What a stream does when it is rung. As long as its reader takes what is written, a turn runs to its end where it is; only a turn that has
/// to wait, for the reader or for the rows, is kept in memory.
/// </summary>
internal sealed class StreamTurns(EventLog log, LiveTexts texts, EventWriter writer, TimeProvider clock)
{
    /// <summary>Until it has nothing more to do, or is over. One at a time for a stream.</summary>
    public async Task Run(OpenStream stream)
    {
        try
        {
            while (await Take(stream))
            {
                if (stream.Rests())
                {
                    return;
                }
            }

            stream.End();
        }
        catch (OperationCanceledException) when (stream.Gone.IsCancellationRequested)
        {
            stream.End();
        }
        catch (Exception failure)
        {
            stream.End(failure);
        }
    }

    // False when there are no more.
    private async ValueTask<bool> Take(OpenStream stream)
    {
        if (stream.IsClosed || stream.Account.ExpiresAt <= clock.GetUtcNow())
        {
            return false;
        }

        var written = stream.Style.Topic is { } topic ? texts.Of(stream.Account.Id, topic) : [];
        await Say(stream, stream.MoreOf(written));
        if (stream.TakeNews() && !await SendNews(stream))
        {
            return false;
        }

        await Say(stream, stream.BeginningsOf(written));
        if (stream.IsQuietSince(clock.GetUtcNow() - stream.Style.Heartbeat))
        {
            await writer.SayJson(stream, EventWriter.Ping);
        }

        return true;
    }

    private async ValueTask Say(OpenStream stream, IEnumerable<string> parts)
    {
        foreach (var part in parts)
        {
            await writer.SayJson(stream, part);
        }
    }

    // False when the stream's own sign-in session has ended.
    private async ValueTask<bool> SendNews(OpenStream stream)
    {
        while (!stream.IsClosed)
        {
            // Known before the look at the rows: what the look does not find up to here is about something else.
            var heard = stream.Heard;
            var recent = stream.Siblings.After(stream.Position, out var isAll);
            if (recent.Count > 0)
            {
                if (!await writer.Send(stream, recent))
                {
                    return false;
                }

                // What it does not show it has nevertheless.
                stream.Position = recent[^1].Id;
                if (isAll)
                {
                    break;
                }

                continue;
            }

            var page = await log.After(stream.Account.Id, stream.Style.Topic, stream.Position, stream.Gone);
            if (!await writer.Send(stream, page))
            {
                return false;
            }

            if (page.Length < EventLog.Page)
            {
                stream.Position = Math.Max(stream.Position, heard);
                break;
            }
        }

        return true;
    }
}
