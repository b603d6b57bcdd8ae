namespace RelayProxy.Proof.Machine;

/// <summary>What a call on a file can answer instead of doing what it was asked (errno of Linux).</summary>
public enum ErrorNumber
{
    EINTR = 4,
    EIO = 5,
    ENOMEM = 12,
    EACCES = 13,
    ENFILE = 23,
    EMFILE = 24,
    EFBIG = 27,
    ENOSPC = 28,
    EROFS = 30,
    EDQUOT = 122,
}
