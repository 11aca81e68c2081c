using Tideway.Conformance.Wire;

namespace Tideway.Conformance.Cases;

/// <summary>The steps of a server that a client under test opens a connection to.</summary>
internal static class HandshakeSteps
{
    public static Script ReadRequest(this Script script) => script.Do(async session =>
    {
        await session.ReadHeadAsync();
        session.Key = session.HeaderLines("Sec-WebSocket-Key").FirstOrDefault() ?? "";
    });

    public static Script Answer(this Script script, params string[] lines) =>
        script.Do(session => session.SendAsync(Fill(session, lines)));

    public static Script Check(this Script script, Func<Session, bool> check) =>
        script.Check(session => Task.FromResult(check(session)));

    public static Script Check(this Script script, Func<Session, Task<bool>> check) => script.Do(async session =>
    {
        if (!await check(session)) throw new CaseFailedException($"The request is:\n{session.Head}");
    });

    /// <summary>Makes a head of lines, with what belongs to the key of the request.</summary>
    public static string Fill(Session session, string[] lines) =>
        (string.Concat(lines.Select(line => line + "\r\n")) + "\r\n")
            .Replace("{accept}", Handshakes.Accept(session.Key), StringComparison.Ordinal)
            .Replace("{lower}", "a" + Handshakes.Accept(session.Key)[1..].ToLower(null), StringComparison.Ordinal)
            .Replace("{key}", session.Key, StringComparison.Ordinal);
}
