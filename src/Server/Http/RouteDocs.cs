namespace Ledgerline.Http;

/// <summary>
/// What a route says about itself for the OpenAPI document beyond its types. 401, 422 and 429 are added by the document itself
/// where they apply; a route names them only to show its own example.
/// </summary>
public static class RouteDocs
{
    /// <summary>One reason to be refused. The same status may be named several times, once a reason.</summary>
    /// <param name="when">Completes "… when": <c>nobody has this e-mail and password</c>.</param>
    /// <param name="detail">The example's <c>detail</c>: a sentence, or the object the contract gives.</param>
    public static TBuilder Refuses<TBuilder>(this TBuilder route, int status, string when, object detail)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new RefusalDoc(status, when, detail));

    /// <summary>An example of the answer 200.</summary>
    public static TBuilder Example<TBuilder>(this TBuilder route, object answer)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new AnswerDoc(answer));

    /// <summary>An example of the request's body.</summary>
    public static TBuilder ExampleRequest<TBuilder>(this TBuilder route, object request)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new RequestDoc(request));

    /// <summary>The body is <c>multipart/form-data</c> with one file in this field; the handler reads it itself.</summary>
    public static TBuilder Uploads<TBuilder>(this TBuilder route, string field, string description)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new UploadDoc(field, description));

    /// <summary>Another field of the form that <see cref="Uploads"/> describes.</summary>
    /// <param name="example">Says its type too; an array may be sent several times.</param>
    public static TBuilder FormField<TBuilder>(this TBuilder route, string name, string description, object example, bool required = false)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new FormFieldDoc(name, description, example, required));

    /// <summary>Describes a query, path or header parameter; one that the handler reads itself is added to the document.</summary>
    /// <param name="place"><c>query</c>, <c>path</c> or <c>header</c>.</param>
    public static TBuilder Parameter<TBuilder>(this TBuilder route, string place, string name, string description, object? example = null)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new ParameterDoc(place, name, description, example));
}

/// <summary>See <see cref="RouteDocs.Refuses"/>.</summary>
public sealed record RefusalDoc(int Status, string When, object Detail);

/// <summary>See <see cref="RouteDocs.Example"/>.</summary>
public sealed record AnswerDoc(object Answer);

/// <summary>See <see cref="RouteDocs.ExampleRequest"/>.</summary>
public sealed record RequestDoc(object Request);

/// <summary>See <see cref="RouteDocs.Uploads"/>.</summary>
public sealed record UploadDoc(string Field, string Description);

/// <summary>See <see cref="RouteDocs.FormField"/>.</summary>
public sealed record FormFieldDoc(string Name, string Description, object Example, bool Required);

/// <summary>See <see cref="RouteDocs.Parameter"/>.</summary>
public sealed record ParameterDoc(string Place, string Name, string Description, object? Example);
