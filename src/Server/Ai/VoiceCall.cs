namespace Ledgerline.Ai;

/// <summary>A conversation whose audio goes directly between somebody's browser and the provider.</summary>
/// <param name="Id">The provider's, by which it is listened to and ended.</param>
/// <param name="Answer">The session description that the browser is to take.</param>
public sealed record VoiceCall(string Id, string Answer);

/// <summary>Listens in on a <see cref="VoiceCall"/>: what it uses, and when it is over. It hears no audio.</summary>
public interface IVoiceCallControl : IDisposable
{
    /// <summary>Tells the model something that the person does not hear.</summary>
    /// <param name="answer">It speaks to it.</param>
    Task Note(string text, bool answer, CancellationToken stop);

    /// <summary>Until the provider has nothing more to tell: the call is over, or the connection lost.</summary>
    Task Hear(Func<VoiceUsage, Task> used, CancellationToken stop);
}
