#!/usr/bin/env bash
# Make .venv with a Python that is new enough, and install this package into it, editable:
# make_venv.sh '.[test]'. An environment that is there and works is kept.
set -euo pipefail

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    local name
    for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 /usr/bin/python3; do
        if new_enough "$name"; then
            echo "$name"
            return
        fi
    done
    echo "dstui needs Python 3.11 or newer: install one, or name it (make PYTHON=/path/to/python3)" >&2
    return 1
}

create() {
    "$1" -m venv --clear .venv >/dev/null 2>&1
}

if ! new_enough .venv/bin/python || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    python=$(find_python)
    echo "Making .venv with $("$python" --version)"
    if ! create "$python"; then
        package=$("$python" -c 'import sys; print("python3.%d-venv" % sys.version_info[1])')
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            apt-get update -qq
            apt-get install -y -qq --no-install-recommends "$package" >/dev/null
            create "$python"
        else
            echo "This Python cannot make environments: sudo apt install $package" >&2
            exit 1
        fi
    fi
fi

echo "Installing dstui into .venv"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --editable "$1"
