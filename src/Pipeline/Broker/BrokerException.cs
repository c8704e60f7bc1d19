namespace Pipeline.Broker;

/// <summary>The broker cannot be used as it is; the message says what is wrong, where, and what to do.</summary>
internal sealed class BrokerException(string message, Exception? cause = null) : Exception(message, cause);
