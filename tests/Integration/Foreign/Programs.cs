using RelayProxy.Harness;

namespace RelayProxy.Integration.Foreign;

/// <summary>Programs of other people, as they are installed on this machine.</summary>
internal static class Programs
{
    /// <summary>Fails, and says how to mend it, if one of these is not installed. A test that quietly did nothing would be worse.</summary>
    /// <param name="names">Of programs, or whole paths of files.</param>
    public static async Task RequireAsync(params string[] names)
    {
        foreach (string name in names)
        {
            (int status, _) = await ChildProcess.RunAsync("sh", ["-c", "command -v \"$1\" || [ -e \"$1\" ]", "sh", name]);
            Assert.True(status == 0, $"{name} is not installed. ./test.sh installs what the tests need when it runs as root; otherwise: "
                + "apt-get install postfix sasl2-bin libsasl2-modules swaks curl python3 python3-dkim bsd-mailx msmtp dovecot-lmtpd mandoc zsh fish monitoring-plugins-standard "
                + "php-cli php-symfony-mailer libphp-phpmailer mutt s-nail git-email libemail-sender-perl libmime-lite-perl procmail mime-construct "
                + "debootstrap lintian prometheus");
        }
    }

    /// <summary>Runs one to its end, and fails with what it wrote if it failed.</summary>
    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        (int status, string output) = await ChildProcess.RunAsync(program, arguments);
        Assert.True(status == 0, $"{program} ended with {status}:\n{output}");
        return output;
    }
}
