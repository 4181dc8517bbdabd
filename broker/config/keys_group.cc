// Group keys (KIP-848, KIP-932, KIP-1071), and the broker key that each takes its default from.
#include "broker/config/key_table.h"

namespace broker::config {

using namespace key_table;

namespace {

constexpr Row rows[] = {
    int32("consumer.assignment.interval.ms", "1000")
        .rule(at_least(0))
        .from("group.consumer.assignment.interval.ms"),
    boolean("consumer.assignor.offload.enable", "true")
        .from("group.consumer.assignor.offload.enable")
        .hidden(),
    int32("consumer.heartbeat.interval.ms", "5000")
        .rule(at_least(1))
        .from("group.consumer.heartbeat.interval.ms"),
    int32("consumer.session.timeout.ms", "45000")
        .rule(at_least(1))
        .from("group.consumer.session.timeout.ms"),
    boolean("errors.deadletterqueue.copy.record.enable", "false"),
    string("errors.deadletterqueue.topic.name", ""),
    int32("share.assignment.interval.ms", "1000")
        .rule(at_least(0))
        .from("group.share.assignment.interval.ms")
        .acts("The least time between two assignments of the group."),
    boolean("share.assignor.offload.enable", "true")
        .from("group.share.assignor.offload.enable")
        .hidden(),
    string("share.auto.offset.reset", "latest")
        .rule(auto_offset_reset)
        .acts("Where the group begins with a partition that it has never consumed."),
    int32("share.delivery.count.limit", "5")
        .rule(at_least(2))
        .from("group.share.delivery.count.limit")
        .acts("How often the group may get a record before it is given up."),
    int32("share.heartbeat.interval.ms", "5000")
        .rule(at_least(1))
        .from("group.share.heartbeat.interval.ms")
        .acts("How often the members are told to send heartbeats."),
    string("share.isolation.level", "read_uncommitted")
        .rule(one_of("read_committed,read_uncommitted"))
        .acts("Whether the group gets records of transactions that are open or aborted."),
    int32("share.partition.max.record.locks", "2000")
        .rule(at_least(100))
        .from("group.share.partition.max.record.locks")
        .acts("The most records of a partition that the group has in flight."),
    int32("share.record.lock.duration.ms", "30000")
        .rule(at_least(1'000))
        .from("group.share.record.lock.duration.ms")
        .acts("For how long a member has a record to itself."),
    boolean("share.renew.acknowledge.enable", "true")
        .acts("Whether members may have their records for longer."),
    int32("share.session.timeout.ms", "45000")
        .rule(at_least(1))
        .from("group.share.session.timeout.ms")
        .acts("How long a member may be silent."),
    int64("streams.acceptable.recovery.lag", "10000")
        .rule(at_least(0))
        .from("group.streams.acceptable.recovery.lag")
        .hidden()
        .acts("How far the state of a task may be behind: told to members."),
    int32("streams.assignment.interval.ms", "1000")
        .rule(at_least(0))
        .from("group.streams.assignment.interval.ms")
        .acts("The least time between two assignments of the group."),
    string("streams.assignor.name", "sticky")
        .from("group.streams.assignors")
        .acts("The task assignor of the group."),
    boolean("streams.assignor.offload.enable", "true")
        .from("group.streams.assignor.offload.enable")
        .hidden(),
    int32("streams.heartbeat.interval.ms", "5000")
        .rule(at_least(1))
        .from("group.streams.heartbeat.interval.ms")
        .acts("How often members of the group are told to send heartbeats."),
    int32("streams.initial.rebalance.delay.ms", "3000")
        .rule(at_least(0))
        .from("group.streams.initial.rebalance.delay.ms")
        .acts("How long the first assignment of the group waits for more members."),
    int32("streams.num.standby.replicas", "0")
        .rule(at_least(0))
        .from("group.streams.num.standby.replicas")
        .acts("Standby copies of the state of each task of the group."),
    int32("streams.num.warmup.replicas", "2")
        .rule(at_least(0))
        .from("group.streams.num.warmup.replicas")
        .hidden(),
    list("streams.rack.aware.assignment.tags", "")
        .rule(distinct)
        .from("group.streams.rack.aware.assignment.tags")
        .acts("Client tags that members of the group are told to have."),
    int32("streams.session.timeout.ms", "45000")
        .rule(at_least(1))
        .from("group.streams.session.timeout.ms")
        .acts("How long a member of the group may be silent."),
    int32("streams.task.offset.interval.ms", "60000")
        .rule(at_least(1))
        .from("group.streams.task.offset.interval.ms")
        .hidden()
        .acts("How often members of the group are told to say how far their tasks have come."),
};

}  // namespace

std::span<const Row> group_rows() { return rows; }

}  // namespace broker::config
