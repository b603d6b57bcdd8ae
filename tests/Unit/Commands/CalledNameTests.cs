using System.Text;
using RelayProxy.Commands;

namespace RelayProxy.Unit.Commands;

public class CalledNameTests
{
    [Theory]
    [InlineData("/usr/sbin/sendmail\0-t\0", "sendmail")]
    [InlineData("sendmail\0", "sendmail")]
    [InlineData("/usr/lib/sendmail", "sendmail")]
    [InlineData("send-mail\0", "sendmail")]
    [InlineData("/usr/bin/mailq\0", "mailq")]
    [InlineData("newaliases\0", "newaliases")]
    [InlineData("rmail\0", "rmail")]
    [InlineData("/usr/sbin/relayproxy\0sendmail\0", null)]
    [InlineData("/opt/sendmail/relayproxy\0", null)]
    [InlineData("sendmail2\0", null)]
    [InlineData("", null)]
    public void The_name_is_the_last_part_of_what_was_called(string commandLine, string? name) =>
        Assert.Equal(name, CalledName.Of(Encoding.UTF8.GetBytes(commandLine)));
}
