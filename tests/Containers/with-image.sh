#!/usr/bin/env bash
# with-image.sh COMMAND...   builds the image relayproxy from artifacts/relay, and runs a command. In with-engine.sh.
#
# What the images are made from is taken from the engine, or pulled. In an engine of our own, which has nothing and may have no way out, it is made
# here of the files of this machine: as Microsoft's chiselled image, the C library, OpenSSL, certificates, two users and no shell; and Python.
set -eu
cd "$(dirname "$0")/../.."

# What a program loads when it starts, and each of the libraries it loads later.
libraries_of() { for file; do ldd "$file" 2>/dev/null || true; done | awk '$2 == "=>" && $3 ~ /^\// { print $3 } $1 ~ /^\/lib/ { print $1 }' | sort -u; }

put() { # put TREE FILE...
    local tree=$1 file
    shift
    for file; do install -D -m 755 "$(readlink -f "$file")" "$tree$file"; done
}

bare_tree() { # bare_tree TREE
    mkdir -p "$1"/{proc,sys,dev,etc/ssl/certs,var/lib,usr/bin,usr/lib}
    mkdir -m 1777 "$1/tmp"
    cp /etc/ssl/certs/ca-certificates.crt "$1/etc/ssl/certs/"
    printf '%s\n' root:x:0:0::/root:/bin/false app:x:1654:1654::/home/app:/bin/false >"$1/etc/passwd"
    printf '%s\n' root:x:0: app:x:1654: >"$1/etc/group"
}

import() { # import TREE NAME
    tar -C "$1" -c . | "$DOCKER" import - "$2" >/dev/null
    rm -rf "$1"
}

stand_ins() {
    local folder tree python version
    folder=$(mktemp -d)
    tree=$folder/tree
    bare_tree "$tree"
    # OpenSSL is found by name, when it is first needed.
    put "$tree" $(libraries_of artifacts/relay/relayproxy artifacts/relay/*.so | grep -v "^$PWD/") $(ls /usr/lib/*/libssl.so.3 /usr/lib/*/libcrypto.so.3)
    import "$tree" "$runtime"

    python=/usr/bin/python3
    version=$("$python" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
    bare_tree "$tree"
    cp -a "/usr/lib/$version" "$tree/usr/lib/"
    rm -rf "$tree/usr/lib/$version/test"
    put "$tree" $(libraries_of "$python" "/usr/lib/$version"/lib-dynload/*.so)
    install -m 755 "$(readlink -f "$python")" "$tree/usr/bin/python3"
    import "$tree" python:3-slim
    rmdir "$folder"
}

runtime=$(sed -n 's/^ARG RUNTIME=//p' Dockerfile)
if [ -n "${OWN_ENGINE:-}" ]; then stand_ins; fi
DOCKER_BUILDKIT=1 "$DOCKER" build --quiet --build-arg PROGRAM=published -t relayproxy . >/dev/null
"$@"
