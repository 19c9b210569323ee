#!/bin/sh
# Run a command, as root, with a network of its own and with directories of its own where engines
# keep what belongs to the machine: `isolated.sh COMMAND ...`. All of it ends with the command.
set -eu

if [ "$(id -u)" != 0 ]; then
    exec "$@" # without root there is nothing of the machine that it could change
fi
exec unshare --net --mount --propagation private -- sh -euc '
    ip link set lo up
    for directory in /run /var/lib /var/tmp /dev/shm; do # sockets, leases, uploads, locks
        mount -t tmpfs -o mode=755 tmpfs $directory
    done
    mkdir -p /run/lock
    exec "$@"
' sh "$@"
