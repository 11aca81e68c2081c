namespace Tideway.Conformance.Cases;

/// <summary>The ends for which a case holds.</summary>
[Flags]
internal enum Roles
{
    Server = 1,
    Client = 2,
    Both = Server | Client,
}
