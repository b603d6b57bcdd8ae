using System.Buffers;
using System.Text;
using BenchmarkDotNet.Attributes;
using RelayProxy.Smtp;

namespace RelayProxy.Benchmarks.Smtp;

/// <summary>What every octet of every message goes through, on the way in and on the way out: a megabyte of ordinary lines.</summary>
[MemoryDiagnoser]
public class ContentBenchmarks
{
    private const int SegmentOctets = 16 * 1024;

    private readonly DotReader _reader = new();
    private readonly DotWriter _writer = new();
    private readonly ArrayBufferWriter<byte> _output = new(2 * 1024 * 1024);
    private byte[] _content = [];
    private byte[] _wire = [];

    /// <summary>Octets in a line, without CRLF: text, and base64.</summary>
    [Params(20, 76)]
    public int LineOctets { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        string line = new string('x', LineOctets) + "\r\n";
        _content = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(line, 1024 * 1024 / line.Length)));
        _wire = [.. _content, .. ".\r\n"u8];
    }

    [Benchmark]
    public bool DotReader()
    {
        _reader.Reset();
        _output.ResetWrittenCount();
        bool ended = false;
        for (int at = 0; at < _wire.Length; at += SegmentOctets)
        {
            var input = new ReadOnlySequence<byte>(_wire, at, Math.Min(SegmentOctets, _wire.Length - at));
            ended = _reader.Read(input, _output, out _) == DotStatus.End;
        }

        return ended;
    }

    [Benchmark]
    public int DotWriter()
    {
        _output.ResetWrittenCount();
        for (int at = 0; at < _content.Length; at += SegmentOctets)
        {
            _writer.Write(_content.AsSpan(at, Math.Min(SegmentOctets, _content.Length - at)), _output);
        }

        _writer.Finish(_output);
        return _output.WrittenCount;
    }

    [Benchmark]
    public bool ContentScanner()
    {
        var scanner = new ContentScanner();
        scanner.Scan("Subject: x\r\n\r\n"u8);
        for (int at = 0; at < _content.Length; at += SegmentOctets)
        {
            scanner.Scan(_content.AsSpan(at, Math.Min(SegmentOctets, _content.Length - at)));
        }

        return scanner.EndsInCrLf;
    }

    [Benchmark(Baseline = true)]
    public int CopyAlone()
    {
        _output.ResetWrittenCount();
        _output.Write(_content);
        return _output.WrittenCount;
    }
}
