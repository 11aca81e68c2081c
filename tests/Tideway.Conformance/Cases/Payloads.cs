using System.Text;

namespace Tideway.Conformance.Cases;

/// <summary>Payloads that are the same at every run.</summary>
internal static class Payloads
{
    /// <summary>Bytes of all values, with a period that no mask and no power of two has.</summary>
    public static byte[] Bytes(int length)
    {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) bytes[i] = (byte)(i % 251);
        return bytes;
    }

    /// <summary>Letters of one byte each.</summary>
    public static byte[] Letters(int length)
    {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) bytes[i] = (byte)('a' + i % 23);
        return bytes;
    }

    /// <summary>Characters of one to four bytes.</summary>
    public static byte[] Characters(int repeats) =>
        Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("aé€𝄞", repeats)));
}
