namespace Pipeline.Broker;

/// <summary>The broker cannot be used as it is; the message says what is wrong, where, and what to do.</summary>
/// <param name="mayPass">It may be better in a moment (not there yet, restarting); otherwise somebody has to change something first.</param>
internal sealed class BrokerException(string message, Exception? cause = null, bool mayPass = false) : Exception(message, cause)
{
    public bool MayPass => mayPass;
}
