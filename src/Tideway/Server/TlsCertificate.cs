using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Tideway.Server;

/// <summary>Makes certificates of PEM texts, and says what is wrong with those that are none.</summary>
internal static class TlsCertificate
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>Reads the certificates of a text, at least one.</summary>
    /// <param name="key">The option that names the file.</param>
    /// <param name="path">The file.</param>
    /// <param name="pem">What is in it.</param>
    /// <exception cref="TlsException">There is none, or one is damaged.</exception>
    public static X509Certificate2Collection ReadAll(string key, string path, string pem)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(pem);
        }
        catch (CryptographicException exception)
        {
            throw new TlsException(key, $"'{path}' has a certificate that is damaged: {exception.Message}", exception);
        }

        return certificates.Count > 0
            ? certificates
            : throw new TlsException(
                key, $"'{path}' has no certificate in PEM, expected -----BEGIN CERTIFICATE----- somewhere");
    }

    /// <summary>Puts a certificate and its key together.</summary>
    /// <exception cref="TlsException">They are not one pair, or the key cannot be read.</exception>
    public static X509Certificate2 WithKey(X509Certificate2 certificate, TlsConfig config, TlsFiles files)
    {
        if (certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault() is { } usage
            && !usage.EnhancedKeyUsages.Cast<Oid>().Any(purpose => purpose.Value == ServerAuthentication))
        {
            throw new TlsException(
                "cert", $"{Describe(certificate, config)} is not for servers: its extended key usage leaves them out");
        }

        CheckLabels(config, files);
        using var rsa = RSA.Create();
        using var ecdsa = ECDsa.Create();
        if (TryImport(rsa, files, out Exception? error))
        {
            CheckPair(rsa.ExportSubjectPublicKeyInfo());
            return certificate.CopyWithPrivateKey(rsa);
        }

        if (!TryImport(ecdsa, files, out error))
        {
            string reason = files.Passphrase is not null && IsEncrypted(files)
                ? $"'{config.PrivateKey}' cannot be decrypted: the passphrase is wrong, or the file is damaged"
                : $"'{config.PrivateKey}' has no RSA or ECDSA key that can be read: {error!.Message}";
            throw new TlsException("private-key", reason, error);
        }

        CheckPair(ecdsa.ExportSubjectPublicKeyInfo());
        return certificate.CopyWithPrivateKey(ecdsa);

        void CheckPair(byte[] publicKey)
        {
            if (publicKey.AsSpan().SequenceEqual(certificate.PublicKey.ExportSubjectPublicKeyInfo())) return;
            throw new TlsException(
                "private-key", $"'{config.PrivateKey}' is not the key of {Describe(certificate, config)}");
        }
    }

    private static string Describe(X509Certificate2 certificate, TlsConfig config) =>
        $"the certificate {certificate.Subject} in '{config.Cert}'";

    private static void CheckLabels(TlsConfig config, TlsFiles files)
    {
        string path = config.PrivateKey!, pem = files.PrivateKey;
        if (!pem.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
        {
            throw new TlsException(
                "private-key", $"'{path}' has no private key in PEM, expected -----BEGIN PRIVATE KEY----- somewhere");
        }

        if (pem.Contains("Proc-Type: 4,ENCRYPTED", StringComparison.Ordinal))
        {
            throw new TlsException(
                "private-key",
                $"'{path}' is encrypted in a form that is not read; 'openssl pkcs8 -topk8 -in {path}' writes another");
        }

        if (IsEncrypted(files) && files.Passphrase is null)
        {
            throw new TlsException(
                "private-key",
                $"'{path}' is encrypted; 'private-key-passphrase-file' or 'private-key-passphrase-env' is to say "
                + "where its passphrase is");
        }
    }

    private static bool IsEncrypted(TlsFiles files) =>
        files.PrivateKey.Contains("-----BEGIN ENCRYPTED PRIVATE KEY-----", StringComparison.Ordinal);

    private static bool TryImport(AsymmetricAlgorithm key, TlsFiles files, out Exception? error)
    {
        try
        {
            if (IsEncrypted(files)) key.ImportFromEncryptedPem(files.PrivateKey, files.Passphrase);
            else key.ImportFromPem(files.PrivateKey);
            error = null;
            return true;
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            error = exception;
            return false;
        }
    }
}
