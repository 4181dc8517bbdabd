// Keys of einmal's own, for what Kafka has no key for.
#include "broker/config/broker_config.h"
#include "broker/config/key_table.h"

namespace broker::config {

using namespace key_table;

namespace {

constexpr Row rows[] = {
    string("einmal.cluster.id", null)
        .acts("The cluster id of a new data directory; an existing one keeps its own."),
    int64("einmal.config.bytes.max", "67108864")
        .rule(at_least(0))
        .acts("The most memory for all configs set while the broker ran, and for all ACLs."),
    string("einmal.fsync", "never")
        .rule(one_of("never,interval,always"))
        .acts("When appends are synced to disk; always: before a client is told of them."),
    int32("einmal.fsync.interval.ms", "1000")
        .rule(at_least(1))
        .acts("How often einmal.fsync=interval syncs what was appended."),
    int32("einmal.partition.count.max", "100000")
        .rule(at_least(1))
        .acts("The most partitions over all topics; more are refused."),
    int64("einmal.seed", null)
        .rule(at_least(0))
        .acts("Makes all random choices repeatable; unset, they come from the system."),
    int32("einmal.request.array.elements.max", "1000000")
        .rule(at_least(1))
        .acts("The most elements that an array of a request may have; more close the connection."),
    int32("einmal.threads", "1")
        .rule(between(1, thread_count_max))
        .acts("The number of threads that serve connections and partitions."),
};

}  // namespace

std::span<const Row> own_rows() { return rows; }

}  // namespace broker::config
