namespace ConfigService;

/// <summary>Ends a request with a status, a sentence for whoever asked, and what else helps.</summary>
internal sealed class RequestRefusedException(int status, string message, object? details = null) : Exception(message)
{
    public int Status => status;

    /// <summary>What the answer has beside the sentence; null for nothing.</summary>
    public object? Details => details;
}
