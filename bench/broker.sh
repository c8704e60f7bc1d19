#!/bin/sh
# What RabbitMQ carries through our parts alone: starts Debian's on loopback with everything of its own, measures, ends it by its id.
set -eu
cd "$(dirname "$(readlink -f "$0")")/.."
R=$(mktemp -d) PORT=${PORT:-45681}
mkdir "$R/home"
printf PIPELINEBENCH >"$R/home/.erlang.cookie"
chmod 400 "$R/home/.erlang.cookie"
echo '[rabbitmq_consistent_hash_exchange].' >"$R/enabled_plugins"
echo "listeners.tcp.1 = 127.0.0.1:$PORT" >"$R/rabbitmq.conf"
epmd -address 127.0.0.1 -port $((PORT + 2)) &
epmd=$!
trap 'kill -9 $(cat "$R/pid" 2>/dev/null) $epmd 2>/dev/null || :; rm -rf "$R"' EXIT
(
  export HOME="$R/home" RABBITMQ_BASE="$R" RABBITMQ_NODENAME="bench$PORT@localhost" RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 RABBITMQ_NODE_PORT="$PORT" \
    RABBITMQ_DIST_PORT=$((PORT + 1)) RABBITMQ_MNESIA_BASE="$R/mnesia" RABBITMQ_LOG_BASE="$R/log" RABBITMQ_PID_FILE="$R/pid" \
    RABBITMQ_CONF_ENV_FILE=/dev/null RABBITMQ_ENABLED_PLUGINS_FILE="$R/enabled_plugins" RABBITMQ_CONFIG_FILE="$R/rabbitmq.conf" \
    ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT=$((PORT + 2)) RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1}'
  S=$(echo /usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin)
  "$S/rabbitmq-server" >"$R/stdout" 2>&1 </dev/null &
  while [ ! -s "$R/pid" ]; do sleep 0.2; done
  "$S/rabbitmqctl" wait --timeout 60 "$R/pid" >/dev/null && "$S/rabbitmqctl" await_startup >/dev/null
)
dotnet "${BENCH:-bench/Bench/bin/Release/net10.0/Bench.dll}" broker "amqp://127.0.0.1:$PORT"
