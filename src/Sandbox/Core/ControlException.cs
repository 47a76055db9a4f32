namespace Sandbox.Core;

/// <summary>A control call that cannot be done; answered as <c>{detail}</c> with this status.</summary>
internal sealed class ControlException(string detail, int status = 400) : Exception(detail)
{
    public int Status { get; } = status;
}
