using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Tideway.WebSockets.Engine;

namespace Tideway.AspNetCore.Transport;

/// <summary>Puts Kestrel on event loops.</summary>
public static class WebHostBuilderExtensions
{
    /// <summary>Runs the connections of Kestrel on event loops, where WebSockets cost a fraction.</summary>
    /// <remarks>On systems other than 64-bit Linux it does nothing: WebSockets run over Kestrel's own transport
    /// there.</remarks>
    /// <param name="builder">The web host.</param>
    /// <param name="configure">Sets limits and the number of loops; null for the defaults.</param>
    public static IWebHostBuilder UseTidewayTransport(
        this IWebHostBuilder builder, Action<TransportOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (!EventLoopGroup.IsSupported) return builder;
        return builder.ConfigureServices(services =>
        {
            if (configure is not null) services.Configure(configure);
            services.AddSingleton<LoopTransport>();
            services.AddSingleton<IConnectionListenerFactory>(provider => provider.GetRequiredService<LoopTransport>());
            services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<LoopTransport>());
        });
    }
}
