namespace Ledgerline.Ai;

/// <summary>Something the model may ask to have done.</summary>
/// <param name="Parameters">A JSON schema of its arguments, as JSON; null when it takes none.</param>
public sealed record ChatTool(string Name, string? Description, string? Parameters);

/// <summary>Something the model asks to have done.</summary>
/// <param name="Id">Names it within the conversation.</param>
/// <param name="Arguments">A JSON object, as JSON; what the model wrote may be something else.</param>
public sealed record ToolCall(string Id, string Name, string Arguments)
{
    /// <summary>What the provider wants back unchanged with the call.</summary>
    public string? Signature { get; init; }
}

/// <summary>Whether the model is to use its tools.</summary>
/// <param name="Name">The one it must use; only with <see cref="Must"/>.</param>
public sealed record ToolChoice(string Mode, string? Name = null)
{
    public const string May = "may";
    public const string Must = "must";
    public const string MustNot = "must_not";
}

/// <summary>A picture.</summary>
/// <param name="MediaType">Such as <c>image/png</c>.</param>
/// <param name="Base64">Its bytes.</param>
public sealed record ChatImage(string MediaType, string Base64);
