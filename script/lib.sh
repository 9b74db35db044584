# shellcheck shell=bash
# What the scripts share; sourced, not run.
# shellcheck disable=SC2034 # its variables are used by those that source it

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 1
cores=$(nproc 2>/dev/null || echo 2)
started=$SECONDS

say() { # a progress line with the time since the start
    printf '[%3d s] %s\n' "$((SECONDS - started))" "$*"
}

complain() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
}

die() {
    complain "$@"
    exit 1
}

# The comment at the top of the script that is running is its help.
help_if_asked() {
    case ${1:-} in
    -h | --help)
        sed -n '2,/^[^#]/{s/^# \{0,1\}//p}' "$0"
        exit 0
        ;;
    esac
}

# configure FOLDER OPTION…: sets a build folder up, or changes the options of the one that is there.
configure() {
    local folder=$1
    shift
    local log=$folder.log
    if [ -f "$folder/build.ninja" ] && meson configure "$folder" "$@" >"$log" 2>&1; then
        rm -f "$log"
        return 0
    fi
    rm -rf "$folder"
    if ! meson setup "$folder" "$@" >"$log" 2>&1; then
        tail -n 30 "$log" >&2
        return 1
    fi
    rm -f "$log"
}

# compile FOLDER [TARGET…]: shows ninja's output only when something is wrong or warned of.
compile() {
    local folder=$1
    shift
    local log=$folder/compile.log
    if ! ninja -C "$folder" "$@" >"$log" 2>&1; then
        if grep -q "^FAILED" "$log"; then
            sed -n "/^FAILED/,\$p" "$log" | head -n 120 >&2
        else
            tail -n 40 "$log" >&2
        fi
        return 1
    fi
    { grep -A4 -E 'warning:' "$log" || true; } | grep -v -E '^\[[0-9]+/' || true
}
