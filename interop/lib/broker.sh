# Starts and stops the broker that a suite talks to. Sourced.
#   BROKER=einmal (default) runs the binary named by EINMAL (default: build/einmal);
#   BROKER=kafka runs a real Apache Kafka instead, to tell a client's ways from a broker's faults.

source "$(dirname "${BASH_SOURCE[0]}")/cache.sh"
source "$interop_dir/lib/kafka.sh"

BROKER=${BROKER:-einmal}
EINMAL=${EINMAL:-$interop_dir/../build/einmal}
broker_pid=
broker_dir=
# What a suite wants of either broker, before it starts one: KEY=VALUE of Kafka's configs.
broker_settings=()
# How many log.dirs it has. The first is `data` in its directory, the others are data2, data3, ...
broker_log_dirs=1

# start_broker [DIR]: runs the broker on DIR (default: a new temporary directory, removed by
# stop_broker) and a port of its choice, and returns when it serves. Sets and exports
# EINMAL_BOOTSTRAP, and EINMAL_LOG for einmal's log; leaves the process id in broker_pid. Restarting
# on a DIR keeps its port.
start_broker() {
  if [[ -n ${1:-} ]]; then
    broker_dir=$1 broker_dir_is_temporary=
  else
    broker_dir=$(mktemp -d) broker_dir_is_temporary=yes
  fi
  local port=0
  if [[ -e $broker_dir/port ]]; then port=$(<"$broker_dir/port"); fi
  "start_$BROKER" "$port" && wait_until_serving || {
    echo "the broker did not start; its log ends with:" >&2
    tail -n 20 "$broker_dir/log" >&2
    return 1
  }
  export EINMAL_BOOTSTRAP=127.0.0.1:$(<"$broker_dir/port")
}

# log_dirs DIR: the value of log.dirs for a broker whose directory this is.
log_dirs() {
  local dirs=$1/data number
  for ((number = 2; number <= broker_log_dirs; number++)); do dirs+=,$1/data$number; done
  echo "$dirs"
}

# The records of some tests have times of years ago: retention would take them before they are read.
# Compaction is to come within a test.
start_einmal() {
  rm -f "$broker_dir/port"
  "$EINMAL" --listen "127.0.0.1:$1" --data-dir "$(log_dirs "$broker_dir")" \
    --port-file "$broker_dir/port" -c log.retention.ms=-1 -c log.cleaner.backoff.ms=200 \
    "${broker_settings[@]/#/-c}" >>"$broker_dir/log" 2>&1 &
  broker_pid=$!
  export EINMAL_LOG=$broker_dir/log
}

start_kafka() {
  local port=$1
  if [[ $port == 0 ]]; then port=$(free_port); fi
  kafka_launch "$broker_dir" "$port" "$broker_dir/log" || return 1
  echo "$port" >"$broker_dir/port"
}

# einmal writes its port file when it is ready; Kafka's file is there from the start, so the port
# is tried, too.
wait_until_serving() {
  local deadline=$((SECONDS + 60))
  while ((SECONDS < deadline)); do
    if ! kill -0 "$broker_pid" 2>/dev/null; then return 1; fi
    if [[ -s $broker_dir/port ]] && (: >"/dev/tcp/127.0.0.1/$(<"$broker_dir/port")") 2>/dev/null
    then
      return
    fi
    sleep 0.02
  done
  return 1
}

# stop_broker: asks it to stop, insists after ten seconds, and removes a temporary directory.
stop_broker() {
  if [[ -z $broker_pid ]]; then return; fi
  local deadline=$((SECONDS + 10))
  kill "$broker_pid" 2>/dev/null || true
  while kill -0 "$broker_pid" 2>/dev/null && ((SECONDS < deadline)); do sleep 0.02; done
  kill_broker
  if [[ -n $broker_dir_is_temporary ]]; then rm -rf "$broker_dir"; fi
}

# kill_broker: ends it as a crash does; its directory stays.
kill_broker() {
  kill -9 "$broker_pid" 2>/dev/null || true
  wait "$broker_pid" 2>/dev/null || true
  broker_pid=
}

# need_broker: what a suite's `run` calls. Uses the broker at EINMAL_BOOTSTRAP if that is set;
# otherwise starts one that lives as long as the calling script.
need_broker() {
  if [[ -n ${EINMAL_BOOTSTRAP:-} ]]; then return; fi
  trap stop_broker EXIT
  start_broker
}
