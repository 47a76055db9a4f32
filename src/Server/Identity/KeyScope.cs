namespace Ledgerline.Identity;

/// <summary>
/// Says on a route that an API key of this scope may call it, as well as a person. Without it a key opens nothing. The list is closed.
/// </summary>
public sealed class KeyScope
{
    public static readonly KeyScope Transcription = new("transcription");
    public static readonly KeyScope Chat = new("chat");
    public static readonly KeyScope Models = new("models");
    public static readonly KeyScope Realtime = new("realtime");

    public static readonly IReadOnlyList<KeyScope> All = [Transcription, Chat, Models, Realtime];

    private KeyScope(string name) => Name = name;

    public string Name { get; }
}
