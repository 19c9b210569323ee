#!/usr/bin/env bash
# Install the programs that the tests run. Without root or apt it says which are missing: their
# tests are then skipped, or with CI=true fail.
set -euo pipefail

missing=()

need() { # PACKAGE, then a command that succeeds when it is there
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || missing+=("$package")
}

static_busybox() {
    local path
    path=$(command -v busybox) && ! grep -q 'ld-linux\|ld-musl' <(head -c 4096 "$path")
}

need docker.io command -v dockerd
need docker-registry command -v docker-registry
need busybox-static static_busybox
need podman command -v podman
need tmux command -v tmux
need git command -v git
need gcc command -v gcc
need libc6-dev test -e /usr/include/stdio.h
need iproute2 command -v ip
need iptables command -v iptables

if [ ${#missing[@]} = 0 ]; then
    exit 0
fi

go_on_without() {
    echo "Not installed: ${missing[*]} (Debian's names of the packages). $1" >&2
    [ "${CI:-}" != true ] # in CI that is a failure
    exit
}

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    go_on_without "The tests that need them are skipped."
fi

# A service that comes with a package is not to be started: the tests bring their own engine.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod +x $policy
    trap 'rm -f $policy' EXIT
fi

echo "Installing for the tests: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq || true # an old index may do
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
    go_on_without "apt could not install them."
