# The reference: a real Apache Kafka (KRaft, one node, combined roles) that starts and stops like
# the broker under test, so that each suite can be run against both. Sourced by broker.sh.
# Its version, and that of its tools, are in kafka/pom.xml.

kafka_classpath() { fetched_classpath server; }

# Of the command-line tools, org.apache.kafka.tools.*, and of the clients that they bring.
kafka_tools_classpath() { fetched_classpath tools; }

# fetched_classpath PROFILE: of kafka/pom.xml.
fetched_classpath() {
  local file=$cache_dir/kafka/$1.classpath
  once "$cache_dir/kafka/$1.fetched" "$interop_dir/lib/kafka/pom.xml" -- \
    mvn -q -B -f "$interop_dir/lib/kafka/pom.xml" -P "$1" dependency:build-classpath \
    -Dmdep.outputFile="$file" || return 1
  cat "$file"
}

free_port() {
  python3 -c 'import socket
with socket.create_server(("127.0.0.1", 0)) as listener:
    print(listener.getsockname()[1])'
}

# kafka_properties DIR PORT: a server.properties whose waits are as short as the tests want them.
# Kafka looks for expired transactions at an interval; 100 ms comes close to exact expiry.
kafka_properties() {
  local controller_port
  controller_port=$(free_port)
  cat <<PROPERTIES
log.retention.ms=-1
log.cleaner.backoff.ms=200
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller_port
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:$2,CONTROLLER://127.0.0.1:$controller_port
log.dirs=$(log_dirs "$1")
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
transaction.abort.timed.out.transaction.cleanup.interval.ms=100
$(printf '%s\n' "${broker_settings[@]}")
PROPERTIES
}

# kafka_launch DIR PORT LOG: formats the directory on its first use, then starts the server in the
# background; its process id is left in broker_pid.
kafka_launch() {
  local classpath
  classpath=$(kafka_classpath) || return 1
  if [[ ! -e $1/server.properties ]]; then
    kafka_properties "$1" "$2" >"$1/server.properties"
    java -cp "$classpath" kafka.tools.StorageTool format -c "$1/server.properties" \
      -t AAAAAAAAAAAAAAAAAAAAAQ >>"$3" 2>&1 || return 1
  fi
  # Started often and for short: by default a JVM that is quick to start rather than fast.
  java ${KAFKA_JVM:--Xmx768m -XX:+UseSerialGC -XX:TieredStopAtLevel=1} \
    -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp "$classpath" \
    kafka.Kafka "$1/server.properties" >>"$3" 2>&1 &
  broker_pid=$!
}
