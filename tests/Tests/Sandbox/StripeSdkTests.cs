using Xunit;

namespace Tests.Sandbox;

/// <summary>Stripe's official Node library against the sandbox; every answer it gets is held against the specification too.</summary>
public sealed class StripeSdkTests
{
    [Fact]
    public async Task StripesOwnLibraryIsContent()
    {
        await using var stripe = await StripeSandbox.Start();
        await SdkScript.Run("stripe.mjs", ("SANDBOX", stripe.Address.OriginalString));
    }
}
