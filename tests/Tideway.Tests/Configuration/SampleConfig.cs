using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tideway.Configuration;

namespace Tideway.Tests.Configuration;

/// <summary>A record with one option of each kind.</summary>
public sealed record SampleConfig : IValidatableConfig
{
    [Description("The name | of it.")]
    public required string Name { get; init; }

    public bool Enabled { get; init; } = true;

    [Range(1, 65535), Description("The port.")]
    public int Port { get; init; } = 8080;

    [ConfigKey("max_bytes"), Range(0L, long.MaxValue)]
    public long MaxBytes { get; init; } = 5_000_000_000;

    public double? Ratio { get; init; }

    [Range(typeof(TimeSpan), "00:00:00.001", "01:00:00")]
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(2);

    [NoEffect("there is no queue")]
    public SamplePolicy Policy { get; init; }

    [Length(0, 2), Range(0, 9)]
    public IReadOnlyList<int> Levels { get; init; } = [];

    public IReadOnlyDictionary<string, SampleTls> Listeners { get; init; } = new Dictionary<string, SampleTls>();

    public SampleTls? Tls { get; init; }

    public ConfigNode? Extra { get; init; }

    public string Computed => $"{Name}:{Port}";

    public void Validate(ConfigValidation section)
    {
        if (Tls is { Cert: not null, PrivateKey: null })
            section.Report("field is missing, 'cert' needs it", "tls", "private-key");
    }
}

public sealed record SampleTls
{
    public string? Cert { get; init; }

    public string? PrivateKey { get; init; }
}

public enum SamplePolicy
{
    DropOldest,
    [ConfigKey("wait")]
    Block,
}
