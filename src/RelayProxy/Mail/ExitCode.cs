namespace RelayProxy.Mail;

/// <summary>What a command came to, in the numbers of sysexits.h, which mail programs and service managers know.</summary>
internal static class ExitCode
{
    public const int Ok = 0;

    /// <summary>A question answered with no (<c>health</c>).</summary>
    public const int No = 1;

    /// <summary>EX_USAGE: the command line is wrong.</summary>
    public const int Usage = 64;

    /// <summary>EX_DATAERR: what was given to read is not what it should be.</summary>
    public const int DataError = 65;

    /// <summary>EX_NOINPUT: there is no such message, or no such file.</summary>
    public const int NoInput = 66;

    /// <summary>EX_NOUSER: there is nobody of that name.</summary>
    public const int NoUser = 67;

    /// <summary>EX_NOHOST: there is no host of that name.</summary>
    public const int NoHost = 68;

    /// <summary>EX_UNAVAILABLE: something that is needed cannot be had: the queue, a port, the smarthost.</summary>
    public const int Unavailable = 69;

    /// <summary>EX_SOFTWARE: a fault of this program.</summary>
    public const int Software = 70;

    /// <summary>EX_OSERR: the system refused something that it always grants.</summary>
    public const int OperatingSystem = 71;

    /// <summary>EX_CANTCREAT: a file cannot be created.</summary>
    public const int CannotCreate = 73;

    /// <summary>EX_IOERR.</summary>
    public const int InputOutput = 74;

    /// <summary>EX_TEMPFAIL: worth trying again.</summary>
    public const int Temporary = 75;

    /// <summary>EX_PROTOCOL: the far side is not what it should be.</summary>
    public const int Protocol = 76;

    /// <summary>EX_NOPERM.</summary>
    public const int NoPermission = 77;

    /// <summary>EX_CONFIG: the settings cannot be used. The service unit does not restart after it.</summary>
    public const int Configuration = 78;
}
