using Tideway.Components;

namespace Tideway.Server;

/// <summary>Says what a service is made of, for its <c>Main</c> and for its functional tests alike.</summary>
public interface IService
{
    /// <summary>Makes the list of the service's components: a fresh one each time.</summary>
    public static abstract ComponentList Components { get; }
}
