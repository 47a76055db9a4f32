using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Ledgerline.Http.OpenApi;

/// <summary>What holds for the whole API: title, server, how to sign in, the shapes of errors.</summary>
internal sealed class DescribeProduct : IOpenApiDocumentTransformer
{
    private const string Description =
        """
        Sign in, buy credits, send work, be charged for exactly what was used.

        **Sign-in.** Routes with a lock take `Authorization: Bearer <access token>`; a token comes from `/auth/login`, `/auth/register`,
        `/token` or a Google sign-in. Press *Authorize* and paste one. Below `/v1` an API key of `/api/keys` stands in its place.

        **Errors** are `{"detail": …}`: a sentence, or an object where a client acts on it. Invalid requests answer 422 and name the field.
        Below `/v1` they have OpenAI's shape, `{"error": {message, type, param, code}}`, and invalid requests answer 400.

        **Times** are UTC, ISO 8601 with `Z`. **Credits** are whole numbers. **Rate limits** answer 429 with `Retry-After`.

        **Idempotency.** Every paid POST takes an `Idempotency-Key` (1 to 255 visible characters): the same key and request give the same
        answer, with `Idempotency-Replayed: true`, and happen once.
        """;

    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo { Title = "Ledgerline", Version = ProductVersion.Text, Description = Description };
        document.Servers = [new OpenApiServer { Url = "/" }];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        document.Components.SecuritySchemes[ErrorShapes.Bearer] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            BearerFormat = "JWT",
            Description = "An access token of any sign-in; below /v1 also an API key.",
        };
        return Task.CompletedTask;
    }
}
