// Broker keys: controllers, replication, tiered storage, metrics, quotas. One broker needs few
// of them.
#include "broker/config/key_table.h"

namespace broker::config {

using namespace key_table;

namespace {

constexpr Row rows[] = {
    int32("alter.log.dirs.replication.quota.window.num", "11")
        .rule(at_least(1))
        .acts("Over so many samples the rate is averaged at which replicas move."),
    int32("alter.log.dirs.replication.quota.window.size.seconds", "1")
        .rule(at_least(1))
        .acts("How long a sample of alter.log.dirs.replication.quota.window.num is."),
    boolean("auto.leader.rebalance.enable", "true"),
    int32("broker.heartbeat.interval.ms", "2000"),
    int32("broker.session.timeout.ms", "9000"),
    class_name("client.quota.callback.class", null),
    boolean("controlled.shutdown.enable", "true"),
    list("controller.listener.names", null)
        .in_development("CONTROLLER")
        .acts("Listeners that would serve controllers; they are not opened."),
    int64("controller.performance.always.log.threshold.ms", "2000").rule(at_least(0)).hidden(),
    int64("controller.performance.sample.period.ms", "60000").rule(at_least(100)).hidden(),
    int32("controller.quorum.append.linger.ms", "25").rule(at_least(0)),
    boolean("controller.quorum.auto.join.enable", "false"),
    list("controller.quorum.bootstrap.servers", "").rule(non_empty),
    int32("controller.quorum.election.backoff.max.ms", "1000").rule(at_least(0)),
    int32("controller.quorum.election.timeout.ms", "1000").rule(at_least(0)),
    int32("controller.quorum.fetch.max.bytes", "1048576").rule(at_least(1)),
    int32("controller.quorum.fetch.snapshot.max.bytes", "1048576").rule(at_least(1)),
    int32("controller.quorum.fetch.timeout.ms", "2000").rule(at_least(0)),
    int32("controller.quorum.request.timeout.ms", "2000").rule(at_least(0)),
    int32("controller.quorum.retry.backoff.ms", "20").rule(at_least(0)),
    list("controller.quorum.voters", "").rule(non_empty),
    int32("controller.quota.window.num", "11")
        .rule(at_least(1))
        .acts("So many windows of changes to topics may be made at once by a client with a quota."),
    int32("controller.quota.window.size.seconds", "1")
        .rule(at_least(1))
        .acts("How long a window of controller.quota.window.num is."),
    int32("controller.socket.timeout.ms", "30000"),
    list("cordoned.log.dirs", "")
        .dynamic_per_broker()
        .acts("Log directories that no replica is moved to; * is all."),
    list("early.start.listeners", null),
    boolean("errors.deadletterqueue.auto.create.topics.enable", "false").dynamic(),
    string("errors.deadletterqueue.topic.name.prefix", "dlq.").dynamic(),
    boolean("follower.fetch.last.tiered.offset.enable", "false").dynamic(),
    int64("follower.replication.throttled.rate", null).rule(at_least(0)).dynamic().hidden(),
    int32("initial.broker.registration.timeout.ms", "60000"),
    string("inter.broker.listener.name", null),
    int64("internal.metadata.delete.delay.millis", "60000").hidden(),
    int32("internal.metadata.log.segment.bytes", null).hidden(),
    int32("internal.metadata.max.batch.size.in.bytes", "8388608").hidden(),
    int32("kafka.metrics.polling.interval.secs", "10").rule(at_least(1)),
    list("kafka.metrics.reporters", ""),
    int64("leader.imbalance.check.interval.seconds", "300").rule(at_least(1)),
    int64("leader.replication.throttled.rate", null).rule(at_least(0)).dynamic().hidden(),
    string("metadata.log.dir", null)
        .acts("Which of log.dirs has the metadata log; by default the first."),
    int64("metadata.log.max.record.bytes.between.snapshots", "20971520")
        .rule(at_least(1))
        .acts("So many bytes written since a snapshot of the metadata log make another one."),
    int64("metadata.log.max.snapshot.interval.ms", "3600000")
        .rule(at_least(0))
        .acts("Changes as old as that make a snapshot of the metadata log; 0: never."),
    int32("metadata.log.segment.bytes", "1073741824").rule(at_least(8'388'608)),
    int64("metadata.log.segment.ms", "604800000"),
    int32("metadata.max.idle.interval.ms", "500").rule(at_least(0)),
    int64("metadata.max.retention.bytes", "104857600"),
    int64("metadata.max.retention.ms", "604800000"),
    list("metric.reporters", "org.apache.kafka.common.metrics.JmxReporter").dynamic(),
    int32("metrics.num.samples", "2").rule(at_least(1)),
    string("metrics.recording.level", "INFO"),
    int64("metrics.sample.window.ms", "30000").rule(at_least(1)),
    int32("num.replica.alter.log.dirs.threads", null),
    int32("num.replica.fetchers", "1").rule(at_least(1)).dynamic(),
    list("process.roles", null)
        .rule(each_of("broker,controller"))
        .in_development("broker,controller"),
    int32("quota.window.num", "11")
        .rule(at_least(1))
        .acts("Over so many windows the usage of a client with a quota is averaged."),
    int32("quota.window.size.seconds", "1")
        .rule(at_least(1))
        .acts("How long a window of quota.window.num is."),
    int32("remote.fetch.max.wait.ms", "500").rule(at_least(1)).dynamic(),
    int64("remote.list.offsets.request.timeout.ms", "30000").rule(at_least(1)).dynamic(),
    int64("remote.log.index.file.cache.total.size.bytes", "1073741824").rule(at_least(1)).dynamic(),
    int64("remote.log.index.file.cache.ttl.ms", "900000").rule(at_least(-1)).hidden(),
    int32("remote.log.manager.copier.thread.pool.size", "10").rule(at_least(1)).dynamic(),
    int64("remote.log.manager.copy.max.bytes.per.second", "9223372036854775807")
        .rule(at_least(1))
        .dynamic(),
    int32("remote.log.manager.copy.quota.window.num", "11").rule(at_least(1)),
    int32("remote.log.manager.copy.quota.window.size.seconds", "1").rule(at_least(1)),
    int32("remote.log.manager.expiration.thread.pool.size", "10").rule(at_least(1)).dynamic(),
    int64("remote.log.manager.fetch.max.bytes.per.second", "9223372036854775807")
        .rule(at_least(1))
        .dynamic(),
    int32("remote.log.manager.fetch.quota.window.num", "11").rule(at_least(1)),
    int32("remote.log.manager.fetch.quota.window.size.seconds", "1").rule(at_least(1)),
    int32("remote.log.manager.follower.thread.pool.size", "2").rule(at_least(1)).dynamic(),
    int64("remote.log.manager.task.interval.ms", "30000").rule(at_least(1)),
    int64("remote.log.manager.task.retry.backoff.max.ms", "30000").rule(at_least(1)).hidden(),
    int64("remote.log.manager.task.retry.backoff.ms", "500").rule(at_least(1)).hidden(),
    real("remote.log.manager.task.retry.jitter", "0.2").rule(between(0, 0.5)).hidden(),
    int32("remote.log.manager.thread.pool.size", "2").rule(at_least(1)),
    int32("remote.log.metadata.custom.metadata.max.bytes", "128").rule(at_least(0)),
    string("remote.log.metadata.manager.class.name",
           "org.apache.kafka.server.log.remote.metadata.storage.TopicBasedRemoteLogMetadataManager")
        .rule(non_empty),
    string("remote.log.metadata.manager.class.path", null),
    string("remote.log.metadata.manager.impl.prefix", "rlmm.config.").rule(non_empty),
    string("remote.log.metadata.manager.listener.name", null).rule(non_empty),
    int32("remote.log.reader.max.pending.tasks", "100").rule(at_least(1)),
    int32("remote.log.reader.threads", "10").rule(at_least(1)).dynamic(),
    string("remote.log.storage.manager.class.name", null).rule(non_empty),
    string("remote.log.storage.manager.class.path", null),
    string("remote.log.storage.manager.impl.prefix", "rsm.config.").rule(non_empty),
    boolean("remote.log.storage.system.enable", "false"),
    int64("replica.alter.log.dirs.io.max.bytes.per.second", null)
        .rule(at_least(0))
        .dynamic()
        .hidden()
        .acts("Bytes per second that are moved between log directories at most."),
    int32("replica.fetch.backoff.ms", "1000").rule(at_least(0)),
    int32("replica.fetch.max.bytes", "1048576").rule(at_least(0)),
    int32("replica.fetch.min.bytes", "1"),
    int32("replica.fetch.response.max.bytes", "10485760").rule(at_least(0)),
    int32("replica.fetch.wait.max.ms", "500"),
    int64("replica.high.watermark.checkpoint.interval.ms", "5000"),
    int64("replica.lag.time.max.ms", "30000"),
    string("replica.selector.class", null),
    int32("replica.socket.receive.buffer.bytes", "65536"),
    int32("replica.socket.timeout.ms", "30000"),
    int32("replication.quota.window.num", "11").rule(at_least(1)),
    int32("replication.quota.window.size.seconds", "1").rule(at_least(1)),
    int64("server.max.startup.time.ms", "9223372036854775807").rule(at_least(0)).hidden(),
    int32("telemetry.max.bytes", "1048576").rule(at_least(1)),
    boolean("unstable.api.versions.enable", "false").hidden(),
    boolean("unstable.feature.versions.enable", "false").hidden(),
};

}  // namespace

std::span<const Row> cluster_rows() { return rows; }

}  // namespace broker::config
