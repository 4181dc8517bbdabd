// Broker keys: consumer, share and streams groups, offsets, transactions.
#include "broker/config/key_table.h"

namespace broker::config {

using namespace key_table;

namespace {

constexpr Row rows[] = {
    int32("add.partitions.to.txn.retry.backoff.max.ms", "100").rule(at_least(0)),
    int32("add.partitions.to.txn.retry.backoff.ms", "20").rule(at_least(1)),
    int32("group.consumer.assignment.interval.ms", "1000")
        .rule(at_least(0))
        .in_development("0")
        .dynamic()
        .acts("The least time between two assignments of a consumer group."),
    boolean("group.consumer.assignor.offload.enable", "true").dynamic().hidden(),
    list("group.consumer.assignors", "uniform,range")
        .rule(each_of("uniform,range"))
        .acts("The assignors of consumer groups; the first is the default."),
    int32("group.consumer.heartbeat.interval.ms", "5000")
        .rule(at_least(1))
        .in_development("500")
        .acts("How often members of consumer groups are told to send heartbeats."),
    int32("group.consumer.max.assignment.interval.ms", "15000").rule(at_least(0)),
    int32("group.consumer.max.heartbeat.interval.ms", "15000").rule(at_least(1)),
    int32("group.consumer.max.session.timeout.ms", "60000").rule(at_least(1)),
    int32("group.consumer.max.size", "2147483647")
        .rule(at_least(1))
        .acts("The most members in a consumer group."),
    string("group.consumer.migration.policy", "bidirectional")
        .rule(one_of_any_case("DISABLED,DOWNGRADE,UPGRADE,BIDIRECTIONAL"))
        .acts("Whether groups with members change their protocol."),
    int32("group.consumer.min.assignment.interval.ms", "0").rule(at_least(0)),
    int32("group.consumer.min.heartbeat.interval.ms", "5000")
        .rule(at_least(1))
        .in_development("50"),
    int32("group.consumer.min.session.timeout.ms", "45000").rule(at_least(1)).in_development("500"),
    int32("group.consumer.regex.refresh.interval.ms", "600000")
        .rule(at_least(10'000))
        .hidden()
        .acts("How often regular expressions of consumer groups are resolved anew."),
    int32("group.consumer.session.timeout.ms", "45000")
        .rule(at_least(1))
        .in_development("10000")
        .acts("How long a member of a consumer group may be silent."),
    int32("group.coordinator.append.linger.ms", "-1").rule(at_least(-1)),
    int32("group.coordinator.background.threads", "2").rule(at_least(1)),
    int32("group.coordinator.cached.buffer.max.bytes", "1048588").rule(at_least(524'288)).dynamic(),
    list("group.coordinator.rebalance.protocols", "classic,consumer,streams")
        .rule(each_of("consumer,classic,share,streams"))
        .acts("Whether consumer and streams groups are served."),
    int32("group.coordinator.threads", "4").rule(at_least(1)),
    int32("group.initial.rebalance.delay.ms", "3000")
        .in_development("0")
        .acts("How long the first rebalance of an empty group waits for more members."),
    int32("group.max.session.timeout.ms", "1800000")
        .acts("The longest session timeout a classic group member may ask for."),
    int32("group.max.size", "2147483647")
        .rule(at_least(1))
        .acts("The most members in a classic group."),
    int32("group.min.session.timeout.ms", "6000")
        .in_development("100")
        .acts("The shortest session timeout a classic group member may ask for."),
    int32("group.share.assignment.interval.ms", "1000")
        .rule(at_least(0))
        .in_development("0")
        .dynamic()
        .acts("The least time between two assignments of a share group."),
    boolean("group.share.assignor.offload.enable", "true").dynamic().hidden(),
    list("group.share.assignors", "simple"),
    int32("group.share.delivery.count.limit", "5")
        .rule(between(2, 10))
        .acts("How often a share group may get a record before it is given up."),
    string("group.share.dlq.manager.class.name",
           "org.apache.kafka.server.share.dlq.DefaultShareGroupDLQManager")
        .hidden(),
    int32("group.share.heartbeat.interval.ms", "5000")
        .rule(at_least(1))
        .in_development("500")
        .acts("How often members of share groups are told to send heartbeats."),
    int32("group.share.initialize.retry.interval.ms", "30000")
        .rule(at_least(1))
        .hidden()
        .acts("After how long a share group's state that has not been made is asked for again."),
    int32("group.share.max.assignment.interval.ms", "15000").rule(at_least(0)),
    int32("group.share.max.delivery.count.limit", "10").rule(between(5, 25)),
    int32("group.share.max.heartbeat.interval.ms", "15000").rule(at_least(1)),
    int32("group.share.max.partition.max.record.locks", "4000").rule(between(2'000, 10'000)),
    int32("group.share.max.record.lock.duration.ms", "60000").rule(between(30'000, 3'600'000)),
    int32("group.share.max.session.timeout.ms", "60000").rule(at_least(1)),
    int32("group.share.max.share.sessions", "2000")
        .rule(at_least(1))
        .acts("The most members of share groups that may fetch at a time."),
    int32("group.share.max.size", "200")
        .rule(between(1, 1'000))
        .acts("The most members in a share group."),
    int32("group.share.min.assignment.interval.ms", "0").rule(at_least(0)),
    int32("group.share.min.delivery.count.limit", "2").rule(between(2, 5)),
    int32("group.share.min.heartbeat.interval.ms", "5000").rule(at_least(1)).in_development("50"),
    int32("group.share.min.partition.max.record.locks", "100").rule(between(100, 2'000)),
    int32("group.share.min.record.lock.duration.ms", "15000")
        .rule(between(1'000, 30'000))
        .in_development("100"),
    int32("group.share.min.session.timeout.ms", "45000").rule(at_least(1)),
    int32("group.share.partition.max.record.locks", "2000")
        .rule(between(100, 10'000))
        .acts("The most records of a partition that a share group has in flight."),
    string("group.share.persister.class.name",
           "org.apache.kafka.server.share.persister.DefaultStatePersister")
        .hidden(),
    int32("group.share.record.lock.duration.ms", "30000")
        .rule(between(1'000, 3'600'000))
        .acts("For how long a member of a share group has a record to itself."),
    int32("group.share.session.timeout.ms", "45000")
        .rule(at_least(1))
        .acts("How long a member of a share group may be silent."),
    int64("group.streams.acceptable.recovery.lag", "10000")
        .rule(at_least(0))
        .hidden()
        .acts("How far the state of a task may be behind: told to members."),
    int32("group.streams.assignment.interval.ms", "1000")
        .rule(at_least(0))
        .in_development("0")
        .dynamic()
        .acts("The least time between two assignments of a streams group."),
    boolean("group.streams.assignor.offload.enable", "true").dynamic().hidden(),
    list("group.streams.assignors", "sticky").rule(distinct),
    int32("group.streams.heartbeat.interval.ms", "5000")
        .rule(at_least(1))
        .in_development("500")
        .acts("How often members of a streams group are told to send heartbeats."),
    int32("group.streams.initial.rebalance.delay.ms", "3000")
        .rule(at_least(0))
        .in_development("0")
        .acts("How long the first assignment of a streams group waits for more members."),
    int32("group.streams.max.assignment.interval.ms", "15000").rule(at_least(0)),
    int32("group.streams.max.heartbeat.interval.ms", "15000").rule(at_least(1)),
    int32("group.streams.max.session.timeout.ms", "60000").rule(at_least(1)),
    int32("group.streams.max.size", "2147483647")
        .rule(at_least(1))
        .acts("The most members in a streams group."),
    int32("group.streams.max.standby.replicas", "2").rule(at_least(0)),
    int32("group.streams.max.warmup.replicas", "20").rule(at_least(0)).hidden(),
    int32("group.streams.min.assignment.interval.ms", "0").rule(at_least(0)),
    int32("group.streams.min.heartbeat.interval.ms", "5000").rule(at_least(1)).in_development("50"),
    int32("group.streams.min.session.timeout.ms", "45000").rule(at_least(1)).in_development("500"),
    int32("group.streams.min.task.offset.interval.ms", "15000").rule(at_least(1)).hidden(),
    int32("group.streams.num.standby.replicas", "0")
        .rule(at_least(0))
        .acts("Standby copies of the state of each task of a streams group."),
    int32("group.streams.num.warmup.replicas", "2").rule(at_least(0)).hidden(),
    list("group.streams.rack.aware.assignment.tags", "")
        .rule(distinct)
        .acts("Client tags that members of a streams group are told to have."),
    int32("group.streams.session.timeout.ms", "45000")
        .rule(at_least(1))
        .in_development("10000")
        .acts("How long a member of a streams group may be silent."),
    int32("group.streams.task.offset.interval.ms", "60000")
        .rule(at_least(1))
        .hidden()
        .acts(
            "How often members of a streams group are told to say how far their tasks have come."),
    class_name("group.streams.topology.description.plugin.class", null)
        .rule(one_of(",org.apache.kafka.server.streams.InMemoryTopologyDescriptionPlugin"))
        .in_development("org.apache.kafka.server.streams.InMemoryTopologyDescriptionPlugin")
        .acts("Whether streams groups are asked for descriptions of their topologies."),
    int32("offset.metadata.max.bytes", "4096")
        .acts("The longest metadata text committed with an offset."),
    int32("offsets.commit.timeout.ms", "5000").rule(at_least(1)),
    int32("offsets.load.buffer.size", "5242880").rule(at_least(1)),
    int64("offsets.retention.check.interval.ms", "600000")
        .rule(at_least(1))
        .acts("How often committed offsets are checked for expiry."),
    int32("offsets.retention.minutes", "10080")
        .rule(at_least(1))
        .acts("Minutes that offsets outlive the last member of their group."),
    int32("offsets.topic.compression.codec", "0"),
    int32("offsets.topic.num.partitions", "50")
        .rule(at_least(1))
        .acts("Partitions of the offsets topic."),
    int16("offsets.topic.replication.factor", "3").rule(at_least(1)).in_development("1"),
    int32("offsets.topic.segment.bytes", "104857600")
        .rule(at_least(1))
        .acts("Segment size of the offsets topic."),
    int32("share.coordinator.append.linger.ms", "-1").rule(at_least(-1)),
    int32("share.coordinator.cached.buffer.max.bytes", "1048588").rule(at_least(524'288)).dynamic(),
    int32("share.coordinator.cold.partition.snapshot.interval.ms", "300000")
        .rule(at_least(1))
        .hidden()
        .acts("After how long the state of an idle share-partition is written anew."),
    int32("share.coordinator.load.buffer.size", "5242880").rule(at_least(1)),
    int32("share.coordinator.snapshot.update.records.per.snapshot", "500")
        .rule(between(0, 500))
        .acts("Updates of a share-partition's state between two snapshots of it."),
    int32("share.coordinator.state.topic.compression.codec", "0"),
    int16("share.coordinator.state.topic.min.isr", "2").rule(at_least(1)).in_development("1"),
    int32("share.coordinator.state.topic.num.partitions", "50")
        .rule(at_least(1))
        .acts("Partitions of the share state topic."),
    int32("share.coordinator.state.topic.prune.interval.ms", "300000")
        .rule(at_least(1))
        .hidden()
        .acts("How often what is redundant in the share state topic is cut off."),
    int16("share.coordinator.state.topic.replication.factor", "3")
        .rule(at_least(1))
        .in_development("1"),
    int32("share.coordinator.state.topic.segment.bytes", "104857600")
        .rule(at_least(1))
        .acts("Segment size of the share state topic."),
    int32("share.coordinator.threads", "1").rule(at_least(1)),
    int32("share.coordinator.write.timeout.ms", "5000").rule(at_least(1)),
    int32("share.fetch.purgatory.purge.interval.requests", "1000"),
    int32("transaction.abort.timed.out.transaction.cleanup.interval.ms", "10000").rule(at_least(1)),
    int32("transaction.max.timeout.ms", "900000")
        .rule(at_least(1))
        .acts("The longest transaction timeout a producer may ask for."),
    boolean("transaction.partition.verification.enable", "true")
        .dynamic()
        .acts("Whether a transactional batch outside of an open transaction is refused."),
    int32("transaction.remove.expired.transaction.cleanup.interval.ms", "3600000")
        .rule(at_least(1)),
    int32("transaction.state.log.load.buffer.size", "5242880").rule(at_least(1)),
    int32("transaction.state.log.min.isr", "2").rule(at_least(1)).in_development("1"),
    int32("transaction.state.log.num.partitions", "50")
        .rule(at_least(1))
        .acts("Partitions of the transaction topic."),
    int16("transaction.state.log.replication.factor", "3").rule(at_least(1)).in_development("1"),
    int32("transaction.state.log.segment.bytes", "104857600")
        .rule(at_least(1))
        .acts("Segment size of the transaction topic."),
    boolean("transaction.two.phase.commit.enable", "false")
        .acts("Whether a transaction may be prepared and outlive its timeout."),
    int32("transactional.id.expiration.ms", "604800000")
        .rule(at_least(1))
        .acts("A transactional id unused for longer is forgotten."),
};

}  // namespace

std::span<const Row> coordinator_rows() { return rows; }

}  // namespace broker::config
