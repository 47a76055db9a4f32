using System.Text;
using Ledgerline.Providers.Wire;
using Xunit;

namespace Tests.Gateway;

/// <summary>Events come out whole wherever the network has cut them, and byte for byte.</summary>
public sealed class EventBlocksTests
{
    private static readonly string[] Events =
    [
        "data: {\"text\":\"Grüße 👋\"}\n\n",
        ": a comment\r\n\r\n",
        "event: one\r\ndata: a\r\ndata:b\r\n\r\n",
        "\n",
        "id: 7\ndata:  two spaces\n\r\n",
        "data\n\n",
        "data: [DONE]\n\n",
    ];

    [Fact]
    public void A_cut_at_any_byte_changes_nothing()
    {
        var all = Encoding.UTF8.GetBytes(string.Concat(Events));
        for (var cut = 0; cut <= all.Length; cut++)
        {
            for (var second = cut; second <= all.Length; second += 7)
            {
                Assert.Equal(Events, Split(all[..cut], all[cut..second], all[second..]));
            }
        }

        Assert.Equal(Events, Split([.. all.Select(one => new[] { one })]));
    }

    [Fact]
    public void A_huge_event_comes_out_whole_and_one_beyond_the_limit_is_none()
    {
        var huge = $"data: {new string('x', 900_000)}\n\n";
        Assert.Equal([huge, "data: y\n\n"], Split([.. Encoding.UTF8.GetBytes(huge + "data: y\n\n").Chunk(1000)]));

        var blocks = new EventBlocks(10_000);
        blocks.Append(new byte[10_001]);
        Assert.Throws<InvalidDataException>(blocks.Next);
    }

    [Fact]
    public void What_ends_without_an_end_is_kept()
    {
        var blocks = new EventBlocks(100);
        blocks.Append("data: a\n\ndata: b\n"u8);
        Assert.Equal("data: a\n\n", Encoding.UTF8.GetString(blocks.Next()!));
        Assert.Null(blocks.Next());
        Assert.Equal("data: b\n", Encoding.UTF8.GetString(blocks.Rest()!));
        Assert.Null(blocks.Rest());
    }

    [Fact]
    public void Data_is_what_stands_behind_its_name() => Assert.Equal(
        ["{\"text\":\"Grüße 👋\"}", null, "a\nb", null, " two spaces", null, "[DONE]"], Events.Select(one => EventBlocks.Data(Encoding.UTF8.GetBytes(one))));

    private static List<string> Split(params byte[][] parts)
    {
        var (blocks, found) = (new EventBlocks(1_000_000), new List<string>());
        foreach (var part in parts)
        {
            blocks.Append(part);
            while (blocks.Next() is { } block)
            {
                found.Add(Encoding.UTF8.GetString(block));
            }
        }

        Assert.Null(blocks.Rest());
        return found;
    }
}
