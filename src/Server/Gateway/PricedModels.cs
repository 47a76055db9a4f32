using Ledgerline.Usage;

namespace Ledgerline.Gateway;

/// <summary>Stops the start when a model is sold that the price book does not know: better no service than a free one.</summary>
internal sealed class PricedModels(ModelCatalog models, PriceBook prices) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        prices.Audio(models.Transcription);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
