using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Bench.Media;

/// <summary>The carrier's REST: it agrees to everything, every call it is asked for has ended and has its price, and none runs that nobody knows.</summary>
internal sealed class CarrierStub : IAsyncDisposable
{
    private readonly WebApplication app;

    private CarrierStub(WebApplication app) => this.app = app;

    public string Address => app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    public static async Task<CarrierStub> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            var asked = context.Request.Path.Value!.Split('/')[^1].Replace(".json", "", StringComparison.Ordinal);
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(asked == "Calls"
                ? """{"calls":[],"next_page_uri":null}"""
                : $$"""{"sid":"{{asked}}","status":"{{(HttpMethods.IsGet(context.Request.Method) ? "completed" : "in-progress")}}","duration":"30","price":"-0.0085","price_unit":"USD"}""");
        });
        await app.StartAsync();
        return new CarrierStub(app);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
