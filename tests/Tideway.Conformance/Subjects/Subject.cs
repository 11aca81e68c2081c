using System.Net.Sockets;
using Tideway.Conformance.Cases;
using Tideway.Conformance.Wire;

namespace Tideway.Conformance.Subjects;

/// <summary>An end under test: one role over one channel. Started once for all cases.</summary>
internal abstract class Subject(string name, Roles role) : IAsyncDisposable
{
    /// <summary>All of the product.</summary>
    public static IReadOnlyList<Subject> All { get; } =
    [
        new ServerSubject("server, event loop", onLoops: true, tls: false),
        new ServerSubject("server, stream", onLoops: false, tls: false),
        new ServerSubject("server, TLS", onLoops: true, tls: true),
        new ClientSubject("client, event loop", tls: false),
        new ClientSubject("client, TLS", tls: true),
    ];

    public string Name { get; } = name;

    public Roles Role { get; } = role;

    /// <summary>How long anything may take before the case has failed.</summary>
    public virtual TimeSpan Patience => TimeSpan.FromSeconds(20);

    /// <summary>Whether the case can be run here.</summary>
    public virtual bool Takes(Case item) => (item.Roles & Role) != 0;

    /// <summary>Starts what the connections need. Once.</summary>
    public virtual Task StartAsync() => Task.CompletedTask;

    /// <summary>Makes a connection, opened unless the case does that itself.</summary>
    public abstract Task<Session> ConnectAsync(Case item);

    public virtual ValueTask DisposeAsync() => default;

    protected static Socket CreateSocket() =>
        new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
}
