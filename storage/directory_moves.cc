// Moves of logs between the directories (KIP-113): names of copies, and which of two directories of
// a partition counts after a crash or the failure of a disk.
//
// A copy that is about to take the place of a log gets a file with a generation, one above that of
// the log. It is given the log's name first, and then the log is set aside: so there may be two of
// one name, of which the later generation has all records. The file goes with the older log.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "storage/checkpoints.h"
#include "storage/log_directories.h"

namespace storage {

using std::unexpected;

namespace {

constexpr std::string_view generation_file = "copy-generation";
constexpr size_t preferred_max = 10'000;

std::string path_of_generation(const std::string& directory) {
    return fmt::format("{}/{}", directory, generation_file);
}

// 0: the log has never taken the place of another one that may still be there.
std::expected<int64_t, ErrorCode> read_generation(FileSystem& files, const std::string& directory) {
    const auto contents = read_whole(files, path_of_generation(directory));
    if (!contents && contents.error() == std::errc::no_such_file_or_directory) return 0;
    if (!contents) return unexpected(ErrorCode::kafka_storage_error);
    const auto lines = decode_checkpoint(as_text(*contents));
    if (!lines || lines->size() != 1) return 0;
    return parse_decimal<int64_t>(lines->front()).value_or(0);
}

std::expected<void, ErrorCode> write_generation(FileSystem& files, const std::string& directory,
                                                int64_t generation) {
    const std::string text = encode_checkpoint({std::to_string(generation)});
    if (!replace_whole(files, path_of_generation(directory), as_bytes(text)))
        return unexpected(ErrorCode::kafka_storage_error);
    return {};
}

// For good: the next move begins with 0 again, which a file that a power cut brings back would
// match.
void forget_generation(FileSystem& files, const std::string& directory, int64_t generation) {
    if (!files.remove(path_of_generation(directory))) return;
    if (!files.sync_directory(directory)) (void)write_generation(files, directory, generation);
}

}  // namespace

std::expected<void, ErrorCode> LogDirectory::expect_arrival(
    const Partition& partition, std::optional<int64_t> cleaned_to) const {
    {
        const std::scoped_lock lock(arrivals_mutex_);
        if (std::ranges::count(arrivals_, partition) == 0) arrivals_.push_back(partition);
    }
    const std::scoped_lock lock(cleaner_mutex_);
    std::erase_if(cleaner_, [&](const auto& entry) { return entry.name == partition.name; });
    if (cleaned_to) cleaner_.push_back({partition.name, partition.topic_id, *cleaned_to});
    if (!replace_cleaner_checkpoint()) return unexpected(ErrorCode::kafka_storage_error);
    return {};
}

void LogDirectory::end_arrival(const Partition& partition) const {
    const std::scoped_lock lock(arrivals_mutex_);
    std::erase(arrivals_, partition);
}

std::string LogDirectories::path_in(const Place& place, const PartitionName& name) const {
    return fmt::format("{}/{}", place.directory->path(), directory_name(name));
}

const LogDirectories::Place* LogDirectories::online(const std::string& path) const {
    const auto found = std::ranges::find_if(
        places_, [&](const Place& place) { return place.directory->path() == path; });
    return found == places_.end() ? nullptr : &*found;
}

std::expected<void, ErrorCode> LogDirectories::check_online(const std::string& path) const {
    if (std::ranges::count(paths_, path) == 0) return unexpected(ErrorCode::log_dir_not_found);
    // One that went away since the start would take the log with it.
    if (!online(path) || !files_.exists(fmt::format("{}/{}", path, meta_properties_file)))
        return unexpected(ErrorCode::kafka_storage_error);
    return {};
}

protocol::Uuid LogDirectories::directory_id(const std::string& path) const {
    const Place* place = online(path);
    return place ? place->directory->properties().directory_id : protocol::Uuid{};
}

protocol::Uuid LogDirectories::found_in(const LogDirectory::Partition& partition) const {
    const auto found = found_.find({partition.name, partition.topic_id});
    if (found == found_.end()) return {};
    return found->second->directory->properties().directory_id;
}

std::vector<LogDirectory::Future> LogDirectories::futures() const {
    std::vector<LogDirectory::Future> all;
    for (const Place& place : places_)
        std::ranges::copy(place.directory->futures(), std::back_inserter(all));
    return all;
}

void LogDirectories::prefer(const PartitionName& name, const std::string& path) const {
    const std::scoped_lock lock(moves_mutex_);
    std::erase_if(preferred_, [&](const auto& entry) { return entry.first == name; });
    if (preferred_.size() >= preferred_max) preferred_.erase(preferred_.begin());
    preferred_.emplace_back(name, path);
}

const LogDirectories::Place* LogDirectories::preferred(const PartitionName& name) const {
    const std::scoped_lock lock(moves_mutex_);
    const auto found =
        std::ranges::find(preferred_, name, &std::pair<PartitionName, std::string>::first);
    if (found == preferred_.end()) return nullptr;
    const std::string path = found->second;
    preferred_.erase(found);
    return check_online(path) ? online(path) : nullptr;
}

std::expected<std::unique_ptr<LogCopy>, ErrorCode> LogDirectories::begin_copy(
    const Move& move, const protocol::Uuid& unique_id) const {
    const auto& [name, topic_id] = move.partition;
    std::string directory;
    for (const Place& place : places_) {
        const std::string& path = place.directory->path();
        const auto names = files_.list(path);
        // Elsewhere there may be one that the next start finds: then it ends what this one began.
        if (!names && path == move.to) return unexpected(ErrorCode::kafka_storage_error);
        if (!names) continue;
        for (const std::string& other : *names) {
            if (parse_future_directory_name(other) != name) continue;
            const std::string future = fmt::format("{}/{}", path, other);
            const auto present = read_topic_id(files_, future);
            if (present && *present != topic_id) continue;
            if (path == move.to && directory.empty())
                directory = future;
            else if (!remove_copy({move.partition, future}) && path == move.to)
                return unexpected(ErrorCode::kafka_storage_error);
        }
    }
    if (directory.empty())
        directory = fmt::format("{}/{}", move.to, future_directory_name(name, unique_id));
    // From here on the next start goes on with it.
    if (!files_.create_directories(directory) || !write_topic_id(files_, directory, topic_id) ||
        !files_.sync_directory(move.to))
        return unexpected(ErrorCode::kafka_storage_error);
    return std::make_unique<LogCopy>(files_, std::move(directory));
}

std::expected<void, ErrorCode> LogDirectories::remove_copy(const LogDirectory::Future& copy) const {
    if (!files_.exists(copy.directory)) return {};
    // Renamed first, lest a crash leaves a part of it that somebody goes on with.
    const std::string parent = parent_directory(copy.directory);
    const std::string doomed = fmt::format("{}/{}", parent,
                                           forgotten_directory_name(deleted_directory_name(
                                               copy.partition.name, copy.partition.topic_id)));
    if (!files_.remove_all(doomed) || !files_.rename(copy.directory, doomed) ||
        !files_.sync_directory(parent) || !files_.remove_all(doomed))
        return unexpected(ErrorCode::kafka_storage_error);
    return {};
}

std::expected<void, ErrorCode> LogDirectories::expect_arrival(
    const Move& move, std::span<const PartitionCheckpoint> checkpoints) const {
    const Place* const from = online(move.from);
    const Place* const to = online(move.to);
    if (!from || !to) return unexpected(ErrorCode::kafka_storage_error);
    std::optional<int64_t> cleaned_to;
    for (const CleanerOffset& entry : from->directory->cleaner_checkpoint())
        if (entry.name == move.partition.name && entry.topic_id == move.partition.topic_id)
            cleaned_to = entry.offset;
    if (auto noted = to->directory->expect_arrival(move.partition, cleaned_to); !noted)
        return noted;
    // In the checkpoints before it has the name; and what a log of the name that was here before
    // left of itself does not speak against them any more.
    if (auto written = to->directory->write_checkpoints(checkpoints); !written) return written;
    const auto names = files_.list(move.to);
    const auto is_leftover = [&](const std::string& name) {
        return is_deleted_directory_of(move.partition.name, name);
    };
    if (!names || std::ranges::any_of(*names, is_leftover))
        return unexpected(ErrorCode::kafka_storage_error);
    return {};
}

void LogDirectories::end_arrival(const Move& move) const {
    if (const Place* to = online(move.to)) to->directory->end_arrival(move.partition);
}

std::expected<void, ErrorCode> LogDirectories::sign_copy(const Move& move,
                                                         const LogCopy& copy) const {
    const Place* const from = online(move.from);
    if (!from) return unexpected(ErrorCode::kafka_storage_error);
    const auto generation = read_generation(files_, path_in(*from, move.partition.name));
    if (!generation) return unexpected(generation.error());
    return write_generation(files_, copy.directory(), *generation + 1);
}

std::expected<LogDirectories::Moved, LogDirectories::MoveFailure> LogDirectories::finish_move(
    const Move& move, const LogCopy& copy) const {
    const auto& [name, topic_id] = move.partition;
    const Place* const from = online(move.from);
    const Place* const to = online(move.to);
    if (!from || !to) return unexpected(MoveFailure{});
    const std::string old_directory = path_in(*from, name);
    const std::string new_directory = path_in(*to, name);
    const auto generation = read_generation(files_, old_directory);
    // What is in its place is nobody's: an empty directory would be taken away by the rename.
    if (!generation || files_.exists(new_directory)) return unexpected(MoveFailure{});
    if (!files_.rename(copy.directory(), new_directory) || !files_.sync_directory(move.to)) {
        // Nobody knows what the disk has. Either it has nothing of that name, or the log is to
        // count, which is written to from here on.
        const bool is_undone =
            files_.rename(new_directory, copy.directory()) && files_.sync_directory(move.to);
        const bool counts =
            is_undone || write_generation(files_, old_directory, *generation + 2).has_value();
        return unexpected(MoveFailure{.is_undecided = !counts});
    }
    {
        const std::scoped_lock lock(moves_mutex_);
        moved_[{name, topic_id}] = to;
    }
    --*from->log_count;
    ++*to->log_count;
    auto set_aside = from->directory->set_aside_log(name, topic_id);
    if (!set_aside) return Moved{new_directory, {}};
    if (*generation == 0) forget_generation(files_, new_directory, 1);
    return Moved{new_directory, *std::move(set_aside)};
}

std::expected<std::string, ErrorCode> LogDirectories::move_empty(const Move& move) const {
    const auto& [name, topic_id] = move.partition;
    const Place* const from = online(move.from);
    const Place* const to = online(move.to);
    if (!from || !to) return unexpected(ErrorCode::kafka_storage_error);
    // One that is out of reach has perhaps a directory of it.
    const bool has_none = !files_.exists(path_in(*from, name));
    if (!has_none || !check_online(move.from)) return unexpected(ErrorCode::kafka_storage_error);
    std::string directory = path_in(*to, name);
    if (!files_.create_directories(directory) || !write_topic_id(files_, directory, topic_id) ||
        !files_.sync_directory(move.to))
        return unexpected(ErrorCode::kafka_storage_error);
    const std::scoped_lock lock(moves_mutex_);
    moved_[{name, topic_id}] = to;
    --*from->log_count;
    ++*to->log_count;
    return directory;
}

bool LogDirectories::drop_copied(const LogDirectory::Partition& partition, const Place*& home,
                                 const Place& other) {
    const auto& [name, topic_id] = partition;
    const auto of_home = read_generation(files_, path_in(*home, name));
    const auto of_other = read_generation(files_, path_in(other, name));
    if (!of_home || !of_other || *of_home == *of_other) return false;
    const Place* const old = *of_home < *of_other ? home : &other;
    const Place* const current = old == home ? &other : home;
    const auto& known = old->directory->partitions();
    const auto dropped = std::ranges::find(known, name, &LogDirectory::Partition::name);
    const auto set_aside = old->directory->set_aside_log(name, dropped->topic_id);
    if (!set_aside) return false;
    // What cannot be removed now goes at the next start.
    (void)old->directory->remove_set_aside(*set_aside);
    problems_.push_back(fmt::format("{} had moved to {}, what was left in {} is removed",
                                    directory_name(name), current->directory->path(),
                                    old->directory->path()));
    --*old->log_count;
    partitions_.erase(std::ranges::find(partitions_, *dropped));
    found_[{name, topic_id}] = current;
    home = current;
    return true;
}

// Where all directories are there, no other log of the name can come back.
void LogDirectories::forget_generations(const std::map<PartitionName, const Place*>& homes) {
    if (is_one_offline_ || places_.size() < 2) return;
    for (const auto& [name, place] : homes) {
        const std::string directory = path_in(*place, name);
        const auto generation = read_generation(files_, directory);
        if (generation && *generation > 0) forget_generation(files_, directory, *generation);
    }
}

}  // namespace storage
