#include "broker/log_cleaner.h"

#include <spdlog/spdlog.h>

#include <limits>

#include "broker/shard.h"

namespace broker {

using protocol::ErrorCode;

namespace {

constexpr int64_t retry_delay_ms = 60'000;

partition::Replica* find(const auto& candidate) {
    return candidate.owner->replicas.find_open(candidate.id.first, candidate.id.second);
}

}  // namespace

Shard& LogCleaner::home() const { return services_.shards.first(); }

void LogCleaner::start() {
    if (!services_.config.log.cleaner.is_enabled) return;
    for (const auto& [name, topic_id, offset] : services_.directory.cleaner_checkpoint())
        if (home().image.find(topic_id)) compacted_[{topic_id, name.partition}] = {name, offset};
    rest();
}

void LogCleaner::rest() {
    home().timers.after(home().config.log.cleaner.backoff_ms,
                        [this] { home().spawn(clean_all_due()); });
}

asio::awaitable<void> LogCleaner::clean_all_due() {
    for (bool goes_on = true; goes_on && !is_stopping_;) {
        auto candidate = co_await find_filthiest();
        if (!candidate) break;
        goes_on = co_await clean(*std::move(candidate));
    }
    rest();
}

asio::awaitable<std::optional<LogCleaner::Candidate>> LogCleaner::find_filthiest() {
    std::optional<Candidate> filthiest;
    for (const auto& shard : services_.shards) {
        auto find_one = [this, &shard] { return find_filthiest_of(*shard); };
        auto found = co_await shard->run(std::move(find_one));
        if (!found) continue;
        if (!filthiest || found->cleanable.dirty_ratio() > filthiest->cleanable.dirty_ratio())
            filthiest = std::move(found);
    }
    co_return filthiest;
}

bool LogCleaner::is_due(const storage::Log& log, const storage::Cleanable& cleanable) const {
    if (cleanable.is_overdue && cleanable.dirty_bytes > 0) return true;
    return cleanable.dirty_ratio() > log.config().min_cleanable_dirty_ratio;
}

// Requires: on that shard, and nobody else is at work here meanwhile.
std::optional<LogCleaner::Candidate> LogCleaner::find_filthiest_of(Shard& shard) const {
    std::optional<Candidate> filthiest;
    const int64_t now_ms = shard.clock.now_ms();
    shard.replicas.for_each([&](const auto& topic_id, int32_t partition, auto& replica) {
        const storage::Log& log = replica.log();
        if (!log.config().compacts || log.is_moving()) return;
        const Id id{topic_id, partition};
        const auto retry_at = retry_at_ms_.find(id);
        if (retry_at != retry_at_ms_.end() && now_ms < retry_at->second) return;
        const auto known = compacted_.find(id);
        const auto cleanable =
            log.cleanable(known == compacted_.end() ? -1 : known->second.offset, now_ms);
        // What cannot be looked at is reported by whoever reads it.
        if (!cleanable || !is_due(log, *cleanable)) return;
        if (!filthiest || cleanable->dirty_ratio() > filthiest->cleanable.dirty_ratio())
            filthiest = {.id = id, .owner = &shard, .cleanable = *cleanable};
    });
    return filthiest;
}

asio::awaitable<bool> LogCleaner::clean(Candidate candidate) {
    const auto& settings = home().config.log.cleaner;
    const storage::CompactionOptions options{
        .now_ms = home().clock.now_ms(),
        .keys = {.memory_bytes =
                     static_cast<uint64_t>(std::max<int64_t>(settings.key_map_bytes, 0)),
                 .load_max = settings.key_map_load_max,
                 .hash_key = {.low = home().random(), .high = home().random()}},
        .is_cancelled = &is_stopping_};
    std::string directory;
    auto begin = [&]() -> std::expected<std::unique_ptr<storage::CompactionRound>, ErrorCode> {
        partition::Replica* replica = find(candidate);
        if (!replica) return nullptr;
        directory = replica->log().directory();
        return replica->log().begin_compaction(candidate.cleanable, options);
    };
    const auto round = co_await candidate.owner->run(std::move(begin));
    if (round && !*round) co_return true;
    std::expected<bool, ErrorCode> done = false;
    if (!round)
        done = std::unexpected(round.error());
    else
        done = co_await run_round(candidate, **round);
    if (is_stopping_) co_return false;
    if (!done) note_failure(candidate, done.error());
    if (!done || !*done) co_return false;

    const auto topic = home().image.find(candidate.id.first);
    if (!topic) co_return true;
    spdlog::info("{}: compacted up to {}, {} of {} bytes are left", directory,
                 (*round)->end_offset(), (*round)->bytes_written(), (*round)->bytes_read());
    retry_at_ms_.erase(candidate.id);
    compacted_[candidate.id] = {{topic->name, candidate.id.second}, (*round)->end_offset()};
    (void)co_await write_checkpoint();
    co_return true;
}

// In the checkpoint before a first segment is swapped in: gaps between the offsets of a log that is
// not in it are a loss, also when it is not compacted any more at the start after a crash.
asio::awaitable<std::expected<void, ErrorCode>> LogCleaner::note_begun(Id id) {
    const auto topic = home().image.find(id.first);
    if (!topic || compacted_.contains(id)) co_return std::expected<void, ErrorCode>{};
    compacted_[id] = {{topic->name, id.second}, 0};
    auto written = co_await write_checkpoint();
    if (!written) compacted_.erase(id);
    co_return written;
}

asio::awaitable<std::expected<bool, ErrorCode>> LogCleaner::run_round(
    const Candidate& candidate, storage::CompactionRound& round) {
    const auto noted = co_await note_begun(candidate.id);
    if (!noted) co_return std::unexpected(noted.error());
    auto read_keys = [&round] { return round.read_keys(); };
    const auto read = co_await services_.cleaning.run(std::move(read_keys));
    if (!read) co_return std::unexpected(read.error());
    for (;;) {
        auto clean_next = [&round] { return round.clean_next(); };
        const auto cleaned = co_await services_.cleaning.run(std::move(clean_next));
        if (!cleaned) co_return std::unexpected(cleaned.error());
        if (!*cleaned) co_return true;
        auto swap_in = [&]() -> std::expected<bool, ErrorCode> {
            partition::Replica* replica = find(candidate);
            // The topic was deleted meanwhile.
            if (!replica || is_stopping_) return false;
            return replica->log().swap_in(round);
        };
        const auto swapped = co_await candidate.owner->run(std::move(swap_in));
        if (!swapped || !*swapped) co_return swapped;
    }
}

// A damaged log stays as it is until the next start; a disk that failed may work again.
void LogCleaner::note_failure(const Candidate& candidate, ErrorCode error) {
    const auto topic = home().image.find(candidate.id.first);
    if (!topic) return;
    spdlog::error("{}-{} cannot be compacted: {}", topic->name, candidate.id.second,
                  protocol::name(error));
    const bool may_heal = error == ErrorCode::kafka_storage_error;
    retry_at_ms_[candidate.id] =
        may_heal ? home().clock.now_ms() + retry_delay_ms : std::numeric_limits<int64_t>::max();
}

asio::awaitable<std::expected<void, ErrorCode>> LogCleaner::write_checkpoint() {
    const auto is_deleted = [this](const auto& entry) {
        return !home().image.find(entry.first.first);
    };
    std::erase_if(compacted_, is_deleted);
    std::erase_if(retry_at_ms_, is_deleted);
    std::vector<storage::CleanerOffset> offsets;
    for (const auto& [id, compacted] : compacted_)
        offsets.push_back({compacted.name, id.first, compacted.offset});
    auto write = [this, &offsets] { return services_.directory.write_cleaner_checkpoint(offsets); };
    const auto written = co_await services_.background.run(std::move(write));
    if (!written)
        spdlog::error("The cleaner's checkpoint cannot be written: {}",
                      protocol::name(written.error()));
    co_return written;
}

}  // namespace broker
