# Read by the benches with $root set: throw-away servers on loopback, their CPU seconds and memory, and an end to each.

work=$(mktemp -d)
started=
stop_all() { for pid in $started; do kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done; rm -rf "$work"; }
trap stop_all EXIT
trap 'exit 1' INT TERM

need() { command -v "$1" >/dev/null || { echo "needs $1: apt-get install $2" >&2; exit 2; }; }

# CPU seconds (user and system) of a process so far; its resident MiB now, and at most.
cpu() { awk -v hz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); print ($12 + $13) / hz }' "/proc/$1/stat"; }
rss() { awk '/^VmRSS/ { printf "%.0f", $2 / 1024 }' "/proc/$1/status"; }
peak() { awk '/^VmHWM/ { printf "%.0f", $2 / 1024 }' "/proc/$1/status"; }

wait_for() { for _ in $(seq 300); do curl -sf -o /dev/null "$1" && return 0; sleep 0.1; done; echo "$1 does not answer" >&2; exit 1; }

# us PORT [OPTION...]: serves from the release build, the pages thrown away; sets $us.
us() {
    port=$1; shift
    "$root/pipeline" serve --urls "http://127.0.0.1:$port" --data "$work/us-$port" "$@" >"$work/us.out" 2>"$work/us.err" &
    us=$!
    started="$started $us"
    wait_for "http://127.0.0.1:$port/readyz"
}

machine() {
    echo "machine: $(nproc) cores, $(awk '/MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo), $(. /etc/os-release; echo "$PRETTY_NAME"), load before $(cut -d' ' -f1 /proc/loadavg)"
}
