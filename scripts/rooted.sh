#!/bin/sh
# Run a command, as root, in another Debian root with a network and mounts of its own:
# `rooted.sh ROOT HOME COMMAND ...`. HOME is at the same path in there. All of it ends with the
# command, and nothing is left in ROOT.
set -eu
exec unshare --net --mount --propagation private -- sh -euc '
    root=$1 home=$2
    shift 2
    ip link set lo up
    mount --bind "$root" "$root" # dockerd unpacks in a root of its own, which has to be a mount
    for directory in proc sys dev; do
        mount --rbind "/$directory" "$root/$directory"
    done
    for directory in run tmp var/lib/docker var/lib/containers; do
        mkdir -p "$root/$directory"
        mount -t tmpfs tmpfs "$root/$directory"
    done
    mkdir -p "$root$home"
    mount --bind "$home" "$root$home"
    exec chroot "$root" "$@"
' sh "$@"
