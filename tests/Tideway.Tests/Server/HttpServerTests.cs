using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Tideway.Components;
using Tideway.Server;
using Tideway.Tests.Configuration;
using Tideway.WebSockets.Connections;

namespace Tideway.Tests.Server;

public sealed class HttpServerTests
{
    private static CancellationToken Patience => new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    [Theory]
    [InlineData("/ws?refuse", 403)]
    [InlineData("/ws?teapot", 418)]
    public async Task A_handshake_hook_refuses_with_its_status_or_403(string path, int status)
    {
        await using HttpServer server = await StartAsync();
        using var client = new ClientWebSocket();
        client.Options.CollectHttpResponseDetails = true;
        await Assert.ThrowsAsync<WebSocketException>(
            () => client.ConnectAsync(new Uri(BaseOf(server, "ws") + path), Patience));
        Assert.Equal(status, (int)client.HttpStatusCode);
    }

    [Fact]
    public async Task A_handshake_hook_hands_state_to_the_handler()
    {
        await using HttpServer server = await StartAsync();
        using var client = new ClientWebSocket();
        client.Options.SetRequestHeader("X-Name", "Ada");
        await client.ConnectAsync(new Uri(BaseOf(server, "ws") + "/ws"), Patience);
        byte[] buffer = new byte[100];
        WebSocketReceiveResult received = await client.ReceiveAsync(buffer, Patience);
        Assert.Equal("hello Ada on greeter", Encoding.UTF8.GetString(buffer, 0, received.Count));
    }

    [Fact]
    public async Task A_plain_request_on_a_WebSocket_route_is_the_hooks()
    {
        await using HttpServer server = await StartAsync();
        using var http = new HttpClient();
        Assert.Equal("plain", await http.GetStringAsync(new Uri(BaseOf(server) + "/ws"), Patience));
    }

    [Theory]
    [InlineData("GET", "/users/42", HttpStatusCode.OK, "42")]
    [InlineData("GET", "/users/42/", HttpStatusCode.OK, "42")]
    [InlineData("GET", "/users/throw", HttpStatusCode.InternalServerError, "")]
    [InlineData("PUT", "/users/42", HttpStatusCode.MethodNotAllowed, "")]
    [InlineData("GET", "/users", HttpStatusCode.NotFound, "")]
    public async Task A_route_has_arguments_methods_and_a_border_for_exceptions(
        string method, string path, HttpStatusCode status, string body)
    {
        await using HttpServer server = await StartAsync();
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(new HttpMethod(method), BaseOf(server) + path);
        using HttpResponseMessage response = await http.SendAsync(request, Patience);
        Assert.Equal((status, body), (response.StatusCode, await response.Content.ReadAsStringAsync(Patience)));
    }

    [Fact]
    public async Task Requests_beyond_the_limits_get_413_414_and_431()
    {
        await using HttpServer server = await StartAsync(new ListenerConfig
        {
            Address = "127.0.0.1",
            Port = 0,
            HandlerDefaults = new() { MaxRequestSize = 100, MaxUrlSize = 200, MaxHeadersSize = 1000 },
        });
        using var http = new HttpClient();
        using var content = new ByteArrayContent(new byte[101]);
        using HttpResponseMessage body = await http.PostAsync(new Uri(BaseOf(server) + "/users/1"), content, Patience);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, body.StatusCode);
        using HttpResponseMessage url =
            await http.GetAsync(new Uri(BaseOf(server) + "/users/" + new string('1', 300)), Patience);
        Assert.Equal(HttpStatusCode.RequestUriTooLong, url.StatusCode);
        http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue(new string('a', 2000), "1"));
        using HttpResponseMessage head = await http.GetAsync(new Uri(BaseOf(server) + "/users/1"), Patience);
        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, head.StatusCode);
    }

    [Fact]
    public async Task Connections_beyond_the_limit_are_closed()
    {
        await using HttpServer server =
            await StartAsync(new ListenerConfig { Address = "127.0.0.1", Port = 0, MaxConnections = 1 });
        using var first = new ClientWebSocket();
        await first.ConnectAsync(new Uri(BaseOf(server, "ws") + "/ws"), Patience);
        using var second = new TcpClient();
        int length;
        try
        {
            await second.ConnectAsync(IPAddress.Loopback, new Uri(BaseOf(server)).Port, Patience);
            await second.GetStream().WriteAsync("GET /users/1 HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(), Patience);
            length = await second.GetStream().ReadAsync(new byte[100], Patience);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            length = 0; // A reset, at whichever step it comes, says the same.
        }

        Assert.Equal(0, length);
    }

    [Fact]
    public async Task A_unix_socket_is_listened_on()
    {
        using var folder = new TempFolder();
        string path = folder.PathOf("s");
        await using HttpServer server = await StartAsync(new ListenerConfig { UnixSocket = path });
        using var http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, token) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), token);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        Assert.Equal("7", await http.GetStringAsync(new Uri("http://x/users/7"), Patience));
    }

    [Fact]
    public async Task A_socket_file_that_a_killed_process_left_is_replaced()
    {
        using var folder = new TempFolder();
        string path = folder.PathOf("s");
        using (var left = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            left.Bind(new UnixDomainSocketEndPoint(path + "-bound"));
            File.Move(path + "-bound", path);
        }

        await using HttpServer server = await StartAsync(new ListenerConfig { UnixSocket = path });
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(new UnixDomainSocketEndPoint(path), Patience);
    }

    [Fact]
    public async Task A_socket_that_is_listened_on_and_a_file_are_left_alone()
    {
        using var folder = new TempFolder();
        string path = folder.PathOf("s");
        await using HttpServer first = await StartAsync(new ListenerConfig { UnixSocket = path });
        await Assert.ThrowsAsync<IOException>(() => StartAsync(new ListenerConfig { UnixSocket = path }));
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(new UnixDomainSocketEndPoint(path), Patience);

        await File.WriteAllTextAsync(path + "-file", "precious", Patience);
        await Assert.ThrowsAsync<IOException>(() => StartAsync(new ListenerConfig { UnixSocket = path + "-file" }));
        Assert.Equal("precious", await File.ReadAllTextAsync(path + "-file", Patience));
    }

    [Fact]
    public async Task TLS_shows_the_whole_chain_of_the_certificate_file()
    {
        using var folder = new TempFolder();
        using var rootKey = RSA.Create(2048);
        using var issuerKey = RSA.Create(2048);
        using var key = RSA.Create(2048);
        DateTimeOffset from = DateTimeOffset.UtcNow.AddDays(-1), to = DateTimeOffset.UtcNow.AddDays(1);
        using X509Certificate2 root = AuthorityRequest("CN=root.test", rootKey).CreateSelfSigned(from, to);
        using X509Certificate2 issued = AuthorityRequest("CN=issuer.test", issuerKey).Create(root, from, to, [1]);
        using X509Certificate2 issuer = issued.CopyWithPrivateKey(issuerKey);
        var request = new CertificateRequest(
            "CN=tideway.test", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 certificate = request.Create(issuer, from, to, [2]);
        string cert = folder.PathOf("cert.pem"), privateKey = folder.PathOf("key.pem");
        await File.WriteAllTextAsync(
            cert, certificate.ExportCertificatePem() + "\n" + issuer.ExportCertificatePem(), Patience);
        await File.WriteAllTextAsync(privateKey, key.ExportPkcs8PrivateKeyPem(), Patience);
        await using HttpServer server = await StartAsync(
            TestServer.Loopback with { Tls = new() { Cert = cert, PrivateKey = privateKey } });

        string[] shown = [];
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, new Uri(BaseOf(server)).Port, Patience);
        await using var tls = new SslStream(client.GetStream(), false, (_, _, chain, _) =>
        {
            shown = [.. chain!.ChainPolicy.ExtraStore.Select(extra => extra.Subject)];
            return true;
        });
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "tideway.test" }, Patience);
        Assert.Contains("CN=issuer.test", shown);
    }

    [Fact]
    public async Task TLS_is_spoken_with_the_configured_certificate()
    {
        using var folder = new TempFolder();
        using var key = RSA.Create(2048);
        var request = new CertificateRequest(
            "CN=tideway.test", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 certificate =
            request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        string cert = folder.PathOf("cert.pem"), privateKey = folder.PathOf("key.pem");
        await File.WriteAllTextAsync(cert, certificate.ExportCertificatePem(), Patience);
        await File.WriteAllTextAsync(privateKey, key.ExportPkcs8PrivateKeyPem(), Patience);
        await using HttpServer server = await StartAsync(
            TestServer.Loopback with { Tls = new() { Cert = cert, PrivateKey = privateKey } });

        string? subject = null;
        using var client = new ClientWebSocket();
        client.Options.RemoteCertificateValidationCallback = (_, shown, _, errors) =>
        {
            subject = shown?.Subject;
            return errors != SslPolicyErrors.None;
        };
        await client.ConnectAsync(new Uri(BaseOf(server, "wss") + "/ws"), Patience);
        Assert.Equal("CN=tideway.test", subject);
    }

    [Fact]
    public void Two_handlers_of_one_route_are_refused()
    {
        var config = new ServerConfig { Listener = new() { Address = "127.0.0.1", Port = 0 } };
        var error = Assert.Throws<InvalidOperationException>(
            () => new HttpServer(config, [new Users("one"), new Users("two")], NullLoggerFactory.Instance));
        Assert.Contains("'two' and 'one' both answer GET /users/{id}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/Users/{name}/")]
    [InlineData("/users/{id}")]
    public void Two_handlers_that_the_router_cannot_tell_apart_are_refused(string path)
    {
        var config = new ServerConfig { Listener = new() { Address = "127.0.0.1", Port = 0 } };
        var error = Assert.Throws<InvalidOperationException>(
            () => new HttpServer(config, [new Users("one"), new Users("two", path)], NullLoggerFactory.Instance));
        Assert.Equal($"'two' and 'one' both answer GET {path}", error.Message);
    }

    [Fact]
    public void A_path_that_is_no_route_is_refused_with_the_name_of_its_handler()
    {
        var config = new ServerConfig { Listener = new() { Address = "127.0.0.1", Port = 0 } };
        var error = Assert.Throws<InvalidOperationException>(
            () => new HttpServer(config, [new Users("users", "/users/{id")], NullLoggerFactory.Instance));
        Assert.StartsWith("'users' cannot answer '/users/{id': ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_size_of_the_head_that_the_config_allows_is_served()
    {
        await using HttpServer server = await StartAsync(new ListenerConfig
        {
            Address = "127.0.0.1",
            Port = 0,
            HandlerDefaults = new() { MaxHeadersSize = 1 << 24, MaxUrlSize = 1 << 20 },
        });
        using var http = new HttpClient();
        Assert.Equal("7", await http.GetStringAsync(new Uri(BaseOf(server) + "/users/7"), Patience));
    }

    [Theory]
    [InlineData("192.0.2.1", null, "Cannot listen on 192.0.2.1:0: ")]
    [InlineData("127.0.0.1", "/nonexistent/s", "Cannot listen on /nonexistent/s: its folder does not exist")]
    public async Task What_cannot_be_listened_on_is_named(string address, string? unixSocket, string message)
    {
        var listener = new ListenerConfig
        {
            Address = address,
            Port = unixSocket is null ? 0 : null,
            UnixSocket = unixSocket,
        };
        var error = await Assert.ThrowsAsync<IOException>(() => StartAsync(listener));
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }

    private static async Task<HttpServer> StartAsync(ListenerConfig? listener = null)
    {
        var config = new ServerConfig { Listener = listener ?? new() { Address = "127.0.0.1", Port = 0 } };
        var server = new HttpServer(config, [new Greeter(), new Users("users")], NullLoggerFactory.Instance);
        await server.StartAsync(Patience);
        return server;
    }

    private static CertificateRequest AuthorityRequest(string name, RSA key) =>
        new(name, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
        {
            CertificateExtensions = { new X509BasicConstraintsExtension(true, false, 0, true) },
        };

    private static string BaseOf(HttpServer server, string scheme = "http") =>
        $"{scheme}://127.0.0.1:{new Uri(server.Addresses.Single()).Port}";

    private sealed class Greeter() : WebSocketHandler(new() { Path = "/ws" }, new ComponentContext("greeter"))
    {
        protected override async Task HandleAsync(WebSocketConnection connection, RequestContext request)
        {
            await connection.SendTextAsync($"hello {request.State} on {HandlerName}");
            await connection.ReceiveAsync();
        }

        protected override ValueTask<bool> OnHandshakeAsync(HttpContext http, RequestContext request)
        {
            request.State = http.Request.Headers["X-Name"].ToString();
            if (request.Query.Value == "?teapot") http.Response.StatusCode = 418;
            return new(!request.Query.HasValue);
        }

        protected override Task OnPlainRequestAsync(HttpContext http) => http.Response.WriteAsync("plain");
    }

    private sealed class Users(string name, string path = "/users/{id}")
        : HttpHandler(new() { Path = path, Method = "GET,POST" }, new ComponentContext(name))
    {
        protected override async Task HandleAsync(HttpContext http)
        {
            await http.Request.Body.CopyToAsync(Stream.Null);
            string id = (string)http.Request.RouteValues["id"]!;
            if (id == "throw") throw new InvalidOperationException("bug");
            await http.Response.WriteAsync(id);
        }
    }
}
