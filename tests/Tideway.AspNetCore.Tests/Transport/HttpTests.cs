using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Tideway.AspNetCore.Tests.Endpoints;

namespace Tideway.AspNetCore.Tests.Transport;

/// <summary>Plain HTTP, which has to be the same over both transports.</summary>
public abstract class HttpTests(bool onLoops)
{
    public sealed class OnStockTransport() : HttpTests(false);

    public sealed class OnLoops() : HttpTests(true);

    private const int Large = 32 << 20;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly SemaphoreSlim _mayGoOn = new(0);
    private readonly TaskCompletionSource _aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _progress;

    [Fact]
    public async Task Requests_follow_each_other_on_one_connection()
    {
        await using EchoApplication app = await StartAsync();
        using RawClient client = await RawClient.ConnectAsync(app.Port);
        for (int i = 0; i < 100; i++)
        {
            await client.SendAsync($"GET /greet/{i} HTTP/1.1\r\nHost: x\r\n\r\n");
            (string head, string body) = await client.ReadAnswerAsync();
            Assert.StartsWith("HTTP/1.1 200 ", head, StringComparison.Ordinal);
            Assert.Equal($"hello {i}", body);
        }
    }

    [Fact]
    public async Task Requests_sent_at_once_are_answered_in_order()
    {
        await using EchoApplication app = await StartAsync();
        using RawClient client = await RawClient.ConnectAsync(app.Port);
        await client.SendAsync(string.Concat(
            Enumerable.Range(0, 200).Select(i => $"GET /greet/{i} HTTP/1.1\r\nHost: x\r\n\r\n")));
        for (int i = 0; i < 200; i++) Assert.Equal($"hello {i}", (await client.ReadAnswerAsync()).Body);
    }

    [Fact]
    public async Task A_request_may_be_cut_anywhere()
    {
        await using EchoApplication app = await StartAsync();
        const string Request = "GET /greet/you HTTP/1.1\r\nHost: x\r\n\r\n";
        using RawClient client = await RawClient.ConnectAsync(app.Port);
        for (int cut = 1; cut < Request.Length; cut++)
        {
            await client.SendAsync(Request[..cut]);
            await client.SendAsync(Request[cut..]);
            Assert.Equal("hello you", (await client.ReadAnswerAsync()).Body);
        }

        foreach (char letter in Request) await client.SendAsync(letter.ToString());
        Assert.Equal("hello you", (await client.ReadAnswerAsync()).Body);
    }

    [Fact]
    public async Task Connection_close_ends_the_stream_after_the_answer()
    {
        await using EchoApplication app = await StartAsync();
        using RawClient client = await RawClient.ConnectAsync(app.Port);
        await client.SendAsync("GET /greet/you HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        Assert.EndsWith("\r\n\r\nhello you", Encoding.Latin1.GetString(await client.ReadToEndAsync()));
    }

    [Fact]
    public async Task What_is_no_HTTP_is_refused_and_ends_the_connection()
    {
        await using EchoApplication app = await StartAsync();
        using RawClient client = await RawClient.ConnectAsync(app.Port);
        await client.SendAsync("\x16\x03\x01 this is no HTTP\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 400 ", Encoding.Latin1.GetString(await client.ReadToEndAsync()));
    }

    [Fact]
    public async Task An_upload_waits_for_a_server_that_reads_slowly()
    {
        await using EchoApplication app = await StartAsync();
        using RawClient client = await RawClient.ConnectAsync(app.Port);
        await client.SendAsync("POST /count HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
        byte[] chunk = [.. "10000\r\n"u8, .. new byte[0x10000], .. "\r\n"u8];
        Task sending = Task.Run(async () =>
        {
            for (int sent = 0; sent < Large; sent += 0x10000)
            {
                await client.SendAsync(chunk);
                Interlocked.Add(ref _progress, 0x10000);
            }

            await client.SendAsync("0\r\n\r\n");
        });
        await UntilStalledAsync(below: Large / 2);
        _mayGoOn.Release();
        await sending.WaitAsync(_patience);
        Assert.Equal($"{Large}", (await client.ReadAnswerAsync()).Body);
    }

    [Fact]
    public async Task A_download_waits_for_a_client_that_reads_slowly()
    {
        await using EchoApplication app = await StartAsync();
        using RawClient client = await RawClient.ConnectAsync(app.Port, receiveBuffer: 65536);
        await client.SendAsync("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
        await client.ReadHeadAsync();
        await UntilStalledAsync(below: Large / 2);
        byte[] body = await client.ReadAsync(Large);
        for (int i = 0; i < Large; i += 4) Assert.True(i == BitConverter.ToInt32(body, i), $"wrong at {i}");
        await client.SendAsync("GET /greet/again HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.Equal("hello again", (await client.ReadAnswerAsync()).Body);
    }

    [Fact]
    public async Task A_body_streams_both_ways_at_once()
    {
        await using EchoApplication app = await StartAsync();
        using RawClient client = await RawClient.ConnectAsync(app.Port);
        byte[] body = new byte[Large];
        new Random(1).NextBytes(body);
        await client.SendAsync($"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: {Large}\r\n\r\n");
        Task sending = Task.Run(() => client.SendAsync(body));
        await client.ReadHeadAsync();
        Assert.Equal(body, await client.ReadAsync(Large));
        await sending.WaitAsync(_patience);
    }

    [Theory]
    [InlineData("resets")]
    [InlineData("leaves")]
    public async Task A_client_that_goes_away_aborts_its_request(string how)
    {
        await using EchoApplication app = await StartAsync();
        using RawClient client = await RawClient.ConnectAsync(app.Port);
        await client.SendAsync("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
        await _begun.Task.WaitAsync(_patience);
        if (how == "resets") client.Reset();
        else client.Dispose();
        await _aborted.Task.WaitAsync(_patience);
    }

    [Fact]
    public async Task An_aborted_answer_resets_the_connection()
    {
        await using EchoApplication app = await StartAsync();
        using RawClient client = await RawClient.ConnectAsync(app.Port);
        await client.SendAsync("GET /abort HTTP/1.1\r\nHost: x\r\n\r\n");
        await client.WaitForEndAsync();
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            for (int i = 0; i < 100; i++) await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        });
    }

    private Task<EchoApplication> StartAsync() => EchoApplication.StartAsync(
        onLoops,
        build: builder => builder.Services.Configure<KestrelServerOptions>(options =>
        {
            options.Limits.MaxRequestBodySize = null;
            options.Limits.MinRequestBodyDataRate = null;
            options.Limits.MinResponseDataRate = null;
        }),
        map: app =>
        {
            app.MapGet("/greet/{name}", GreetAsync);
            app.MapPost("/count", CountAsync);
            app.MapPost("/echo", EchoAsync);
            app.MapGet("/large", SendLargeAsync);
            app.Map("/wait", WaitAsync);
            app.MapGet("/abort", context =>
            {
                context.Abort();
                return Task.CompletedTask;
            });
        });

    private static Task GreetAsync(HttpContext context)
    {
        string answer = $"hello {context.Request.RouteValues["name"]}";
        context.Response.ContentLength = answer.Length;
        return context.Response.WriteAsync(answer);
    }

    private async Task CountAsync(HttpContext context)
    {
        await _mayGoOn.WaitAsync();
        long total = 0;
        byte[] buffer = new byte[10_000];
        while (await context.Request.Body.ReadAsync(buffer) is > 0 and int length) total += length;
        string answer = $"{total}";
        context.Response.ContentLength = answer.Length;
        await context.Response.WriteAsync(answer);
    }

    private static async Task EchoAsync(HttpContext context)
    {
        context.Response.ContentLength = context.Request.ContentLength;
        await context.Request.Body.CopyToAsync(context.Response.Body);
    }

    private async Task SendLargeAsync(HttpContext context)
    {
        context.Response.ContentLength = Large;
        byte[] buffer = new byte[0x10000];
        for (int sent = 0; sent < Large; sent += buffer.Length)
        {
            for (int i = 0; i < buffer.Length; i += 4) BitConverter.TryWriteBytes(buffer.AsSpan(i), sent + i);
            await context.Response.Body.WriteAsync(buffer);
            Interlocked.Add(ref _progress, buffer.Length);
        }
    }

    private async Task WaitAsync(HttpContext context)
    {
        using CancellationTokenRegistration registration =
            context.RequestAborted.Register(() => _aborted.TrySetResult());
        _begun.SetResult();
        await _aborted.Task.WaitAsync(_patience);
    }

    /// <summary>Waits until there is no more progress for a while, and checks that this was soon.</summary>
    private async Task UntilStalledAsync(long below)
    {
        for (long last = 0; last == 0 || last != Interlocked.Read(ref _progress); await Task.Delay(200))
            last = Interlocked.Read(ref _progress);
        Assert.InRange(Interlocked.Read(ref _progress), 1, below);
    }
}
