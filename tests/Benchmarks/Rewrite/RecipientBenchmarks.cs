using System.Globalization;
using BenchmarkDotNet.Attributes;
using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Rewrite;

namespace RelayProxy.Benchmarks.Rewrite;

/// <summary>Who a recipient really is, with an aliases file of any length: looked up, and not found.</summary>
[MemoryDiagnoser]
public class RecipientBenchmarks : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Recipient _alias = new(new Mailbox("user0000", "localhost"));
    private readonly Recipient _elsewhere = new(new Mailbox("bob", "example.org"));
    private Rewriter _rewriter = null!;

    [Params(1000, 100_000)]
    public int Aliases { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        string file = _folder["aliases"];
        File.WriteAllLines(file, Enumerable.Range(0, Aliases).Select(i => string.Create(CultureInfo.InvariantCulture, $"user{i:0000}: box{i:0000}@example.net")));
        var options = new RewriteOptions { Origin = "example.net", AliasFile = file };
        _rewriter = new Rewriter(() => options, () => "", () => "web1.example.net");
        if (Alias() != 1 || Elsewhere() != 1)
        {
            throw new InvalidOperationException("Each of them is one mailbox.");
        }
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark]
    public int Alias() => _rewriter.Recipient(_alias).Recipients.Count;

    [Benchmark]
    public int Elsewhere() => _rewriter.Recipient(_elsewhere).Recipients.Count;
}
