namespace Ledgerline.Http;

/// <summary>Says on a route that its handler admits only what this provider has signed.</summary>
public sealed record SignedBy(string Provider);
