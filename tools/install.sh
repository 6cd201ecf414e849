#!/bin/sh
# Make the virtual environment from the locks: tools/install.sh LOCK...
# Whatever goes wrong ends in one sentence; the full record is kept in install.log.
# A stamp for each lock says that its install went through. The stamps are set aside meanwhile, so
# that an install cut short leaves none and the next call starts afresh.
set -u
cd "$(dirname "$0")/.." || exit 1

venv=${VENV:-.venv}
need_gb=${MIN_FREE_GB:-5}
log=install.log

fail() {
    printf 'make: %s\n' "$1" >&2
    exit 1
}

suitable() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null
}

find_python() {
    for candidate in ${PYTHON:-python3.11 python3.12 python3.13 python3}; do
        if suitable "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    for candidate in ${PYTHON:-python3 python}; do
        found=$("$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) &&
            fail "the book needs Python 3.11, 3.12 or 3.13, and $candidate is $found; install one of them, or name it: make PYTHON=/path/to/python3.12."
    done
    fail "the book needs Python 3.11, 3.12 or 3.13, and ${PYTHON:-python3} was not found or does not start; install one of them, or name it: make PYTHON=/path/to/python3.12."
}

# pip's own output goes to the log; the terminal shows which package is being fetched.
show_progress() {
    total=$1
    count=0
    while IFS= read -r line; do
        printf '%s\n' "$line" >>"$log"
        case $line in
        Collecting\ *|Processing\ *)
            count=$((count + 1))
            name=${line#* }
            name=${name%% *}
            printf '  fetching %d of %d: %s\n' "$count" "$total" "${name##*/}" ;;
        Requirement\ already\ *|Ignoring\ *)
            count=$((count + 1)) ;;
        Installing\ collected\ *)
            printf '  installing what was fetched\n' ;;
        esac
    done
}

set_stamps_aside() {
    mkdir -p "$venv/.aside" && mv "$venv"/.installed-* "$venv/.aside"
}

restore_stamps() {
    mv "$venv"/.aside/.installed-* "$venv" 2>/dev/null
}

explain() {
    # pip fetches everything before it changes anything: until then the old state is whole.
    grep -q '^Installing collected' "$log" || restore_stamps
    if grep -q 'No space left on device' "$log"; then
        fail "the disk filled up during the install; free about $need_gb GB and run the same command again (details: $log)."
    elif grep -q 'DO NOT MATCH THE HASHES' "$log"; then
        fail "the package index served a file that differs from the one the lock names; check the index that pip uses, or try again later (details: $log)."
    elif grep -qE 'Failed to establish|Connection|timed out|SSLError|ProxyError|\(from versions: none\)' "$log"; then
        fail "the package index could not be reached; check the network, or the proxy and index that pip is set to, and run the same command again (details: $log)."
    fi
    fail "pip could not install the packages; its last words are at the end of $log."
}

: >"$log" 2>/dev/null || fail "cannot write here ($PWD); check the permissions of this directory and the space on its disk."

if [ -f "$venv/.installed-requirements" ] && suitable "$venv/bin/python"; then
    set_stamps_aside
else
    python=$(find_python) || exit 1
    free_gb=$(($(df -Pk . | awk 'NR == 2 { print $4 }') / 1048576))
    [ "$free_gb" -ge "$need_gb" ] ||
        fail "the book needs $need_gb GB of free disk space, and $PWD has $free_gb GB; free some and run the same command again."
    "$python" -c 'import venv, ensurepip' 2>>"$log" ||
        fail "$python has no venv module; on Debian and Ubuntu, apt-get install python3-venv brings it."
    echo "Making $venv with $("$python" --version)"
    "$python" -m venv --clear "$venv" >>"$log" 2>&1 || explain
fi

echo "Installing $*: about 3 GB, some minutes the first time; the record is in $log"
total=$(cat "$@" | grep -c '^[a-z].*==')
requirements=$(printf -- ' -r %s' "$@")
{
    # Hashes are required, so that what is installed is what was tested. Bytecode is compiled
    # afterwards, on all cores, which pip cannot do.
    # shellcheck disable=SC2086
    PYTHONUNBUFFERED=1 "$venv/bin/python" -m pip install --disable-pip-version-check --no-input \
        --progress-bar off --no-compile --require-hashes $requirements 2>&1
    echo $? >"$venv/.status"
} | show_progress "$total"
[ "$(cat "$venv/.status")" = 0 ] || explain
"$venv/bin/python" -m pip install --disable-pip-version-check --no-input --no-deps \
    --no-build-isolation --no-index -e . >>"$log" 2>&1 || explain
echo "  compiling"
"$venv/bin/python" -m compileall -q -j 0 "$venv/lib" >/dev/null 2>&1

# In this environment's JupyterLab, a chapter opens as a notebook and not as text.
"$venv/bin/jupytext-config" --settings-file \
    "$venv/etc/jupyter/labconfig/default_setting_overrides.json" set-default-viewer markdown \
    >>"$log" 2>&1 || explain

restore_stamps
for lock in "$@"; do
    stamp=$venv/.installed-$(basename "$lock" .txt)
    [ -f "$stamp" ] || touch "$stamp" || fail "cannot write $stamp; check the space on the disk."
done
echo "Installed."
