# Read by the benches after common.sh: a throw-away PostgreSQL (fsync on) and RabbitMQ on loopback, ended with the bench.

# postgres_up PORT: sets $postgres, an address without a database, $pg_port and $pg_pid.
postgres_up() {
    bin=/usr/lib/postgresql/15/bin
    [ -x $bin/postgres ] || { echo "needs PostgreSQL 15: apt-get install postgresql" >&2; exit 2; }
    as=; [ "$(id -u)" != 0 ] || as="setpriv --reuid=postgres --regid=postgres --init-groups"
    chmod 755 "$work"; mkdir "$work/pg"; [ -z "$as" ] || chown postgres "$work/pg"
    $as $bin/initdb -D "$work/pg/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 >"$work/pg.init" 2>&1
    $as $bin/postgres -D "$work/pg/data" -h 127.0.0.1 -p "$1" -k "$work/pg" >"$work/pg.out" 2>&1 &
    pg_pid=$!
    # Told to stop as usual it would wait for its clients to go.
    trap 'kill -INT $pg_pid 2>/dev/null; stop_all' EXIT
    started="$started $pg_pid"
    for _ in $(seq 100); do psql -h 127.0.0.1 -p "$1" -U postgres -qc 'SELECT 1' >/dev/null 2>&1 && break; sleep 0.1; done
    postgres="postgres://postgres@127.0.0.1:$1"
    pg_port=$1
}

# database NAME: a new one.
database() { psql -h 127.0.0.1 -p "$pg_port" -U postgres -qc "CREATE DATABASE $1"; }

# rabbit_up PORT: sets $rabbit, its address, and $rabbit_pid. Twenty ports on, its distribution; forty on, its epmd.
rabbit_up() {
    sbin=$(echo /usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin)
    [ -x "$sbin/rabbitmq-server" ] || { echo "needs RabbitMQ: apt-get install rabbitmq-server" >&2; exit 2; }
    mkdir -p "$work/rabbit/home"; echo PIPELINEBENCH >"$work/rabbit/home/.erlang.cookie"; chmod 400 "$work/rabbit/home/.erlang.cookie"
    echo '[rabbitmq_consistent_hash_exchange].' >"$work/rabbit/enabled_plugins"
    printf 'listeners.tcp.1 = 127.0.0.1:%s\n' "$1" >"$work/rabbit/rabbitmq.conf"
    rabbit_env="HOME=$work/rabbit/home RABBITMQ_BASE=$work/rabbit RABBITMQ_NODENAME=bench$1@localhost RABBITMQ_NODE_IP_ADDRESS=127.0.0.1
        RABBITMQ_NODE_PORT=$1 RABBITMQ_DIST_PORT=$(($1 + 20)) RABBITMQ_MNESIA_BASE=$work/rabbit/mnesia RABBITMQ_LOG_BASE=$work/rabbit/log
        RABBITMQ_PID_FILE=$work/rabbit/pid RABBITMQ_CONF_ENV_FILE=/dev/null RABBITMQ_ENABLED_PLUGINS_FILE=$work/rabbit/enabled_plugins
        RABBITMQ_CONFIG_FILE=$work/rabbit/rabbitmq.conf ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT=$(($1 + 40))"
    # Ours, so that it ends with us; the broker would start one that stays.
    /usr/bin/epmd -address 127.0.0.1 -port $(($1 + 40)) & started="$started $!"
    # shellcheck disable=SC2086  # one word a variable
    env $rabbit_env RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1}' "$sbin/rabbitmq-server" >"$work/rabbit.out" 2>&1 &
    started="$! $started"
    # shellcheck disable=SC2086
    env $rabbit_env "$sbin/rabbitmqctl" wait --timeout 60 "$work/rabbit/pid" >/dev/null && env $rabbit_env "$sbin/rabbitmqctl" await_startup >/dev/null
    rabbit=amqp://guest:guest@127.0.0.1:$1
    rabbit_pid=$(cat "$work/rabbit/pid")
    started="$rabbit_pid $started"
}

# CPU seconds of a process, of its children and of those that have ended.
cpu_tree() {
    awk -v of="$1" -v hz="$(getconf CLK_TCK)" '{ id = $1; sub(/.*\) /, ""); if ($2 == of) s += $12 + $13; if (id == of) s += $12 + $13 + $14 + $15 } END { print s / hz }' /proc/[0-9]*/stat 2>/dev/null
}
