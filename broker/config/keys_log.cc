// Broker keys: the log, and the defaults of topic configs.
#include "broker/config/key_table.h"

namespace broker::config {

using namespace key_table;

namespace {

constexpr Row rows[] = {
    int32("compression.gzip.level", "-1")
        .rule(gzip_level)
        .dynamic()
        .acts("The level of recompression with gzip; -1 is the codec's own."),
    int32("compression.lz4.level", "9")
        .rule(between(1, 17))
        .dynamic()
        .acts("The level at which batches are recompressed with lz4."),
    string("compression.type", "producer")
        .rule(one_of("uncompressed,zstd,lz4,snappy,gzip,producer"))
        .dynamic()
        .acts("The codec that batches are stored in; producer keeps each as it came."),
    int32("compression.zstd.level", "3")
        .rule(between(-131'072, 22))
        .dynamic()
        .acts("The level at which batches are recompressed with zstd."),
    int64("log.cleaner.backoff.ms", "15000")
        .rule(at_least(0))
        .in_development("500")
        .dynamic()
        .acts("How long the cleaner rests when no log needs it."),
    int64("log.cleaner.dedupe.buffer.size", "134217728")
        .dynamic()
        .acts("The most memory for the keys of a log that is compacted."),
    int64("log.cleaner.delete.retention.ms", "86400000")
        .rule(at_least(0))
        .dynamic()
        .acts("How long tombstones and transaction markers stay after compaction."),
    boolean("log.cleaner.enable", "true").acts("Whether logs are compacted."),
    real("log.cleaner.io.buffer.load.factor", "0.9").dynamic().acts("How full that memory gets."),
    int32("log.cleaner.io.buffer.size", "524288").rule(at_least(0)).dynamic(),
    real("log.cleaner.io.max.bytes.per.second", "1.7976931348623157E308").dynamic(),
    int64("log.cleaner.max.compaction.lag.ms", "9223372036854775807")
        .rule(at_least(1))
        .dynamic()
        .acts("The longest that a record stays out of compaction."),
    real("log.cleaner.min.cleanable.ratio", "0.5")
        .rule(between(0, 1))
        .dynamic()
        .acts("The part of a log that is not compacted yet, from which on it is."),
    int64("log.cleaner.min.compaction.lag.ms", "0")
        .rule(at_least(0))
        .dynamic()
        .acts("The shortest that a record stays out of compaction."),
    int32("log.cleaner.threads", "1").rule(at_least(0)).dynamic(),
    list("log.cleanup.policy", "delete")
        .rule(each_of("compact,delete"))
        .dynamic()
        .acts("delete lets old segments go, compact keeps the last record of each key."),
    // Kafka has a fixed directory for a default; here an unset one is temporary.
    list("log.dir", null).acts("The data directory, when log.dirs is not set."),
    int64("log.dir.failure.timeout.ms", "30000").rule(at_least(1)),
    list("log.dirs", null).acts("The data directory; unset, a temporary one, removed at exit."),
    int64("log.flush.interval.messages", "9223372036854775807")
        .rule(at_least(1))
        .dynamic()
        .acts("Records in a partition after which it is synced to disk."),
    int64("log.flush.interval.ms", null)
        .dynamic()
        .acts("The longest that a record stays unsynced."),
    int32("log.flush.offset.checkpoint.interval.ms", "60000")
        .rule(at_least(0))
        .acts("How often recovery points are written down."),
    int64("log.flush.scheduler.interval.ms", "9223372036854775807")
        .acts("How often partitions are looked at for syncing."),
    int32("log.flush.start.offset.checkpoint.interval.ms", "60000").rule(at_least(0)),
    int32("log.index.interval.bytes", "4096")
        .rule(at_least(0))
        .dynamic()
        .acts("Log bytes between two entries of the offset index."),
    int32("log.index.size.max.bytes", "10485760")
        .rule(at_least(4))
        .dynamic()
        .acts("The largest size of an index file."),
    int64("log.initial.task.delay.ms", "30000").rule(at_least(0)).hidden(),
    int64("log.local.retention.bytes", "-2").rule(at_least(-2)).dynamic(),
    int64("log.local.retention.ms", "-2").rule(at_least(-2)).dynamic(),
    int64("log.message.timestamp.after.max.ms", "3600000")
        .rule(at_least(0))
        .dynamic()
        .acts("How far in the future a record's timestamp may lie."),
    int64("log.message.timestamp.before.max.ms", "9223372036854775807")
        .rule(at_least(0))
        .dynamic()
        .acts("How far in the past a record's timestamp may lie."),
    string("log.message.timestamp.type", "CreateTime")
        .rule(one_of("CreateTime,LogAppendTime"))
        .dynamic()
        .acts("Whether timestamps are the producer's or the append's."),
    boolean("log.preallocate", "false").dynamic(),
    int64("log.remote.copy.lag.bytes", "-1").rule(at_least(-1)).dynamic(),
    int64("log.remote.copy.lag.ms", "0").rule(at_least(-1)).dynamic(),
    int64("log.retention.bytes", "-1")
        .dynamic()
        .acts("The size of a partition above which its oldest segments go; -1: none."),
    int64("log.retention.check.interval.ms", "300000")
        .rule(at_least(1))
        .in_development("1000")
        .acts("How often segments are looked at for retention."),
    int32("log.retention.hours", "168")
        .acts("Hours after which segments go, when minutes and ms are not set."),
    int32("log.retention.minutes", null)
        .acts("Minutes after which segments go, when ms are not set."),
    int64("log.retention.ms", null)
        .dynamic()
        .acts("How old a segment gets before it goes; -1: any age."),
    int32("log.roll.hours", "168")
        .rule(at_least(1))
        .acts("Hours after which a segment is closed, when ms are not set."),
    int32("log.roll.jitter.hours", "0")
        .rule(at_least(0))
        .acts("Hours by which rolling may come earlier at random, when ms are not set."),
    int64("log.roll.jitter.ms", null)
        .dynamic()
        .acts("By how much rolling may come earlier at random."),
    int64("log.roll.ms", null)
        .dynamic()
        .acts("How long after its first record a segment is closed."),
    int32("log.segment.bytes", "1073741824")
        .rule(at_least(1'048'576))
        .dynamic()
        .acts("The size at which a segment is closed."),
    int64("log.segment.delete.delay.ms", "60000")
        .rule(at_least(0))
        .in_development("0")
        .dynamic()
        .acts("How long the files of deleted segments and topics stay."),
    int32("max.decompressed.message.bytes", "2147483639")
        .rule(between(1, 2'147'483'639))
        .dynamic()
        .acts("The largest record accepted out of a compressed batch."),
    int32("message.max.bytes", "1048588")
        .rule(at_least(0))
        .dynamic()
        .acts("The largest batch accepted."),
    int32("min.insync.replicas", "1")
        .rule(at_least(1))
        .dynamic()
        .acts("In-sync replicas that acks=all needs, of as many as there are; here always one."),
    int32("num.recovery.threads.per.data.dir", "2")
        .rule(at_least(1))
        .dynamic()
        .acts("How many logs are checked at the same time after a crash, for each of log.dirs."),
    int32("producer.id.expiration.check.interval.ms", "600000")
        .rule(at_least(1))
        .hidden()
        .acts("How often producer ids are checked for expiry."),
    int32("producer.id.expiration.ms", "86400000")
        .rule(at_least(1))
        .dynamic()
        .acts("A producer id unused for longer is forgotten."),
    boolean("unclean.leader.election.enable", "false").dynamic(),
    int64("unclean.leader.election.interval.ms", "300000").rule(at_least(1)).hidden(),
};

}  // namespace

std::span<const Row> log_rows() { return rows; }

}  // namespace broker::config
