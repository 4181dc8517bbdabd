// Broker keys: identity, listeners, connections, requests, topic creation.
#include "broker/config/key_table.h"

namespace broker::config {

using namespace key_table;

namespace {

constexpr Row rows[] = {
    list("advertised.listeners", null)
        .acts("The addresses that clients are told to connect to; unset: what was bound."),
    class_name("alter.config.policy.class.name", null),
    boolean("auto.create.topics.enable", "true")
        .acts("Whether asking for the metadata of an unknown topic creates it."),
    int32("background.threads", "10").rule(at_least(1)).dynamic(),
    int32("broker.id", "-1")
        .in_development("1")
        .acts("The older name of node.id; both must agree."),
    string("broker.rack", null).acts("The rack that Metadata names for this broker."),
    list("config.providers", "").dynamic(),
    int64("connections.max.idle.ms", "600000")
        .acts("A connection that is silent for longer is closed."),
    class_name("create.topic.policy.class.name", null),
    int32("default.replication.factor", "1"),
    int32("delete.records.purgatory.purge.interval.requests", "1"),
    boolean("delete.topic.enable", "true").acts("Whether topics can be deleted."),
    int32("fetch.max.bytes", "57671680")
        .rule(at_least(1'024))
        .acts("The most bytes in one fetch answer."),
    int32("fetch.purgatory.purge.interval.requests", "1000"),
    string("listener.security.protocol.map",
           "SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT")
        .dynamic_per_broker()
        .acts("The security protocol of each listener name."),
    list("listeners", "PLAINTEXT://:9092")
        .in_development("PLAINTEXT://127.0.0.1:9092")
        .dynamic_per_broker()
        .acts("The addresses to listen on, as name://host:port; port 0 takes any free one."),
    int32("max.connection.creation.rate", "2147483647").rule(at_least(0)).dynamic(),
    int32("max.connections", "2147483647")
        .rule(at_least(0))
        .dynamic()
        .acts("The most connections at a time."),
    int32("max.connections.per.ip", "2147483647")
        .rule(at_least(0))
        .dynamic()
        .acts("The most connections at a time from one address."),
    string("max.connections.per.ip.overrides", "")
        .dynamic()
        .acts("The most connections from single addresses, as address:count."),
    int32("max.incremental.fetch.session.cache.slots", "1000")
        .rule(at_least(0))
        .acts("The most fetch sessions that are remembered."),
    int32("max.request.partition.size.limit", "2000")
        .rule(at_least(1))
        .acts("The most partitions in one answer of DescribeTopicPartitions."),
    int32("node.id", null).rule(at_least(0)).in_development("1").acts("The number of this broker."),
    int32("num.io.threads", "8").rule(at_least(1)).dynamic(),
    int32("num.network.threads", "3").rule(at_least(1)).dynamic(),
    int32("num.partitions", "1")
        .rule(at_least(1))
        .acts("Partitions of a topic created without saying how many."),
    int32("producer.purgatory.purge.interval.requests", "1000"),
    int64("queued.max.request.bytes", "-1")
        .in_development("536870912")
        .acts("The most memory for all requests at hand; -1 is no limit."),
    int32("queued.max.requests", "500").rule(at_least(1)),
    int32("request.timeout.ms", "30000"),
    int64("socket.connection.setup.timeout.max.ms", "30000"),
    int64("socket.connection.setup.timeout.ms", "10000"),
    int32("socket.listen.backlog.size", "50")
        .rule(at_least(1))
        .acts("Connections that may wait to be accepted."),
    int32("socket.receive.buffer.bytes", "102400"),
    int32("socket.request.max.bytes", "104857600")
        .rule(at_least(1))
        .acts("The largest request accepted."),
    int32("socket.send.buffer.bytes", "102400"),
};

}  // namespace

std::span<const Row> network_rows() { return rows; }

}  // namespace broker::config
