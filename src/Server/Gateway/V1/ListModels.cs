using Microsoft.AspNetCore.Http.HttpResults;

namespace Ledgerline.Gateway.V1;

/// <summary><c>GET /v1/models</c> and <c>/v1/models/{model}</c>: the models that are sold here.</summary>
internal static class ListModels
{
    public sealed record Answer(string Object, IReadOnlyList<Model> Data);

    /// <param name="Created">Since when it is sold at its present price, in seconds since 1970.</param>
    public sealed record Model(string Id, string Object, long Created, string OwnedBy);

    public static Ok<Answer> Handle(ModelCatalog models) => TypedResults.Ok(new Answer("list", [.. models.Sold.Select(Shape)]));

    public static Ok<Model> One(string model, ModelCatalog models) =>
        TypedResults.Ok(models.Sold.FirstOrDefault(one => one.Id == model) is { } sold ? Shape(sold) : throw V1Refusal.NoModel(model));

    private static Model Shape(SoldModel model) => new(model.Id, "model", model.Since.ToUnixTimeSeconds(), model.Provider == ModelProvider.Gemini ? "google" : "openai");
}
