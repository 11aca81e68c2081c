namespace Tideway.Configuration;

/// <summary>Finds the name that was probably meant.</summary>
internal static class NearestName
{
    /// <summary>Finds the known name nearest to <paramref name="name"/>, or null when none is near.</summary>
    /// <remarks>Case, <c>_</c> and <c>-</c> do not count as differences.</remarks>
    public static string? Find(string name, IEnumerable<string> known)
    {
        int limit = Math.Max(1, Math.Min(2, name.Length / 3));
        return known
            .Select(candidate => (Name: candidate, Distance: Distance(Normalize(name), Normalize(candidate), limit)))
            .Where(candidate => candidate.Distance <= limit)
            .OrderBy(candidate => candidate.Distance)
            .Select(candidate => candidate.Name)
            .FirstOrDefault();
    }

    /// <summary>Formats <c> (did you mean 'x'?)</c> when a name is near, else an empty string.</summary>
    public static string Hint(string name, IEnumerable<string> known) =>
        Find(name, known) is { } nearest ? $" (did you mean '{nearest}'?)" : "";

    private static string Normalize(string name) => name.Replace('_', '-').ToLowerInvariant();

    // The number of insertions, deletions, replacements and swaps of neighbors; names that differ more in length than
    // the limit are not compared.
    private static int Distance(string a, string b, int limit)
    {
        if (Math.Abs(a.Length - b.Length) > limit)
            return int.MaxValue;
        int[,] distance = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
                distance[i, j] = i == 0 || j == 0 ? i + j : Step(a, b, i, j, distance);
        }
        return distance[a.Length, b.Length];
    }

    private static int Step(string a, string b, int i, int j, int[,] distance)
    {
        int cost = a[i - 1] == b[j - 1] ? 0 : 1;
        int best = Math.Min(
            distance[i - 1, j - 1] + cost, Math.Min(distance[i - 1, j], distance[i, j - 1]) + 1);
        bool isSwap = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
        return isSwap ? Math.Min(best, distance[i - 2, j - 2] + 1) : best;
    }
}
