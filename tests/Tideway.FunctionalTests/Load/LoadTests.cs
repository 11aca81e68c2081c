using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Tideway.FunctionalTests.ChatService;

namespace Tideway.FunctionalTests.Load;

/// <summary>The load generator as a process, against the chat service and against servers that fail.</summary>
public sealed class LoadTests
{
    [Fact]
    public async Task Echo_measures_messages_latency_and_processor_time()
    {
        await using ChatProcess service = await ChatProcess.StartAsync();
        JsonElement json = await LoadProcess.MeasureAsync(
            "echo", "--url", $"{service.ChatUri}", "--connections", "20", "--depth", "4", "--payload", "200",
            "--duration", "1", "--warmup", "0.2", "--server-pid", $"{service.Id}");

        Assert.Equal(20, json.GetProperty("connections").GetInt32());
        Assert.Equal(4, json.GetProperty("depth").GetInt32());
        Assert.Equal(200, json.GetProperty("payload").GetInt32());
        double seconds = json.GetProperty("seconds").GetDouble();
        long messages = json.GetProperty("messages").GetInt64();
        Assert.InRange(seconds, 0.9, 10);
        Assert.InRange(messages, 20, long.MaxValue);
        Assert.Equal(messages / seconds, json.GetProperty("messagesPerSecond").GetDouble(), messages / seconds / 100);
        Assert.InRange(json.GetProperty("serverCpuMicrosecondsPerMessage").GetDouble(), 0.01, 1e6);
        Assert.InRange(json.GetProperty("clientCpuMicrosecondsPerMessage").GetDouble(), 0.01, 1e6);
        Assert.InRange(json.GetProperty("samples").GetArrayLength(), 1, 10); // At most one for each tenth.
        AssertLatency(json);
    }

    [Theory]
    [InlineData("shared")]
    [InlineData("dedicated")]
    public async Task Compressed_echoes_are_measured_where_the_server_compresses(string compression)
    {
        await using ChatProcess service = await ChatProcess.StartAsync(
            ChatProcess.SampleConfig.Replace("path: /chat", $"path: /chat\n      compression: {compression}"));
        JsonElement json = await LoadProcess.MeasureAsync(
            "echo", "--url", $"{service.ChatUri}", "--connections", "5", "--depth", "2", "--payload", "1000",
            "--compression", compression, "--duration", "0.5", "--warmup", "0.1");
        Assert.Equal(compression, json.GetProperty("compression").GetString());
        Assert.InRange(json.GetProperty("messages").GetInt64(), 5, long.MaxValue);
    }

    [Fact]
    public async Task A_server_that_does_not_compress_is_an_error_when_it_should()
    {
        await using ChatProcess service = await ChatProcess.StartAsync();
        (int exitCode, _, string errors) = await LoadProcess.RunAsync(
            "echo", "--url", $"{service.ChatUri}", "--compression", "shared", "--duration", "0.1", "--warmup", "0");
        Assert.Equal(1, exitCode);
        Assert.Contains("the server does not compress", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_at_a_fixed_rate_from_two_processes_keeps_the_rate()
    {
        await using ChatProcess service = await ChatProcess.StartAsync();
        JsonElement json = await LoadProcess.MeasureAsync(
            "echo", "--url", $"{service.ChatUri}", "--connections", "5", "--rate", "500", "--text", "--processes", "2",
            "--duration", "1", "--warmup", "0.5");
        Assert.Equal(5, json.GetProperty("connections").GetInt32());
        Assert.InRange(json.GetProperty("messagesPerSecond").GetDouble(), 350, 650);
        AssertLatency(json);
    }

    [Fact]
    public async Task Connect_measures_handshakes()
    {
        await using ChatProcess service = await ChatProcess.StartAsync();
        JsonElement json = await LoadProcess.MeasureAsync(
            "connect", "--url", $"{service.ChatUri}", "--concurrency", "4", "--duration", "1", "--warmup", "0.2",
            "--server-pid", $"{service.Id}");
        Assert.InRange(json.GetProperty("handshakes").GetInt64(), 1, long.MaxValue);
        Assert.InRange(json.GetProperty("handshakesPerSecond").GetDouble(), 0.1, double.MaxValue);
        Assert.InRange(json.GetProperty("serverCpuMicrosecondsPerHandshake").GetDouble(), 1, 1e7);
        AssertLatency(json);
    }

    [Fact]
    public async Task Echo_and_connect_go_over_TLS_with_a_certificate_that_nobody_knows()
    {
        string folder = Directory.CreateTempSubdirectory("tideway-").FullName;
        await using ChatProcess service = await ChatProcess.StartAsync(WithTls(folder));
        string url = $"wss://127.0.0.1:{service.Port}/chat";
        JsonElement echo = await LoadProcess.MeasureAsync(
            "echo", "--url", url, "--insecure", "--connections", "5", "--depth", "4", "--duration", "0.5");
        Assert.InRange(echo.GetProperty("messages").GetInt64(), 20, long.MaxValue);
        JsonElement paced = await LoadProcess.MeasureAsync(
            "echo", "--url", url, "--insecure", "--connections", "2", "--rate", "100", "--duration", "0.5");
        Assert.InRange(paced.GetProperty("messages").GetInt64(), 10, 90);
        JsonElement connect = await LoadProcess.MeasureAsync(
            "connect", "--url", url, "--insecure", "--concurrency", "2", "--duration", "0.5");
        Assert.InRange(connect.GetProperty("handshakes").GetInt64(), 1, long.MaxValue);

        (int exitCode, _, string errors) = await LoadProcess.RunAsync(
            "echo", "--url", url, "--connections", "1", "--duration", "0.5");
        Assert.Equal(1, exitCode);
        Assert.Contains("TLS with '127.0.0.1' failed: The remote certificate is", errors, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Idle_holds_connections_from_several_addresses_and_measures_memory()
    {
        await using ChatProcess service = await ChatProcess.StartAsync();
        JsonElement json = await LoadProcess.MeasureAsync(
            "idle", "--url", $"{service.ChatUri}", "--connections", "50", "--from", "127.0.0.2", "--from", "127.0.0.3",
            "--duration", "0.5", "--server-pid", $"{service.Id}");
        Assert.Equal(50, json.GetProperty("connections").GetInt32());
        long before = json.GetProperty("residentBytesBefore").GetInt64();
        long after = json.GetProperty("residentBytesAfter").GetInt64();
        Assert.InRange(before, 1_000_000, long.MaxValue);
        Assert.Equal((after - before) / 50, json.GetProperty("residentBytesPerConnection").GetInt64());
    }

    [Fact]
    public async Task A_stall_of_the_server_is_charged_to_every_message_that_was_due_meanwhile()
    {
        // 120 of 400 messages are due while the server sleeps: a tenth of all waits for more than two thirds of that.
        using var server = new ScriptedEcho(async (message, number) =>
        {
            if (number == 100) await Task.Delay(600);
            return message;
        });
        JsonElement json = await LoadProcess.MeasureAsync(
            "echo", "--url", server.Url, "--connections", "1", "--rate", "200", "--duration", "2", "--warmup", "0");
        double p90 = json.GetProperty("latencyMicroseconds").GetProperty("p90").GetDouble();
        Assert.InRange(p90, 200_000, double.MaxValue);
    }

    [Theory]
    [InlineData("other bytes", "with other bytes")]
    [InlineData("shorter", "Binary, 19 bytes came back, not Binary, 20 bytes")]
    [InlineData("nothing", "was not answered within 5 s")]
    public async Task An_answer_that_is_not_the_message_is_an_error(string what, string error)
    {
        using var server = new ScriptedEcho(async (message, _) =>
        {
            if (what == "nothing") await Task.Delay(Timeout.Infinite);
            return what == "shorter" ? message[1..] : [.. message.Reverse()];
        });
        (int exitCode, string output, string errors) = await LoadProcess.RunAsync(
            "echo", "--url", server.Url, "--connections", "1", "--duration", "1", "--warmup", "0");
        Assert.Equal(1, exitCode);
        Assert.DoesNotContain("errors 0", output, StringComparison.Ordinal);
        Assert.Contains(error, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_is_an_error_that_says_why()
    {
        await using ChatProcess service = await ChatProcess.StartAsync();
        (int exitCode, _, string errors) = await LoadProcess.RunAsync(
            "echo", "--url", $"ws://127.0.0.1:{service.Port}/nowhere", "--connections", "1", "--duration", "1");
        Assert.Equal(1, exitCode);
        Assert.Contains("the server answered 404 Not Found", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--payload", "-1", "--payload has to be 0 or more.")]
    [InlineData("--rate", "0", "--rate has to be more than 0.")]
    [InlineData("--duration", "NaN", "--duration has to be")]
    [InlineData("--from", "here", "--from has to be an IP address.")]
    [InlineData("--connections", "many", "Cannot parse argument 'many'")]
    [InlineData("--json", "/nonexistent/x", "--json /nonexistent/x: the folder does not exist.")]
    [InlineData("--html", "/nonexistent/x", "--html /nonexistent/x: the folder does not exist.")]
    [InlineData("--header", "a", "--header has to be 'Name: value'.")]
    [InlineData("--server-pid", "0", "--server-pid 0: this process does not run.")]
    public async Task A_wrong_option_is_reported_before_anything_is_connected(string option, string value, string error)
    {
        (int exitCode, _, string errors) = await LoadProcess.RunAsync(
            "echo", "--url", "ws://127.0.0.1:1/", option, value);
        Assert.Equal(1, exitCode);
        Assert.Contains(error, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_header_that_is_given_twice_is_reported()
    {
        (int exitCode, _, string errors) = await LoadProcess.RunAsync(
            "echo", "--url", "ws://127.0.0.1:1/", "--header", "Name: a", "--header", "name: b");
        Assert.Equal(1, exitCode);
        Assert.Contains("--header gives 'Name' 2 times, expected once.", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_report_is_a_page_with_plots_that_needs_nothing_else()
    {
        using var server = new ScriptedEcho((message, _) => Task.FromResult(message));
        string path = Path.Combine(Directory.CreateTempSubdirectory("tideway-").FullName, "report.html");
        (int exitCode, string output, string errors) = await LoadProcess.RunAsync(
            "echo", "--url", server.Url + "?token=s3cret", "--connections", "2", "--duration", "1.2", "--progress",
            "--html", path);
        Assert.True(exitCode == 0, errors);
        Assert.StartsWith("echo ws://", output, StringComparison.Ordinal);
        Assert.Matches(@"1 of 1\.2 s: [0-9,]+ messages/s", errors);
        string page = await File.ReadAllTextAsync(path);
        Assert.Equal(2, page.Split("<polyline").Length - 1);
        Assert.DoesNotContain("src=", page, StringComparison.Ordinal);
        Assert.DoesNotContain("href=", page, StringComparison.Ordinal);
        Assert.DoesNotContain("url(", page, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", page + output, StringComparison.Ordinal);
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    /// <summary>The chat service's config with a certificate that signed itself.</summary>
    private static string WithTls(string folder)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        using X509Certificate2 certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        string certPath = Path.Combine(folder, "cert.pem");
        string keyPath = Path.Combine(folder, "key.pem");
        File.WriteAllText(certPath, certificate.ExportCertificatePem());
        File.WriteAllText(keyPath, key.ExportPkcs8PrivateKeyPem());
        string tls = $"tls: {{ cert: {certPath}, private-key: {keyPath} }}";
        return ChatProcess.SampleConfig.Replace("port: 0", $"port: 0\n        {tls}", StringComparison.Ordinal);
    }

    private static void AssertLatency(JsonElement json)
    {
        JsonElement latency = json.GetProperty("latencyMicroseconds");
        string[] names = ["p50", "p90", "p99", "p999", "max"];
        double[] values = [.. names.Select(name => latency.GetProperty(name).GetDouble())];
        Assert.InRange(values[0], 1, 1e7);
        Assert.Equal(values.Order(), values);
    }
}
