#include "broker/metadata/controller.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>

#include "broker/metadata/config_changes.h"
#include "broker/shard.h"

namespace broker::metadata {

namespace {

constexpr int64_t producer_id_block_size = 1000;  // as Kafka's controller gives out
constexpr size_t batch_records_max = 10'000;      // as Kafka's controller writes at once

ApiError storage_failure(ErrorCode code) {
    return {code, "The change could not be written to the metadata log."};
}

}  // namespace

// Requires: on the first shard.
asio::awaitable<std::expected<void, ErrorCode>> Controller::commit(
    std::vector<MetadataRecord> records) {
    Shard& first = shards_.first();
    const auto written = log_.append(records, first.image.metadata_version(), first.clock.now_ms());
    if (!written) co_return std::unexpected(written.error());
    const int64_t last_offset = log_.end_offset() - 1;
    for (const auto& shard : shards_) {
        auto replay = [target = shard.get(), &records, last_offset] {
            target->replay(records, last_offset);
        };
        co_await shard->run(std::move(replay));
    }
    snapshot_when_due();
    co_return std::expected<void, ErrorCode>{};
}

asio::awaitable<std::expected<void, ErrorCode>> Controller::bootstrap(
    std::vector<MetadataRecord> records) {
    co_return co_await commit(bootstrap_cluster(std::move(records)));
}

asio::awaitable<std::expected<void, ErrorCode>> Controller::register_broker(BrokerFacts broker) {
    const int64_t epoch = log_.end_offset();
    auto changes = metadata::register_broker(broker, epoch);
    // In one batch with what follows from it, as each batch is synced.
    ClusterImage registered = shards_.first().image;
    for (const MetadataRecord& record : changes) registered.replay(record);
    std::ranges::move(take_leadership(registered, broker.node_id), std::back_inserter(changes));
    std::ranges::move(settle_min_insync_replicas(registered, shards_.first().config.values),
                      std::back_inserter(changes));
    broker_epoch_ = epoch;
    for (size_t begin = 0; begin < changes.size(); begin += batch_records_max) {
        const size_t end = std::min(begin + batch_records_max, changes.size());
        const auto committed = co_await commit({changes.begin() + static_cast<ptrdiff_t>(begin),
                                                changes.begin() + static_cast<ptrdiff_t>(end)});
        if (!committed) co_return committed;
    }
    co_return std::expected<void, ErrorCode>{};
}

void Controller::begin_snapshots() {
    may_snapshot_ = true;
    snapshot_when_due();
    check_snapshot_later();
}

void Controller::check_snapshot_later() {
    if (snapshots_.interval_max_ms <= 0) return;
    shards_.first().timers.after(snapshots_.interval_max_ms, [this] {
        snapshot_when_due();
        check_snapshot_later();
    });
}

// A topic on its way out is known by the log alone, should there be a crash: until it is gone the
// log has to stay.
void Controller::snapshot_when_due() {
    if (may_snapshot_ && leaving_.empty() && log_.is_snapshot_due(shards_.first().clock.now_ms()))
        shards_.first().spawn(take_snapshot());
}

asio::awaitable<void> Controller::take_snapshot() {
    Shard& first = shards_.first();
    if (!may_snapshot_ || !leaving_.empty()) co_return;
    auto job = log_.begin_snapshot(first.clock.now_ms());
    if (!job) {
        spdlog::error("The metadata log cannot be rolled: {}", protocol::name(job.error()));
        co_return;
    }
    may_snapshot_ = false;
    // Topics are shared with the image, which copies one that it changes meanwhile.
    const ClusterImage image = first.image;
    auto write = [this, &job, &image] {
        image.for_each_record(
            [&](MetadataRecord record) { job->snapshot.records.push_back(std::move(record)); });
        return job->write(files_);
    };
    const bool is_written = co_await background_.run(std::move(write));
    if (is_written) log_.end_snapshot(*job);
    may_snapshot_ = true;
}

asio::awaitable<std::expected<TopicRef, ApiError>> Controller::create_topic(
    NewTopic topic, bool validate_only, quota::MutationQuota& quota) {
    auto work = [this, &topic, validate_only, &quota] {
        return create_here(std::move(topic), validate_only, quota);
    };
    co_return co_await shards_.first().run(std::move(work));
}

asio::awaitable<std::expected<TopicRef, ApiError>> Controller::ensure_topic(
    NewTopic topic, quota::MutationQuota& quota) {
    const std::string name = topic.name;
    auto created = co_await create_topic(std::move(topic), /*validate_only=*/false, quota);
    if (created || created.error().code != ErrorCode::topic_already_exists) co_return created;
    auto find = [this, &name] { return shards_.first().image.find(std::string_view(name)); };
    TopicRef found = co_await shards_.first().run(std::move(find));
    if (found) co_return found;
    co_return std::unexpected(ApiError{ErrorCode::leader_not_available, created.error().message});
}

asio::awaitable<std::expected<TopicRef, ApiError>> Controller::create_here(
    NewTopic topic, bool validate_only, quota::MutationQuota& quota) {
    Shard& shard = shards_.first();
    if (leaving_.contains(topic.name))
        co_return std::unexpected(ApiError{ErrorCode::topic_already_exists,
                                           "The topic of this name is still being deleted."});
    const protocol::Uuid id = shard.random_uuid();
    auto records = metadata::create_topic(shard.image, topic, id, defaults_);
    if (!records) co_return std::unexpected(records.error());
    const auto charged = charge_new_partitions(quota, *records, shard.clock.now_ms());
    if (!charged) co_return std::unexpected(charged.error());
    if (validate_only) {
        ClusterImage preview = shard.image;
        for (const MetadataRecord& record : *records) preview.replay(record);
        co_return preview.find(id);
    }
    const auto committed = co_await commit(std::move(*records));
    if (!committed) co_return std::unexpected(storage_failure(committed.error()));
    const TopicRef created = shard.image.find(id);
    spdlog::info("Created topic {} with {} partition(s)", created->name,
                 created->partition_count());
    co_return created;
}

asio::awaitable<std::expected<void, ApiError>> Controller::delete_topic(
    protocol::Uuid id, quota::MutationQuota& quota) {
    auto work = [this, id, &quota] { return delete_here(id, quota); };
    co_return co_await shards_.first().run(std::move(work));
}

asio::awaitable<std::expected<void, ApiError>> Controller::delete_here(
    protocol::Uuid id, quota::MutationQuota& quota) {
    const TopicRef topic = shards_.first().image.find(id);
    if (!topic)
        co_return std::unexpected(
            ApiError{ErrorCode::unknown_topic_id, "This server does not host this topic ID."});
    const auto charged = charge(quota, topic->partitions.size(), shards_.first().clock.now_ms());
    if (!charged) co_return std::unexpected(charged.error());
    std::vector<MetadataRecord> records = {protocol::RemoveTopicRecord{.topic_id = id}};
    leaving_.insert(topic->name);
    const auto committed = co_await commit(std::move(records));
    if (!committed) {
        leaving_.erase(topic->name);
        co_return std::unexpected(storage_failure(committed.error()));
    }
    // Offsets and open transactions forget the topic before its name can be used again.
    for (const auto& shard : shards_) {
        auto forget = [target = shard.get(), &topic] { return target->forget_topic(topic); };
        co_await shard->run(std::move(forget));
    }
    leaving_.erase(topic->name);
    snapshot_when_due();
    spdlog::info("Deleted topic {}", topic->name);
    co_return std::expected<void, ApiError>{};
}

asio::awaitable<std::expected<void, ApiError>> Controller::change(Decision decide) {
    auto work = [this, &decide] { return change_here(decide); };
    co_return co_await shards_.first().run(std::move(work));
}

asio::awaitable<std::expected<void, ApiError>> Controller::change_here(const Decision& decide) {
    auto records = decide(shards_.first().image, defaults_);
    if (!records) co_return std::unexpected(std::move(records.error()));
    if (records->empty()) co_return std::expected<void, ApiError>{};
    const auto committed = co_await commit(std::move(*records));
    if (!committed) co_return std::unexpected(storage_failure(committed.error()));
    co_return std::expected<void, ApiError>{};
}

asio::awaitable<std::expected<ProducerIdBlock, ErrorCode>> Controller::allocate_producer_ids() {
    auto work = [this] { return allocate_here(); };
    co_return co_await shards_.first().run(std::move(work));
}

asio::awaitable<std::expected<ProducerIdBlock, ErrorCode>> Controller::allocate_here() {
    // Not 0: @platformatic/kafka sends it for "none yet".
    const int64_t first = std::max<int64_t>(shards_.first().image.next_producer_id(), 1);
    const ProducerIdBlock block{first, first + producer_id_block_size};
    std::vector<MetadataRecord> records = {
        protocol::ProducerIdsRecord{.broker_id = defaults_.node_id,
                                    .broker_epoch = broker_epoch_,
                                    .next_producer_id = block.end}};
    const auto committed = co_await commit(std::move(records));
    if (!committed) co_return std::unexpected(committed.error());
    co_return block;
}

asio::awaitable<Quorum> Controller::describe_quorum() {
    auto look = [this] { return quorum(); };
    co_return co_await shards_.first().run(std::move(look));
}

Quorum Controller::quorum() const {
    const VoterSet& set = log_.voter_set();
    Quorum quorum{.node_id = defaults_.node_id,
                  .kraft_version = set.kraft_version,
                  .leader_epoch = log_.epoch(),
                  .end_offset = log_.end_offset()};
    if (set.voters && !set.voters->voters.empty())
        quorum.directory_id = set.voters->voters.front().voter_directory_id;
    return quorum;
}

void Controller::close() {
    const Shard& first = shards_.first();
    const auto fence = fence_broker(first.image, defaults_.node_id);
    const auto fenced = log_.append(fence, first.image.metadata_version(), first.clock.now_ms());
    if (!fenced)
        spdlog::error("The metadata log cannot be written: {}", protocol::name(fenced.error()));
    if (const auto closed = log_.close(); !closed)
        spdlog::error("The metadata log cannot be closed: {}", protocol::name(closed.error()));
}

}  // namespace broker::metadata
