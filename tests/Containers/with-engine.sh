#!/usr/bin/env bash
# with-engine.sh COMMAND...   runs a command beside a container engine, which it finds by DOCKER and DOCKER_HOST.
#
# The engine that runs is taken, if one does. Otherwise one is started for the command alone: its data in a folder that goes with it, and its network
# (bridges, packet filter, forwarding) in a namespace of its own, so that nothing of it is left on the machine. The command runs in that network too.
# Exit 69 if there is no engine and none can be started.
set -u
export PATH=$PATH:/usr/sbin:/sbin

if docker info >/dev/null 2>&1; then
    DOCKER=docker exec "$@"
fi

if [ "${1:-}" != --inside ]; then
    if [ "$(id -u)" -ne 0 ] || ! [ -x /usr/bin/docker ] || ! command -v dockerd >/dev/null; then
        echo "with-engine.sh: no container engine runs, and none can be started here (that takes root, and Debian's docker.io)" >&2
        exit 69
    fi
    exec unshare --net --mount "$0" --inside "$@"
fi
shift

folder=$(mktemp -d /tmp/relayproxy-engine-XXXXXX)
stop() {
    kill "$engine" 2>/dev/null
    wait "$engine" 2>/dev/null
    umount -l "$folder"/exec/netns/* 2>/dev/null
    rm -rf "$folder"
}
ip link set lo up
dockerd --data-root "$folder/data" --exec-root "$folder/exec" --pidfile "$folder/pid" -H "unix://$folder/socket" >"$folder/log" 2>&1 &
engine=$!
trap stop EXIT
trap 'exit 130' INT TERM
export DOCKER=/usr/bin/docker DOCKER_HOST=unix://$folder/socket OWN_ENGINE=1
for _ in $(seq 300); do
    if "$DOCKER" info >/dev/null 2>&1; then break; fi
    if ! kill -0 "$engine" 2>/dev/null; then break; fi
    sleep 0.1
done
if ! "$DOCKER" info >/dev/null 2>&1; then
    echo "with-engine.sh: dockerd does not start here:" >&2
    tail -n 3 "$folder/log" >&2
    exit 69
fi

"$@"
