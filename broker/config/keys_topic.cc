// Topic keys, and the broker key that each takes its default from.
#include "broker/config/key_table.h"

namespace broker::config {

using namespace key_table;

namespace {

constexpr Row rows[] = {
    list("cleanup.policy", "delete")
        .rule(each_of("compact,delete"))
        .from("log.cleanup.policy")
        .acts("delete lets old segments go, compact keeps the last record of each key."),
    int32("compression.gzip.level", "-1")
        .rule(gzip_level)
        .from("compression.gzip.level")
        .acts("The level of recompression with gzip; -1 is the codec's own."),
    int32("compression.lz4.level", "9")
        .rule(between(1, 17))
        .from("compression.lz4.level")
        .acts("The level at which batches are recompressed with lz4."),
    string("compression.type", "producer")
        .rule(one_of("uncompressed,zstd,lz4,snappy,gzip,producer"))
        .from("compression.type")
        .acts("The codec that batches are stored in; producer keeps each as it came."),
    int32("compression.zstd.level", "3")
        .rule(between(-131'072, 22))
        .from("compression.zstd.level")
        .acts("The level at which batches are recompressed with zstd."),
    int64("delete.retention.ms", "86400000")
        .rule(at_least(0))
        .from("log.cleaner.delete.retention.ms")
        .acts("How long tombstones and transaction markers stay after compaction."),
    boolean("errors.deadletterqueue.group.enable", "false"),
    int64("file.delete.delay.ms", "60000")
        .rule(at_least(0))
        .from("log.segment.delete.delay.ms")
        .acts("How long the files of deleted segments and topics stay."),
    int64("flush.messages", "9223372036854775807")
        .rule(at_least(1))
        .from("log.flush.interval.messages")
        .acts("Records in a partition after which it is synced to disk."),
    int64("flush.ms", "9223372036854775807")
        .rule(at_least(0))
        .from("log.flush.interval.ms")
        .acts("The longest that a record stays unsynced."),
    list("follower.replication.throttled.replicas", "").rule(replicas),
    int32("index.interval.bytes", "4096")
        .rule(at_least(0))
        .from("log.index.interval.bytes")
        .acts("Log bytes between two entries of the offset index."),
    int32("internal.segment.bytes", null).hidden(),
    list("leader.replication.throttled.replicas", "").rule(replicas),
    int64("local.retention.bytes", "-2").rule(at_least(-2)).from("log.local.retention.bytes"),
    int64("local.retention.ms", "-2").rule(at_least(-2)).from("log.local.retention.ms"),
    int64("max.compaction.lag.ms", "9223372036854775807")
        .rule(at_least(1))
        .from("log.cleaner.max.compaction.lag.ms")
        .acts("The longest that a record stays out of compaction."),
    int32("max.decompressed.message.bytes", "2147483639")
        .rule(between(1, 2'147'483'639))
        .from("max.decompressed.message.bytes")
        .acts("The largest record accepted out of a compressed batch."),
    int32("max.message.bytes", "1048588")
        .rule(at_least(0))
        .from("message.max.bytes")
        .acts("The largest batch accepted."),
    int64("message.timestamp.after.max.ms", "3600000")
        .rule(at_least(0))
        .from("log.message.timestamp.after.max.ms")
        .acts("How far in the future a record's timestamp may lie."),
    int64("message.timestamp.before.max.ms", "9223372036854775807")
        .rule(at_least(0))
        .from("log.message.timestamp.before.max.ms")
        .acts("How far in the past a record's timestamp may lie."),
    string("message.timestamp.type", "CreateTime")
        .rule(one_of("CreateTime,LogAppendTime"))
        .from("log.message.timestamp.type")
        .acts("Whether timestamps are the producer's or the append's."),
    real("min.cleanable.dirty.ratio", "0.5")
        .rule(between(0, 1))
        .from("log.cleaner.min.cleanable.ratio")
        .acts("The part of a log that is not compacted yet, from which on it is."),
    int64("min.compaction.lag.ms", "0")
        .rule(at_least(0))
        .from("log.cleaner.min.compaction.lag.ms")
        .acts("The shortest that a record stays out of compaction."),
    int32("min.insync.replicas", "1")
        .rule(at_least(1))
        .from("min.insync.replicas")
        .acts(
            "The replicas in sync without which acks=all is refused, as far as there are so many."),
    boolean("preallocate", "false").from("log.preallocate"),
    int64("remote.copy.lag.bytes", "-1").rule(at_least(-1)).from("log.remote.copy.lag.bytes"),
    int64("remote.copy.lag.ms", "0").rule(at_least(-1)).from("log.remote.copy.lag.ms"),
    boolean("remote.log.copy.disable", "false"),
    boolean("remote.log.delete.on.disable", "false"),
    boolean("remote.storage.enable", "false"),
    int64("retention.bytes", "-1")
        .from("log.retention.bytes")
        .acts("The size of a partition above which its oldest segments go; -1: none."),
    int64("retention.ms", "604800000")
        .rule(at_least(-1))
        .from("log.retention.ms")
        .acts("How old a segment gets before it goes; -1: any age."),
    int32("segment.bytes", "1073741824")
        .rule(at_least(1'048'576))
        .from("log.segment.bytes")
        .acts("The size at which a segment is closed."),
    int32("segment.index.bytes", "10485760")
        .rule(at_least(4))
        .from("log.index.size.max.bytes")
        .acts("The largest size of an index file."),
    int64("segment.jitter.ms", "0")
        .rule(at_least(0))
        .from("log.roll.jitter.ms")
        .acts("By how much rolling may come earlier at random."),
    int64("segment.ms", "604800000")
        .rule(at_least(1))
        .from("log.roll.ms")
        .acts("How long after its first record a segment is closed."),
    boolean("unclean.leader.election.enable", "false").from("unclean.leader.election.enable"),
};

}  // namespace

std::span<const Row> topic_rows() { return rows; }

}  // namespace broker::config
