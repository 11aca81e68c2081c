using Tideway.Components;
using Tideway.Configuration;
using Tideway.Testsuite;

namespace Tideway.Server;

/// <summary>The static config of a service: the root, and one record for each component of its list.</summary>
internal sealed record ServiceConfig(RootConfig Root, IReadOnlyDictionary<string, ComponentConfig> Components)
{
    /// <summary>Makes the clock of the service: one that tests move if they can reach it, else the system's.</summary>
    public TimeProvider NewClock() => Components.Values.OfType<TestsControlConfig>().Any(control => control.LoadEnabled)
        ? new ServiceClock()
        : TimeProvider.System;

    /// <summary>Reads a file, and reports all problems of all sections at once.</summary>
    /// <exception cref="ConfigException">There are problems.</exception>
    public static ServiceConfig Load(string path, ConfigLoadOptions options, ComponentList components)
    {
        var problems = new List<ConfigProblem>();
        ConfigMap? file = ConfigLoader.Load(path, options, problems);
        if (file is null) throw new ConfigException(problems);

        var root = (RootConfig)ConfigBinder.Bind(typeof(RootConfig), file, problems);
        if ((file["components_manager"] as ConfigMap)?.Section("components") is not ConfigMap sections)
            throw new ConfigException(problems);
        string[] names = [.. components.Select(component => component.Name)];
        foreach (ConfigEntry entry in sections.Entries.Where(entry => !names.Contains(entry.Key)))
        {
            problems.Add(new ConfigProblem(
                entry.Location,
                $"components_manager.components.{entry.Key}",
                $"no component '{entry.Key}' in this service{NearestName.Hint(entry.Key, names)}"));
        }

        var configs = new Dictionary<string, ComponentConfig>();
        foreach (ComponentRegistration component in components)
        {
            if (component.IsOptional && sections.Find(component.Name) is null) continue;

            // What is wrong with a component that is not loaded does not keep the service from starting.
            var own = new List<ConfigProblem>();
            var config =
                (ComponentConfig)ConfigBinder.Bind(component.ConfigType, sections.Section(component.Name), own);
            configs[component.Name] = config;
            if (config.LoadEnabled) problems.AddRange(own);
        }

        SectionChecks.Run(root.ComponentsManager, sections, configs, problems);
        ConfigException.ThrowIfAny(problems);
        return new ServiceConfig(root, configs);
    }
}
