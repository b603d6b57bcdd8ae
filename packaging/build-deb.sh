#!/usr/bin/env bash
# Makes relayproxy_VERSION_amd64.deb in the folder OUT (here, if none is named), and says where it is on its last line:
#
#     packaging/build-deb.sh [OUT]
#
# It needs the .NET SDK and dpkg-deb. The same sources give the same package, octet for octet: times are those of SOURCE_DATE_EPOCH, or else of
# the last commit. DEBFULLNAME and DEBEMAIL say who makes it.
set -euo pipefail
out=$(realpath "${1:-.}")
cd "$(dirname "$0")/.."
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date -r CHANGELOG.md +%s)}
maintainer="${DEBFULLNAME:-The RelayProxy maintainers} <${DEBEMAIL:-maintainers@relayproxy.invalid}>"
export LC_ALL=C
umask 022

# Everything is built in a folder of its own. In the sources' obj folder a trimmed program would leave parts of itself to the next that is published.
work=$(mktemp -d --tmpdir relayproxy-deb.XXXXXXXXXX)
trap 'rm -rf "$work"' EXIT
tree=$work/tree lib=$work/tree/usr/lib/relayproxy doc=$work/tree/usr/share/doc/relayproxy
put() { install -D -m 644 "$@"; } # put FILE PLACE
link() { mkdir -p "$tree/$(dirname "$2")" && ln -s "$1" "$tree/$2"; } # link TARGET PLACE

version=$(dotnet msbuild src/RelayProxy -getProperty:Version)
# Nothing in it tells the folders it was built in: neither names of files nor symbols, which have a path of their own.
dotnet publish src/RelayProxy -c Release -r linux-x64 --self-contained -p:PublishTrimmed=true -p:DebugType=none -p:TrimmerRemoveSymbols=true \
    "-p:PathMap=$PWD=/relayproxy%2C$work/artifacts=/artifacts" --artifacts-path "$work/artifacts" -o "$lib" -v quiet -nologo >&2

# What only its own debugger would use, and what only developers read.
rm -f "$lib"/{createdump,libmscordaccore.so,libmscordbi.so,libcoreclrtraceptprovider.so,libclrgc.so,libclrgcexp.so,relayproxy.xml}
find "$lib" -type f -exec chmod 644 {} +
chmod 755 "$lib/relayproxy"

# The old names.
link ../lib/relayproxy/relayproxy usr/sbin/relayproxy
link ../lib/relayproxy/relayproxy usr/sbin/sendmail
link ../sbin/sendmail usr/lib/sendmail
link ../lib/relayproxy/relayproxy usr/sbin/rmail
link ../lib/relayproxy/relayproxy usr/bin/mailq
link ../lib/relayproxy/relayproxy usr/bin/newaliases

# The service.
put config/relayproxy.service "$tree/usr/lib/systemd/system/relayproxy.service"
put config/relayproxy.socket "$tree/usr/lib/systemd/system/relayproxy.socket"
put config/relayproxy.sysusers "$tree/usr/lib/sysusers.d/relayproxy.conf"
put config/relayproxy.tmpfiles "$tree/usr/lib/tmpfiles.d/relayproxy.conf"
put config/apparmor/usr.lib.relayproxy "$tree/etc/apparmor.d/usr.lib.relayproxy"
put packaging/debian/relayproxy.json "$tree/usr/share/relayproxy/relayproxy.json"
mkdir -p "$tree/etc/relayproxy"

# Documents, which the program itself writes.
"$lib/relayproxy" manual --all "$tree/usr/share/man"
link sendmail.8.gz usr/share/man/man8/rmail.8.gz
for shell in bash:bash-completion/completions/relayproxy zsh:zsh/vendor-completions/_relayproxy fish:fish/vendor_completions.d/relayproxy.fish; do
    "$lib/relayproxy" completion "${shell%%:*}" >"$work/completion"
    put "$work/completion" "$tree/usr/share/${shell#*:}"
done
put packaging/debian/copyright "$doc/copyright"
put README.md "$doc/README.md"
put config/relayproxy.json "$doc/examples/relayproxy.json"
put config/relayproxy.schema.json "$doc/examples/relayproxy.schema.json"
put config/aliases "$doc/examples/aliases"
cp -r config/examples/. "$doc/examples/"
put packaging/debian/lintian-overrides "$tree/usr/share/lintian/overrides/relayproxy"
packages=$(dotnet nuget locals global-packages --list | sed 's/^global-packages: //')
sed -n 's/.*"runtimepack\.\(.*\/[0-9.]*\)": {.*/\1/p' "$lib/relayproxy.deps.json" | sort -u | while read -r pack; do
    cat "$packages/$(tr '[:upper:]' '[:lower:]' <<<"$pack")/THIRD-PARTY-NOTICES.TXT"
done >"$work/notices"
put "$work/notices" "$doc/THIRD-PARTY-NOTICES"

# CHANGELOG.md in the form of deb-changelog(5): an item is a paragraph, in lines of less than 80 columns.
awk -v maintainer="$maintainer" -v date="$(date -u -R -d "@$SOURCE_DATE_EPOCH")" '
    function close_item(    words, count, i, line) {
        count = split(item, words, " ")
        for (i = 1; i <= count; i++) {
            if (line != "" && length(line " " words[i]) > 78) { print line; line = "   " }
            line = line == "" ? "  * " words[i] : line " " words[i]
        }
        if (line != "") print line
        item = ""
    }
    function close_entry() { close_item(); if (open) printf "\n -- %s  %s\n\n", maintainer, date }
    /^## / { close_entry(); open = 1; printf "relayproxy (%s) unstable; urgency=medium\n\n", $2; next }
    open && /^- / { close_item(); item = substr($0, 3); next }
    open && item != "" { item = item " " $0 }
    END { close_entry() }' CHANGELOG.md >"$work/changelog"
put "$work/changelog" "$doc/changelog"
find "$tree/usr/share/man" "$doc/changelog" "$doc/THIRD-PARTY-NOTICES" "$doc/README.md" -type f -exec gzip -9n {} +

# The package.
mkdir -p "$tree/DEBIAN"
size=$(find "$tree" -type f -printf '%s\n' | awk '{ kib += int(($1 + 1023) / 1024) } END { print kib }')
sed -e "s|@VERSION@|$version|; s|@MAINTAINER@|$maintainer|; s|@SIZE@|$size|" packaging/debian/control >"$tree/DEBIAN/control"
find "$tree/etc" -type f -printf '/etc/%P\n' | sort >"$tree/DEBIAN/conffiles"
install -m 755 packaging/debian/{postinst,prerm,postrm} "$tree/DEBIAN"
(cd "$tree" && find usr -type f -printf '%P\0' | sort -z | sed -z 's/^/usr\//' | xargs -0 md5sum >DEBIAN/md5sums)
find "$tree" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
dpkg-deb --root-owner-group -Zxz --build "$tree" "$out/relayproxy_${version}_amd64.deb" >&2
echo "$out/relayproxy_${version}_amd64.deb"
