using Tideway.WebSockets.Tests;

/// <summary>What the runtime calls before the program, in the processes of <see cref="ChildProcess"/>.</summary>
internal static class StartupHook
{
    public static void Initialize() => ChildProcess.RunIfAsked();
}
