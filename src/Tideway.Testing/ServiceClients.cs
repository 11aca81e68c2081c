using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Tideway.Testing.Hosting;
using Tideway.Testing.Metrics;
using Tideway.Testing.WebSockets;

namespace Tideway.Testing;

/// <summary>The clients of a service that has started.</summary>
internal sealed class ServiceClients : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    public ServiceClients(RunningService service, ServiceSetup setup, TestRuns runs)
    {
        string main = service.Address
            ?? throw new InvalidOperationException("The service has no server: there is nothing to test it through.");
        Address = AddressOf(main, setup, "listener");
        WebSocketClient = new StrictWebSocketClient(Address, runs.Enter);
        ServiceClient = NewClient(Address);
        ServiceAddress monitor = service.MonitorAddress is { } there
            ? AddressOf(there, setup, "listener-monitor")
            : Address;
        MonitorClient = new MonitorClient(
            NewClient(monitor), setup.PathOf(TestConfig.MonitorName), () => runs.Enter());
    }

    public ServiceAddress Address { get; }

    public StrictWebSocketClient WebSocketClient { get; }

    public HttpClient ServiceClient { get; }

    public MonitorClient MonitorClient { get; }

    public void Dispose()
    {
        ServiceClient.Dispose();
        MonitorClient.Http.Dispose();
    }

    private static ServiceAddress AddressOf(string address, ServiceSetup setup, string listener)
    {
        var uri = new Uri(address);
        var endPoint = new IPEndPoint(IPAddress.Parse(uri.Host), uri.Port);
        string? certificate = setup.Component("server")[listener]?["tls"]?["cert"]?.GetValue<string>();
        return uri.Scheme == Uri.UriSchemeHttps && certificate is not null
            ? new ServiceAddress(endPoint, X509CertificateLoader.LoadCertificateFromFile(setup.Resolve(certificate)))
            : new ServiceAddress(endPoint, null);
    }

    private static HttpClient NewClient(ServiceAddress address) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        UseCookies = false,
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = address.Trusts },
    })
    {
        BaseAddress = address.Uri,
        Timeout = _patience,
    };
}
