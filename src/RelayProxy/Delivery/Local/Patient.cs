
namespace RelayProxy.Delivery.Local;

/// <summary>Whether whoever asked for a delivery has stopped waiting for it: then it must come to nothing.</summary>
internal sealed class Patient
{
    private volatile bool _gone;

    public bool IsGone => _gone;

    public void Leave() => _gone = true;

    /// <exception cref="PatienceEndedException"/>
    public void Check()
    {
        if (_gone)
        {
            throw new PatienceEndedException();
        }
    }
}

/// <summary>It took too long; nobody waits for the result any more.</summary>
internal sealed class PatienceEndedException() : Exception("It took too long.");
