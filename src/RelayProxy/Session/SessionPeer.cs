using System.Globalization;

namespace RelayProxy.Session;

/// <summary>Who is at the other end, as far as the kernel tells.</summary>
/// <param name="Address">As <c>Received</c> writes it: <c>127.0.0.1</c>, <c>IPv6:::1</c>; empty for a Unix socket.</param>
/// <param name="UserId">The local user who opened the connection; <c>null</c> where the kernel did not say.</param>
/// <param name="UserName">That user's name; empty where there is none.</param>
internal sealed record SessionPeer(string Address, uint? UserId = null, string UserName = "")
{
    /// <summary>For the log: <c>127.0.0.1 uid=0(root)</c>.</summary>
    public override string ToString()
    {
        string address = Address.Length > 0 ? Address : "unix";
        return UserId is { } uid
            ? string.Create(CultureInfo.InvariantCulture, $"{address} uid={uid}{(UserName.Length > 0 ? $"({UserName})" : "")}")
            : address;
    }
}
