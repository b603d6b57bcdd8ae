using RelayProxy.Harness;

namespace RelayProxy.Integration.Foreign;

/// <summary>
/// An LMTP server nobody here wrote: Dovecot 2.3 in a folder of its own, beside whatever Dovecot the machine may run. It knows one user, anna, and
/// keeps her mail in a Maildir.
/// </summary>
internal sealed class DovecotServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private ChildProcess? _dovecot;

    private DovecotServer()
    {
    }

    /// <summary>Where it listens, as <c>Local:Lmtp</c> has it.</summary>
    public string Socket => $"unix:{_folder["lmtp"]}";

    public int Port { get; } = PostfixSmarthost.FreePort();

    public static async Task<DovecotServer> StartAsync()
    {
        await Programs.RequireAsync("dovecot");
        Assert.True(Environment.IsPrivilegedProcess, "Dovecot needs root to run in a folder of its own: run the tests as root.");
        var server = new DovecotServer();
        try
        {
            await server.RunAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Everything anna has.</summary>
    public IEnumerable<byte[]> Mail() => Directory.EnumerateFiles(_folder["mail/anna/new"]).Select(File.ReadAllBytes);

    public async ValueTask DisposeAsync()
    {
        if (_dovecot is { HasExited: false })
        {
            await _dovecot.TerminateAsync();
        }

        await (_dovecot?.DisposeAsync() ?? ValueTask.CompletedTask);
        _folder.Dispose();
    }

    private async Task RunAsync()
    {
        // Its parts run as users of their own, and have to find their way in.
        await Programs.RunAsync("chmod", "0755", _folder.Path);
        Directory.CreateDirectory(_folder["mail"]);
        await Programs.RunAsync("chown", "nobody", _folder["mail"]);
        await Programs.RunAsync("chmod", "0644", _folder.Write("users", "anna::::::\n"));
        _dovecot = ChildProcess.Start("dovecot", ["-F", "-c", _folder.Write("dovecot.conf", Configuration())]);
        await _dovecot.WaitForLineAsync(line => line.Contains("starting up for lmtp", StringComparison.Ordinal));
    }

    private string Configuration() => $$"""
        base_dir = {{_folder["run"]}}
        state_dir = {{_folder["state"]}}
        log_path = /dev/stderr
        protocols = lmtp
        ssl = no
        default_internal_user = nobody
        default_internal_group = nogroup
        default_login_user = nobody
        mail_location = maildir:{{_folder["mail/%u"]}}
        mail_uid = nobody
        mail_gid = nogroup
        auth_username_format = %n
        passdb {
          driver = static
          args = nopassword=y
        }
        userdb {
          driver = passwd-file
          args = {{_folder["users"]}}
          override_fields = home={{_folder["mail/%n"]}}
        }
        service lmtp {
          unix_listener {{_folder["lmtp"]}} {
            mode = 0666
          }
          inet_listener lmtp {
            address = 127.0.0.1
            port = {{Port}}
          }
        }

        """;
}
