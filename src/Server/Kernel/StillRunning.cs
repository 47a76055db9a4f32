namespace Ledgerline.Kernel;

/// <summary>The request has failed for its caller, but what it began goes on: repeating it now would do it twice.</summary>
public sealed class StillRunning(string message, Exception cause) : Exception(message, cause);
