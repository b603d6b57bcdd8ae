using System.Globalization;

namespace RelayProxy.Rewrite.Aliases;

/// <summary>Where something was written: <c>/etc/aliases:12:7</c>, or the setting that says it.</summary>
/// <param name="Source">A file's path, or a setting's key.</param>
/// <param name="Line">From 1; 0 for a whole file and for a setting.</param>
/// <param name="Column">In characters, from 1; 0 for a whole file.</param>
internal readonly record struct AliasPlace(string Source, int Line = 0, int Column = 0)
{
    public override string ToString() => Line == 0 ? Source : string.Create(CultureInfo.InvariantCulture, $"{Source}:{Line}:{Column}");
}
