#include "broker/broker.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <chrono>
#include <future>
#include <iterator>
#include <ranges>
#include <set>
#include <utility>

#include "broker/log_recovery.h"
#include "broker/metadata/partition_changes.h"

namespace broker {

namespace {

// How long requests at hand may take when the broker is told to stop.
constexpr int64_t stop_patience_ms = 50;
constexpr int64_t stop_poll_ms = 1;

std::string failure(std::string_view what, const std::string& where, protocol::ErrorCode error) {
    return fmt::format("{} in {}: {}", what, where, protocol::name(error));
}

uint64_t seed_of(const config::BrokerConfig& config) {
    if (config.seed) return *config.seed;
    // Not std::random_device, which asks the processor what it is: costly on a virtual one.
    uint64_t seed = 0;
    if (getentropy(&seed, sizeof seed) == 0) return seed;
    std::random_device device;
    return uint64_t{device()} << 32 | device();
}

}  // namespace

Broker::Broker(config::BrokerConfig config, storage::FileSystem& files, const Clock& clock,
               Threads threads)
    : config_(std::move(config)),
      files_(files),
      clock_(clock),
      whose_threads_(threads),
      share_session_count_(config_.share.session_count_max),
      durability_(shards_, background_, files_, config_.log.fsync) {}

Broker::~Broker() {
    end_threads();
    // What was to be synced yet reports to a shard.
    background_.drop_work();
    cleaning_.drop_work();
    moving_.drop_work();
}

std::expected<void, std::string> Broker::start() {
    if (auto opened = open_directory(); !opened) return opened;
    if (auto opened = open_metadata(); !opened) return opened;
    for (const config::Listener& settings : config_.listeners) {
        listeners_.push_back(std::make_unique<net::Listener>(*this, settings));
        if (auto bound = listeners_.back()->bind(); !bound) return bound;
    }
    // A start that was refused until here leaves a clean directory clean.
    if (const auto begun = directory_->begin_work(); !begun)
        return std::unexpected(
            failure("the data directory cannot be written", directory_->path(), begun.error()));
    run_threads();
    if (auto opened = wait_for(open_shards()); !opened) return opened;
    for (const auto& listener : listeners_)
        if (auto listening = listener->listen(); !listening) return listening;
    return {};
}

std::expected<void, std::string> Broker::open_directory() {
    std::mt19937_64 random(seed_of(config_));
    auto directory = storage::LogDirectories::open(
        files_, config_.log.directories,
        {.cluster_id = config_.cluster_id,
         .node_id = config_.node_id,
         .random_uuid = [&random] { return random_uuid(random); },
         .warn = [](const std::string& text) { spdlog::warn(text); }});
    if (!directory) return std::unexpected(directory.error());
    directory_ = std::move(*directory);
    for (const std::string& problem : directory_->problems()) spdlog::warn(problem);
    if (config_.has_authorizer)
        spdlog::warn("authorizer.class.name: access control lists are kept, but not enforced");
    return {};
}

// The metadata log first: everything else follows from it.
std::expected<void, std::string> Broker::open_metadata() {
    const auto& properties = directory_->properties();
    metadata::ClusterImage image(config_.values);
    auto log = metadata::MetadataLog::open(
        files_, directory_->path(),
        {.node_id = config_.node_id,
         .directory_id = properties.directory_id,
         .snapshots = config_.metadata_snapshots,
         .has_partitions = !directory_->partitions().empty(),
         .now_ms = clock_.now_ms()},
        [&](const metadata::MetadataRecord& record) {
            const auto* removal = std::get_if<protocol::RemoveTopicRecord>(&record);
            const auto removed = removal ? image.find(removal->topic_id) : nullptr;
            if (removed) removed_topics_.push_back(removed);
            image.replay(record);
        });
    if (!log) return std::unexpected(log.error());
    if (auto understood = metadata::check_features(image); !understood) return understood;
    if (auto expected = expect_topics(image); !expected) return expected;
    if (const auto begun = log->begin_epoch(clock_.now_ms()); !begun)
        return std::unexpected(
            failure("the metadata log cannot be written", directory_->path(), begun.error()));
    config_ = config_with_dynamic(config_, image);
    // No two starts on a directory have the same epoch: with one seed they give other ids.
    const uint64_t seed = seed_of(config_) ^ (static_cast<uint64_t>(log->epoch()) << 32);
    const int64_t last_offset = log->end_offset() - 1;
    controller_ = std::make_unique<metadata::Controller>(
        shards_, background_, files_, std::move(*log), config_.metadata_snapshots,
        metadata::ClusterDefaults{.node_id = config_.node_id,
                                  .partition_count = config_.default_partition_count,
                                  .partition_count_max = config_.partition_count_max,
                                  .directory_id = directory_of_new_logs()});
    services_ = std::make_unique<Services>(Services{.background = background_,
                                                    .cleaning = cleaning_,
                                                    .moving = moving_,
                                                    .files = files_,
                                                    .config = config_,
                                                    .directory = *directory_,
                                                    .clock = clock_,
                                                    .shards = shards_,
                                                    .durability = durability_,
                                                    .controller = *controller_,
                                                    .share_session_count = share_session_count_,
                                                    .move_rate = move_rate_});
    cleaner_ = std::make_unique<LogCleaner>(*services_);
    for (int index = 0; index < std::max(config_.thread_count, 1); ++index) {
        shards_.add(
            std::make_unique<Shard>(index, seed + static_cast<uint64_t>(index), *services_));
        shards_.at(static_cast<size_t>(index)).load(image, last_offset);
    }
    return {};
}

std::expected<void, std::string> Broker::expect_topics(const metadata::ClusterImage& image) {
    storage::LogDirectories::Topics topics;
    image.for_each_topic([&](const auto& topic) { topics.ids.emplace(topic->name, topic->id); });
    for (const metadata::TopicRef& topic : removed_topics_) topics.deleted.insert(topic->id);
    const size_t problem_count = directory_->problems().size();
    auto expected = directory_->expect_topics(std::move(topics));
    for (const auto& problem : directory_->problems() | std::views::drop(problem_count))
        spdlog::warn(problem);
    return expected;
}

// Unassigned where there are several: which one a log is in, each start sees (KIP-858).
protocol::Uuid Broker::directory_of_new_logs() const {
    const auto ids = directory_->directory_ids();
    return ids.size() == 1 ? ids.front() : protocol::Uuid{};
}

void Broker::run_threads() {
    if (whose_threads_ == Threads::callers) return;
    for (Executor* executor : executors()) threads_.emplace_back([executor] { executor->work(); });
}

void Broker::end_threads() {
    for (Executor* executor : executors()) executor->stop();
    for (std::thread& thread : std::exchange(threads_, {})) thread.join();
}

std::vector<Executor*> Broker::executors() {
    std::vector<Executor*> all;
    for (const auto& shard : shards_) all.push_back(shard.get());
    all.push_back(&background_);
    all.push_back(&cleaning_);
    all.push_back(&moving_);
    return all;
}

template <class Result>
Result Broker::wait_for(asio::awaitable<Result> work) {
    // Not asio::use_future, which starts a pool of threads of its own.
    std::promise<Result> promise;
    asio::co_spawn(shards_.first().io(), std::move(work),
                   [&promise](std::exception_ptr error, auto... result) {
                       if (error)
                           promise.set_exception(error);
                       else
                           promise.set_value(std::move(result)...);
                   });
    auto result = promise.get_future();
    // Nothing that is waited for here needs time to pass: there is always something to do.
    while (whose_threads_ == Threads::callers &&
           result.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
        bool has_worked = false;
        for (Executor* executor : executors()) has_worked |= executor->work_once();
        assert(has_worked);
    }
    return result.get();
}

// In the metadata: that the cluster is there, and this broker in it.
asio::awaitable<std::expected<void, std::string>> Broker::register_broker() {
    const auto unwritten = [this](protocol::ErrorCode error) {
        return std::unexpected(
            failure("the metadata log cannot be written", directory_->path(), error));
    };
    Shard& first = shards_.first();
    if (first.image.metadata_version() == 0) {
        auto records = controller_->bootstrap_records();
        if (!records) co_return std::unexpected(records.error());
        const auto bootstrapped = co_await controller_->bootstrap(std::move(*records));
        if (!bootstrapped) co_return unwritten(bootstrapped.error());
        if (auto understood = metadata::check_features(first.image); !understood)
            co_return understood;
    }
    metadata::BrokerFacts self{.node_id = config_.node_id,
                               .incarnation_id = first.random_uuid(),
                               .directory_ids = directory_->directory_ids(),
                               .rack = config_.rack};
    for (const auto& listener : listeners_) {
        const config::Endpoint advertised = listener->advertised("localhost");
        self.end_points.push_back(
            {.name = listener->settings().name, .host = advertised.host, .port = advertised.port});
    }
    const auto registered = co_await controller_->register_broker(std::move(self));
    if (!registered) co_return unwritten(registered.error());
    co_return co_await assign_directories();
}

// Where the metadata says another directory than the one that has the log: it moved, and a crash
// came before that was written down, or somebody moved it by hand.
asio::awaitable<std::expected<void, std::string>> Broker::assign_directories() {
    constexpr size_t batch_partitions_max = 10'000;
    const auto& found = directory_->partitions();
    for (size_t begin = 0; begin < found.size(); begin += batch_partitions_max) {
        const auto end = std::min(begin + batch_partitions_max, found.size());
        auto decide = [&](const metadata::ClusterImage& image,
                          const metadata::ClusterDefaults& defaults)
            -> std::expected<metadata::Records, metadata::ApiError> {
            metadata::Records records;
            for (size_t i = begin; i < end; ++i) {
                const auto topic = image.find(std::string_view(found[i].name.topic));
                const int32_t partition = found[i].name.partition;
                if (!topic || partition >= topic->partition_count()) continue;
                const auto& present = topic->partitions[static_cast<size_t>(partition)];
                if (metadata::assigned_directory(present, defaults.node_id).is_zero()) continue;
                std::ranges::move(
                    metadata::assign_directory(image, topic->id, partition,
                                               directory_->found_in(found[i]), defaults),
                    std::back_inserter(records));
            }
            return records;
        };
        const auto assigned = co_await controller_->change(decide);
        if (!assigned)
            co_return std::unexpected(failure("the metadata log cannot be written",
                                              directory_->path(), assigned.error().code));
    }
    co_return std::expected<void, std::string>{};
}

asio::awaitable<std::expected<void, std::string>> Broker::open_shards() {
    auto registered = co_await register_broker();
    if (!registered) co_return registered;
    if (!directory_->was_clean_shutdown()) co_await open_all_logs();
    for (const auto& shard : shards_) {
        auto start = [&shard] { shard->maintenance.start(); };
        co_await shard->run(std::move(start));
    }
    cleaner_->start();
    // Offsets first: finishing a transaction makes those of its group visible.
    co_await load_coordinators();
    co_await resume_moves();
    co_await finish_deletions();
    controller_->begin_snapshots();
    co_return std::expected<void, std::string>{};
}

// After a crash every log is looked at, so that the next clean stop may say that all are whole.
asio::awaitable<void> Broker::open_all_logs() {
    const int thread_count = whose_threads_ == Threads::callers
                                 ? 1
                                 : config_.log.recovery_threads_per_directory *
                                       static_cast<int>(config_.log.directories.size());
    const Shard& first = shards_.first();
    auto logs = recover_logs(*directory_, first.image, thread_count, clock_.now_ms());
    for (const auto& shard : shards_) {
        auto adopt = [&] {
            for (RecoveredLog& log : logs) {
                // More than the topic has: nobody asks for them.
                if (log.partition >= log.topic->partition_count()) continue;
                if (&shards_.owner_of(log.topic->id, log.partition) != shard.get()) continue;
                // What cannot be opened is reported there, and its partition answers with the
                // error.
                (void)shard->replicas.adopt(*log.topic, log.partition, std::move(log.log));
            }
        };
        co_await shard->run(std::move(adopt));
    }
}

// One that cannot be loaded is reported there, and tried again with each request: its clients are
// told so, and those of the others are served.
asio::awaitable<void> Broker::load_coordinators() {
    for (const std::string_view kind :
         {metadata::offsets_topic, metadata::transactions_topic, metadata::share_state_topic}) {
        const auto topic = shards_.first().image.find(kind);
        if (!topic) continue;
        for (const auto& [name, topic_id] : directory_->partitions()) {
            if (name.topic != kind) continue;
            Shard& owner = shards_.owner_of(topic->id, name.partition);
            auto load = [&owner, kind, partition = name.partition] {
                return load_coordinator(owner, kind, partition);
            };
            co_await owner.run(std::move(load));
        }
    }
}

asio::awaitable<void> Broker::load_coordinator(Shard& owner, std::string_view kind,
                                               int32_t partition) {
    if (kind == metadata::transactions_topic) co_return co_await owner.transactions.load(partition);
    if (kind == metadata::share_state_topic) co_return owner.share_states.load(partition);
    (void)owner.groups.coordinator(partition);
}

// A deletion that a crash cut off: the topic's logs are the last of it to go, so where they are
// still there, its offsets and open transactions may be, too.
asio::awaitable<void> Broker::finish_deletions() {
    std::set<protocol::Uuid> left;
    for (const auto& [name, topic_id] : directory_->partitions()) {
        if (shards_.first().image.find(std::string_view(name.topic))) continue;
        left.insert(topic_id);
        const auto is_this = [&](const auto& topic) { return topic->id == topic_id; };
        if (std::ranges::none_of(removed_topics_, is_this))
            spdlog::warn(
                "{}-{} belongs to no topic; it stays as it is until a topic needs its name",
                name.topic, name.partition);
    }
    for (const metadata::TopicRef& topic : std::exchange(removed_topics_, {})) {
        if (!left.contains(topic->id)) continue;
        for (const auto& shard : shards_) {
            auto forget = [&shard, &topic] { return shard->forget_topic(topic); };
            co_await shard->run(std::move(forget));
        }
        spdlog::info("Finished the deletion of topic {}", topic->name);
    }
}

// Copies that the last broker did not finish go on, as in Kafka. What belongs to no topic any more
// goes, if that is known to have been deleted.
asio::awaitable<void> Broker::resume_moves() {
    for (const storage::LogDirectory::Future& future : directory_->futures()) {
        const auto& [name, topic_id] = future.partition;
        const auto topic = shards_.first().image.find(std::string_view(name.topic));
        const bool is_its = topic && (topic_id.is_zero() || topic->id == topic_id) &&
                            name.partition < topic->partition_count();
        if (is_its) {
            Shard& owner = shards_.owner_of(topic->id, name.partition);
            auto resume = [&] { owner.log_moves.resume(*topic, future); };
            co_await owner.run(std::move(resume));
            continue;
        }
        const auto is_this = [&](const auto& removed) { return removed->id == topic_id; };
        if (std::ranges::none_of(removed_topics_, is_this))
            spdlog::warn("{} belongs to no topic; it stays as it is", future.directory);
        else if (!directory_->remove_copy(future))
            spdlog::warn("{} is of a deleted topic and cannot be removed", future.directory);
    }
}

void Broker::stop() {
    wait_for(close_shards());
    end_threads();

    bool all_closed = true;
    std::vector<storage::PartitionCheckpoint> checkpoints;
    for (const auto& shard : shards_) {
        all_closed &= shard->replicas.close_all();
        for (auto& checkpoint : shard->replicas.checkpoints())
            checkpoints.push_back(std::move(checkpoint));
    }
    controller_->close();
    // Without the marker of a clean stop the next start looks for damage.
    if (!all_closed) return;
    if (const auto closed = directory_->close(checkpoints, controller_->broker_epoch()); !closed)
        spdlog::error("The data directory cannot be closed: {}", protocol::name(closed.error()));
}

// Finishes the requests at hand.
asio::awaitable<void> Broker::close_shards() {
    for (const auto& listener : listeners_) listener->close();
    cleaner_->stop();
    Shard& first = shards_.first();
    const int64_t give_up_ms = first.clock.now_ms() + stop_patience_ms;
    for (const auto& shard : shards_) {
        auto begin = [&shard] { shard->begin_stop(); };
        co_await shard->run(std::move(begin));
    }
    for (const auto& shard : shards_) {
        for (;;) {
            auto count = [&shard] { return shard->connections.count(); };
            const size_t left = co_await shard->run(std::move(count));
            if (left == 0 || first.clock.now_ms() >= give_up_ms) break;
            Event pause(first.io(), first.timers);
            co_await pause.wait_until(first.clock.now_ms() + stop_poll_ms);
        }
    }
}

config::Endpoint Broker::advertised(const RequestContext& context) const {
    for (const auto& listener : listeners_)
        if (&listener->settings() == context.listener)
            return listener->advertised(context.local_host);
    return {};
}

}  // namespace broker
