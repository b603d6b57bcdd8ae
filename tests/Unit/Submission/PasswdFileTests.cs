using System.Text;
using RelayProxy.Submission;

namespace RelayProxy.Unit.Submission;

public class PasswdFileTests
{
    private const string Passwd = """
        root:x:0:0:root:/root:/bin/bash
        toor:x:0:0:the same:/root:/bin/sh
        # no user
        broken:x
        :x:7:7::/:/bin/sh
        ann:x:1000:1000:Ann Doe,,,:/home/ann:/bin/bash
        +::::::
        bob:x:10000:1000::/home/bob:
        """;

    [Theory]
    [InlineData(0, null, "root")]
    [InlineData(0, "toor", "toor")]
    [InlineData(0, "ann", "root")]      // who says that he is somebody else is not believed
    [InlineData(1000, null, "ann")]
    [InlineData(10000, null, "bob")]
    [InlineData(100, null, null)]
    [InlineData(7, null, null)]
    public void A_user_has_the_name_of_his_line(uint userId, string? claimed, string? name) =>
        Assert.Equal(name, PasswdFile.NameOf(Encoding.UTF8.GetBytes(Passwd), userId, claimed));
}
