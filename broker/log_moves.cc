#include "broker/log_moves.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <limits>
#include <utility>
#include <vector>

#include "broker/metadata/controller.h"
#include "broker/metadata/partition_changes.h"
#include "broker/shard.h"
#include "broker/work_time.h"

namespace broker {

using protocol::ErrorCode;
using storage::LogContents;

namespace {

constexpr uint64_t chunk_bytes = 1 << 20;  // Kafka's replica.fetch.max.bytes
// What is copied while the log waits, and with it its shard.
constexpr uint64_t last_bytes_max = 4 << 20;
// The last segment's indexes are copied then, too: one that is larger is rolled before.
constexpr uint64_t last_segment_bytes_max = 16 << 20;
constexpr int32_t pause_max_ms = 1000;  // then the limit may be another one

uint64_t bytes_of(const LogContents& contents) {
    uint64_t sum = 0;
    for (const auto& part : contents.segments) sum += part.size_bytes;
    return sum;
}

// What cannot be looked at may have some.
bool has_records(storage::FileSystem& files, const std::string& directory) {
    const auto names = files.list(directory);
    return !names || std::ranges::any_of(*names, [&](const std::string& name) {
        if (!name.ends_with(".log")) return false;
        const auto file = files.open(directory + "/" + name, storage::FileSystem::Open::read);
        const auto size = file ? (*file)->size() : std::unexpected(file.error());
        return !size || *size > 0;
    });
}

asio::awaitable<void> remove_copy(const Services& services, storage::LogDirectory::Future copy) {
    auto work = [&services, &copy] { return services.directory.remove_copy(copy); };
    const auto removed = co_await services.moving.run(std::move(work));
    if (!removed) spdlog::error("{}: cannot be removed", copy.directory);
}

}  // namespace

struct LogMoves::Move {
    Move(Shard& shard, storage::LogDirectories::Move where, int64_t delay_ms)
        : paths(std::move(where)),
          delete_delay_ms(delay_ms),
          wake(shard.io(), shard.timers),
          over(shard.io(), shard.timers),
          beginning(shard.io(), asio::steady_timer::time_point::max()) {}

    storage::LogDirectories::Move paths;
    const int64_t delete_delay_ms;  // of what is left in the old directory
    bool is_taken_back = false;
    std::string left;              // the copy, when nobody goes on with it
    Event wake;                    // when it is not to go on
    Event over;                    // when nothing is done for it any more
    asio::steady_timer beginning;  // of any number who wait for it
    bool has_begun = false;
    std::unique_ptr<storage::LogCopy> copy;
    // Of the copy, which may be at work on its own thread.
    uint64_t size_bytes = 0;
    int64_t end_offset = 0;

    Id id() const { return {paths.partition.topic_id, paths.partition.name.partition}; }
    std::string name() const { return storage::directory_name(paths.partition.name); }
};

storage::Log* LogMoves::log_of(const Move& move) const {
    const auto [topic_id, partition] = move.id();
    partition::Replica* replica = shard_.replicas.find_open(topic_id, partition);
    return replica ? &replica->log() : nullptr;
}

std::expected<void, ErrorCode> LogMoves::move(const metadata::TopicImage& topic, int32_t partition,
                                              std::string directory) {
    // A request may have waited for the topic's deletion to end.
    if (!shard_.image.find(topic.id)) return std::unexpected(ErrorCode::unknown_topic_or_partition);
    const storage::Log& log = shard_.replicas.find_open(topic.id, partition)->log();
    const std::string home = storage::parent_directory(log.directory());
    const Id id{topic.id, partition};
    MoveRef before;
    if (const auto found = moves_.find(id); found != moves_.end()) {
        before = found->second;
        const bool goes_on = !before->is_taken_back && before->left.empty();
        if (goes_on && before->paths.to == directory) return {};
        before->is_taken_back = true;
        before->wake.set();
    }
    if (home == directory) {
        if (before && !before->left.empty())
            shard_.spawn(
                remove_copy(services_, {before->paths.partition, std::exchange(before->left, {})}));
        return {};
    }
    if (log.is_offline() || services_.directory.is_any_offline())
        return std::unexpected(ErrorCode::kafka_storage_error);
    auto move = std::make_shared<Move>(
        shard_,
        storage::LogDirectories::Move{
            .partition = {{topic.name, partition}, topic.id}, .from = home, .to = directory},
        topic.config.log.file_delete_delay_ms);
    moves_[id] = move;
    shard_.spawn(run(move, before));
    return {};
}

asio::awaitable<void> LogMoves::until_begun(protocol::Uuid topic_id, int32_t partition) const {
    const auto found = moves_.find({topic_id, partition});
    if (found == moves_.end() || found->second->has_begun) co_return;
    const MoveRef move = found->second;
    const WorkTime::Pause pause;
    std::error_code cancelled;
    co_await move->beginning.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
}

void LogMoves::note_begun(Move& move) {
    move.has_begun = true;
    move.beginning.cancel();
}

void LogMoves::resume(const metadata::TopicImage& topic,
                      const storage::LogDirectory::Future& copy) {
    const int32_t partition = copy.partition.name.partition;
    // Until somebody goes on with it.
    const auto left = std::make_shared<Move>(
        shard_,
        storage::LogDirectories::Move{.partition = {copy.partition.name, topic.id},
                                      .from = {},
                                      .to = storage::parent_directory(copy.directory)},
        topic.config.log.file_delete_delay_ms);
    left->left = copy.directory;
    note_begun(*left);
    left->over.set();
    moves_[left->id()] = left;
    const auto replica = shard_.replicas.get(topic, partition);
    if (!replica) return;  // which is reported there
    // Without a log there may be records that nothing else has.
    if ((*replica)->log().segment_count() == 0) {
        if (!has_records(services_.files, copy.directory)) {
            moves_.erase(left->id());
            return shard_.spawn(remove_copy(services_, {left->paths.partition, copy.directory}));
        }
        spdlog::warn("{} is a copy of a log that is not there; it stays as it is", copy.directory);
        return;
    }
    if (!move(topic, partition, storage::parent_directory(copy.directory)))
        spdlog::warn("{} waits until all directories are there", copy.directory);
}

std::optional<LogMoves::Future> LogMoves::find(const protocol::Uuid& topic_id,
                                               int32_t partition) const {
    const auto found = moves_.find({topic_id, partition});
    if (found == moves_.end()) return std::nullopt;
    const Move& move = *found->second;
    if (move.is_taken_back || !move.left.empty()) return std::nullopt;
    return Future{move.paths.to, move.size_bytes, move.end_offset};
}

asio::awaitable<void> LogMoves::forget(protocol::Uuid topic_id) {
    std::vector<MoveRef> forgotten;
    for (const auto& [id, move] : moves_)
        if (id.first == topic_id) forgotten.push_back(move);
    for (const MoveRef& move : forgotten) {
        move->is_taken_back = true;
        move->wake.set();
        co_await move->over.wait_until(std::numeric_limits<int64_t>::max());
        if (!move->left.empty())
            co_await remove_copy(services_, {move->paths.partition, move->left});
        moves_.erase(move->id());
    }
}

void LogMoves::stop() {
    is_stopping_ = true;
    for (const auto& [id, move] : moves_) move->wake.set();
}

std::optional<LogMoves::End> LogMoves::ended(const Move& move) const {
    if (is_stopping_) return End::left;
    if (move.is_taken_back || !log_of(move)) return End::taken_back;
    return std::nullopt;
}

LogMoves::End LogMoves::fail(const Move& move, ErrorCode error) const {
    spdlog::error("{}: cannot be moved to {}: {}", move.name(), move.paths.to,
                  protocol::name(error));
    return End::left;
}

asio::awaitable<void> LogMoves::run(MoveRef move, MoveRef before) {
    if (before) co_await before->over.wait_until(std::numeric_limits<int64_t>::max());
    const End end = co_await begin(move);
    if (storage::Log* log = log_of(*move)) log->set_moving(false);
    services_.directory.end_arrival(move->paths);
    if (end == End::moved) {
        spdlog::info("{}: moved from {} to {}", move->name(), move->paths.from, move->paths.to);
        (void)co_await note_directory(move, move->paths.to);
    }
    if (move->copy && end == End::taken_back)
        co_await remove_copy(services_, {move->paths.partition, move->copy->directory()});
    if (move->copy && end == End::left) move->left = move->copy->directory();
    // It has not come to the copy that was left before, either.
    if (!move->copy && before) move->left = std::exchange(before->left, {});
    if (end != End::left && !move->left.empty())
        co_await remove_copy(services_, {move->paths.partition, std::exchange(move->left, {})});
    const auto found = moves_.find(move->id());
    if (move->left.empty() && found != moves_.end() && found->second == move) moves_.erase(found);
    note_begun(*move);
    move->over.set();
}

asio::awaitable<LogMoves::End> LogMoves::begin(MoveRef move) {
    // One that was taken back may have come to its end all the same.
    storage::Log* log = log_of(*move);
    if (const auto end = ended(*move)) co_return *end;
    move->paths.from = storage::parent_directory(log->directory());
    if (move->paths.from == move->paths.to) co_return End::taken_back;
    // Apache Kafka gives a copy the log's place where the metadata says that directory.
    if (!co_await note_directory(move, move->paths.from)) co_return End::left;
    log = log_of(*move);
    if (const auto end = ended(*move)) co_return *end;
    if (log->segment_count() == 0 && !services_.files.exists(log->directory())) {
        const auto made = services_.directory.move_empty(move->paths);
        if (!made) co_return fail(*move, made.error());
        log->relocate(*made);
        co_return End::moved;
    }
    log->set_moving(true);
    auto begin_copy = [this, &move, unique_id = shard_.random_uuid()] {
        return services_.directory.begin_copy(move->paths, unique_id);
    };
    auto copy = co_await services_.moving.run(std::move(begin_copy));
    if (!copy) co_return fail(*move, copy.error());
    move->copy = std::move(*copy);
    note_begun(*move);
    co_return co_await copy_all(move);
}

asio::awaitable<LogMoves::End> LogMoves::copy_all(MoveRef move) {
    for (bool is_announced = false;;) {
        if (const auto end = ended(*move)) co_return *end;
        const auto contents = log_of(*move)->contents();
        if (!contents) co_return fail(*move, contents.error());
        const auto copied = co_await copy_some(move, *contents);
        if (const auto end = ended(*move)) co_return *end;
        storage::Log& log = *log_of(*move);
        const auto now = log.contents();
        if (!now) co_return fail(*move, now.error());
        // A segment that retention took meanwhile could not be read.
        if (!copied && now->has_same_files(*contents)) co_return fail(*move, copied.error());
        if (!copied || !*copied) continue;
        if (!now->segments.empty() && now->segments.back().size_bytes > last_segment_bytes_max) {
            if (const auto rolled = log.roll(shard_.clock.now_ms()); !rolled)
                co_return fail(*move, rolled.error());
            continue;
        }
        if (!is_announced) {
            const auto announced = co_await announce(move);
            if (!announced && !ended(*move)) co_return fail(*move, announced.error());
            is_announced = true;
            continue;
        }
        const bool is_close = now->has_same_files(*contents) &&
                              bytes_of(*now) - bytes_of(*contents) <= last_bytes_max;
        if (is_close) co_return swap(*move);
    }
}

asio::awaitable<std::expected<bool, ErrorCode>> LogMoves::copy_some(MoveRef move,
                                                                    LogContents contents) {
    const auto& settings = shard_.config.log.moves;
    constexpr int64_t ms_per_second = 1000;
    const quota::Window window{settings.sample_count, settings.sample_seconds * ms_per_second};
    const auto limit = static_cast<double>(settings.bytes_per_second_max);
    const auto step_bytes = std::clamp<int64_t>(settings.bytes_per_second_max, 1, chunk_bytes);
    int32_t wait_ms = 0;
    auto advance = [&]() -> std::expected<uint64_t, ErrorCode> {
        const int64_t now_ms = services_.clock.now_ms();
        // What is there already takes nothing of the rate.
        const bool is_behind = move->copy->size_bytes() < bytes_of(contents);
        if (is_behind) wait_ms = services_.move_rate.excess_ms(limit, now_ms, window);
        if (wait_ms > 0) return 1;
        const auto bytes = move->copy->advance(contents, static_cast<uint64_t>(step_bytes));
        if (bytes) services_.move_rate.record(static_cast<double>(*bytes), now_ms, window);
        if (bytes && *bytes == 0)
            if (auto synced = move->copy->sync(); !synced) return std::unexpected(synced.error());
        return bytes;
    };
    const auto bytes = co_await services_.moving.run(std::move(advance));
    if (!bytes) co_return std::unexpected(bytes.error());
    move->size_bytes = move->copy->size_bytes();
    move->end_offset = move->copy->end_offset();
    if (wait_ms > 0 && !ended(*move))
        co_await move->wake.wait_until(shard_.clock.now_ms() + std::min(wait_ms, pause_max_ms));
    co_return *bytes == 0;
}

// In the checkpoints of the directory where it is to be, before it is there.
asio::awaitable<std::expected<void, ErrorCode>> LogMoves::announce(MoveRef move) {
    auto expect = [this, &move] { return expect_arrival(move); };
    const auto expected = co_await services_.shards.first().run(std::move(expect));
    if (!expected) co_return expected;
    auto sign = [this, &move] { return services_.directory.sign_copy(move->paths, *move->copy); };
    co_return co_await services_.moving.run(std::move(sign));
}

// Requires: on the first shard.
asio::awaitable<std::expected<void, ErrorCode>> LogMoves::expect_arrival(MoveRef move) const {
    const auto checkpoints = co_await services_.shards.first().maintenance.collect_checkpoints();
    co_return services_.directory.expect_arrival(move->paths, checkpoints);
}

LogMoves::End LogMoves::swap(const Move& move) {
    storage::Log& log = *log_of(move);
    if (const auto completed = log.complete(*move.copy); !completed)
        return fail(move, completed.error());
    auto moved = services_.directory.finish_move(move.paths, *move.copy);
    if (!moved) {
        if (moved.error().is_undecided) log.take_offline();
        return fail(move, ErrorCode::kafka_storage_error);
    }
    log.relocate(moved->directory);
    if (moved->set_aside.empty())
        spdlog::warn("{}: what {} has of it cannot be removed, and counts for nothing", move.name(),
                     move.paths.from);
    else
        shard_.maintenance.remove_later(std::move(moved->set_aside), move.delete_delay_ms);
    return End::moved;
}

// In the metadata, where it says another one. False: that could not be written.
asio::awaitable<bool> LogMoves::note_directory(MoveRef move, std::string path) {
    const auto [topic_id, partition] = move->id();
    const protocol::Uuid directory_id = services_.directory.directory_id(path);
    const bool is_new = path == move->paths.to;
    auto decide = [=](const metadata::ClusterImage& image,
                      const metadata::ClusterDefaults& defaults)
        -> std::expected<metadata::Records, metadata::ApiError> {
        const auto topic = image.find(topic_id);
        if (!topic || partition >= topic->partition_count()) return metadata::Records{};
        const auto& present = topic->partitions[static_cast<size_t>(partition)];
        // Where nothing is said, nothing is wrong.
        if (!is_new && metadata::assigned_directory(present, defaults.node_id).is_zero())
            return metadata::Records{};
        return metadata::assign_directory(image, topic_id, partition, directory_id, defaults);
    };
    const auto noted = co_await services_.controller.change(decide);
    if (!noted)
        spdlog::error("{}: the metadata cannot be told that it is in {}", move->name(), path);
    co_return noted.has_value();
}

}  // namespace broker
