#!/bin/sh
# Append and read figures of each store through the same port: bench/stores.sh [sqlite] [postgres] [esdb://...]
# Takes a minute a store. PostgreSQL is a throw-away one on loopback, fsync on, as Debian configures it; needs its package.
set -eu
root=$(dirname "$(readlink -f "$0")")/..
. "$root/bench/common.sh"

postgres() {
    bin=/usr/lib/postgresql/15/bin port=5499 as=
    need "$bin/postgres" postgresql
    mkdir -p "$work/postgres"
    if [ "$(id -u)" = 0 ]; then chmod 755 "$work"; chown postgres "$work/postgres"; as="setpriv --reuid=postgres --regid=postgres --init-groups"; fi
    (cd "$work/postgres" && $as "$bin/initdb" -D "$work/postgres/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 >/dev/null)
    (cd "$work/postgres" && exec $as "$bin/postgres" -D "$work/postgres/data" -h 127.0.0.1 -p $port -k "$work/postgres") 2>"$work/postgres.log" &
    started="$started $!"
    for _ in $(seq 100); do $as "$bin/pg_isready" -q -h 127.0.0.1 -p $port && break; sleep 0.1; done
    address=postgres://postgres@127.0.0.1:$port/postgres
}

addresses=
for store in ${*:-sqlite postgres}; do
    if [ "$store" = postgres ]; then postgres; else address=$store; fi
    addresses="$addresses $address"
done
machine
# shellcheck disable=SC2086  # one word an address
dotnet "$root/bench/Bench/bin/Release/net10.0/Bench.dll" stores $addresses
