#!/usr/bin/env bash
# Make a Debian root with the engines of a suite: `engine_root.sh SUITE DIRECTORY`. It takes the
# mirror of this machine, and is kept once it is whole. Needs root, debootstrap and some 900 MB.
set -euo pipefail

suite=$1 root=$2
[ -e "$root/.ready" ] && exit 0

command -v debootstrap >/dev/null || {
    echo "debootstrap is missing: sudo apt install debootstrap" >&2
    exit 1
}

mirror() { # the first that apt knows of, or debootstrap's own
    cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
        grep -oE '(https?|file)://[^] ]+/debian/?( |$)' | head -1
}

script=/usr/share/debootstrap/scripts/$suite
[ -e "$script" ] || script=/usr/share/debootstrap/scripts/sid # newer than this debootstrap

rm -rf "$root"
mkdir -p "$root"
# shellcheck disable=SC2046 # no mirror is no argument
debootstrap --variant=minbase "$suite" "$root" $(mirror || true) "$script" >"$root.log" 2>&1 || {
    tail -20 "$root.log" >&2
    exit 1
}
for more in /etc/apt/apt.conf.d/*; do # a proxy, for one
    [ -e "$root$more" ] || cp "$more" "$root$more"
done
packages=(docker.io docker-buildx iptables iproute2 ca-certificates podman fuse-overlayfs)
unshare --mount --propagation private -- sh -euc '
    mount -t proc proc "$1/proc"
    root=$1
    shift
    export DEBIAN_FRONTEND=noninteractive
    printf "#!/bin/sh\nexit 101\n" >"$root/usr/sbin/policy-rc.d"
    chmod +x "$root/usr/sbin/policy-rc.d"
    chroot "$root" apt-get update -qq
    chroot "$root" apt-get install -y -qq --no-install-recommends "$@"
' sh "$root" "${packages[@]}" >>"$root.log" 2>&1 || {
    tail -20 "$root.log" >&2
    exit 1
}
touch "$root/.ready"
