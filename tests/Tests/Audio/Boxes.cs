using System.Text;

namespace Tests.Audio;

/// <summary>Finds and replaces boxes of an MP4 file whose movie box stands at its end, so that no offset changes.</summary>
internal static class Boxes
{
    private static readonly string[] Table = ["moov", "trak", "mdia", "minf", "stbl"];

    /// <summary>The offset of a box on a path from the root.</summary>
    public static int Box(this byte[] file, params string[] path) => Way(file, path)[^1];

    /// <summary>The body of a table of the first track's samples.</summary>
    public static int SampleTable(this byte[] file, string name) => file.Box([.. Table, name]) + 8;

    public static byte[] ReplaceSampleTable(this byte[] file, string name, byte[] body) => file.Replace(body, [.. Table, name]);

    /// <summary>Gives a box another body and corrects the sizes of all that hold it.</summary>
    public static byte[] Replace(this byte[] file, byte[] body, params string[] path)
    {
        var way = Way(file, path);
        var at = way[^1];
        var old = (int)file.Big(at);
        byte[] changed = [.. file[..at], .. Make(path[^1], body), .. file[(at + old)..]];
        foreach (var parent in way[..^1])
        {
            changed.Big(parent, (uint)(file.Big(parent) + body.Length + 8 - old));
        }

        return changed;
    }

    public static byte[] Make(string name, params byte[][] parts)
    {
        byte[] body = [.. parts.SelectMany(part => part)];
        return [.. Patch.Bytes((uint)body.Length + 8), .. Encoding.ASCII.GetBytes(name), .. body];
    }

    public static byte[] Numbers(params uint[] numbers) => [.. numbers.SelectMany(Patch.Bytes)];

    private static List<int> Way(byte[] file, string[] path)
    {
        var way = new List<int>();
        int at = 0, end = file.Length;
        foreach (var name in path)
        {
            while (Encoding.ASCII.GetString(file, at + 4, 4) != name)
            {
                at += (int)file.Big(at);
                if (at >= end)
                {
                    throw new InvalidOperationException($"The recording has no box {name}.");
                }
            }

            way.Add(at);
            end = at + (int)file.Big(at);
            at += 8;
        }

        return way;
    }
}
