using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tideway.Configuration;

namespace Tideway.Server;

/// <summary>Describes the TLS of a listener.</summary>
public sealed record TlsConfig : IValidatableConfig
{
    /// <summary>The path of the certificate, in PEM, with its chain behind it.</summary>
    /// <remarks>Defaults to null: no TLS.</remarks>
    [Description("The path of the certificate in PEM, its chain behind it.")]
    public string? Cert { get; init; }

    /// <summary>The path of the certificate's private key, in PEM.</summary>
    /// <remarks>Defaults to null: no TLS.</remarks>
    [Description("The path of the private key in PEM.")]
    public string? PrivateKey { get; init; }

    /// <summary>The path of a file whose first line is the passphrase of the private key.</summary>
    /// <remarks>Defaults to null: the key is not encrypted.</remarks>
    [Description("The path of a file whose first line is the passphrase of the private key.")]
    public string? PrivateKeyPassphraseFile { get; init; }

    /// <summary>The environment variable that holds the passphrase of the private key.</summary>
    /// <remarks>Defaults to null: the key is not encrypted.</remarks>
    [Description("The name of the environment variable that holds the passphrase of the private key.")]
    public string? PrivateKeyPassphraseEnv { get; init; }

    /// <summary>The paths of the certificates, in PEM, of who may issue those of clients.</summary>
    /// <remarks>Defaults to an empty list: clients need none. Otherwise each client has to show one, and nobody else is
    /// trusted, nor is the system's own list.</remarks>
    [Description(
        "The paths of the certificate authorities of clients, in PEM. If there are any, every client has to show a "
        + "certificate that one of them has issued.")]
    public IReadOnlyList<string> Ca { get; init; } = [];

    /// <summary>The oldest version that clients may speak.</summary>
    /// <remarks>Defaults to <see cref="TlsVersion.Tls12"/>.</remarks>
    [Description("The oldest version of TLS that clients may speak.")]
    public TlsVersion MinVersion { get; init; } = TlsVersion.Tls12;

    /// <summary>How often the files are looked at; new ones are used for new connections; 0 for never.</summary>
    /// <remarks>Defaults to 10 seconds.</remarks>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    [Description("How often the files are looked at; new ones are used for new connections; 0 for never.")]
    public TimeSpan ReloadInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether TLS is spoken.</summary>
    internal bool IsOn => (Cert ?? PrivateKey) is not null;

    /// <inheritdoc/>
    public void Validate(ConfigValidation section)
    {
        ArgumentNullException.ThrowIfNull(section);
        if (Cert is null != PrivateKey is null)
            section.Report("'cert' and 'private-key' go together", Cert is null ? "private-key" : "cert");
        if (Ca.Count == 0 && section.Has("ca"))
            section.Report("names no file: leave it out where clients need no certificate", "ca");
        if (Ca.Count > 0 && !IsOn)
            section.Report("without 'cert' and 'private-key' there is no TLS to ask clients in", "ca");
        if (PrivateKeyPassphraseFile is not null && PrivateKeyPassphraseEnv is not null)
        {
            section.Report(
                "expected either 'private-key-passphrase-file' or 'private-key-passphrase-env', found both",
                "private-key-passphrase-env");
        }
    }
}
