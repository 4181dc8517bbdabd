#include "storage/log_directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "protocol/uuid.h"
#include "storage/segment_files.h"

namespace storage {
namespace {

using std::unexpected;

constexpr std::string_view lock_file = ".lock";
constexpr std::string_view metadata_topic = "__cluster_metadata";
constexpr std::string_view clean_shutdown_file = ".kafka_cleanshutdown";
constexpr std::string_view stray_suffix = "-stray";

// Kafka keeps ids that begin with a dash out of the way of command lines.
protocol::Uuid fresh_uuid(const std::function<protocol::Uuid()>& random_uuid) {
    protocol::Uuid uuid;
    do uuid = random_uuid();
    while (uuid.is_zero() || protocol::to_string(uuid).starts_with('-'));
    return uuid;
}

// Why a topic id is not known, where it is not that the disk refuses to tell.
bool is_absent_or_damaged(const std::error_code& error) {
    return error == std::errc::no_such_file_or_directory ||
           error == std::errc::illegal_byte_sequence;
}

int64_t offset_in(const Checkpoint& checkpoint, const PartitionName& name) {
    const auto found = checkpoint.find(name);
    return found == checkpoint.end() ? 0 : std::max<int64_t>(found->second, 0);
}

// Kafka's name for a log that belongs to no topic; beside that of one that is to be deleted.
std::string stray_directory_name(const PartitionName& name, const protocol::Uuid& topic_id) {
    const std::string deleted = deleted_directory_name(name, topic_id);
    return deleted.substr(0, deleted.rfind('-')) + std::string(stray_suffix);
}

// Whether the checkpoints of this name may be those of a log that was deleted.
bool has_leftover(const std::vector<std::string>& names, const PartitionName& name) {
    return std::ranges::any_of(
        names, [&](const auto& other) { return is_deleted_directory_of(name, other); });
}

std::expected<void, ErrorCode> or_storage_error(
    const std::expected<void, std::error_code>& outcome) {
    if (!outcome) return unexpected(ErrorCode::kafka_storage_error);
    return {};
}

}  // namespace

std::expected<std::unique_ptr<LogDirectory>, LogDirectory::OpenError> LogDirectory::open(
    FileSystem& files, const std::string& path, const OpenOptions& options) {
    std::unique_ptr<LogDirectory> directory(new LogDirectory(files, path, options));
    if (auto loaded = directory->load(options); !loaded) {
        auto& [message, is_of_disk] = loaded.error();
        return unexpected(OpenError{fmt::format("{}: {}", path, message), is_of_disk});
    }
    return directory;
}

std::expected<void, LogDirectory::OpenError> LogDirectory::load(const OpenOptions& options) {
    const auto disk = [](std::string message) { return unexpected(OpenError{std::move(message)}); };
    if (!options.may_be_new) {
        const auto names = files_.list(path_);
        if (!names) return disk(names.error().message());
        if (std::ranges::count(*names, meta_properties_file) == 0)
            return disk(fmt::format("there is no {}: is its disk mounted?", meta_properties_file));
    }
    if (auto made = make_directory(); !made) return disk(made.error().message());
    auto lock = files_.lock(path_of(lock_file));
    if (!lock) {
        if (lock.error() == std::errc::resource_unavailable_try_again)
            return unexpected(OpenError{"another broker is running on this directory", false});
        return disk(fmt::format("{}: {}", lock_file, lock.error().message()));
    }
    lock_ = std::move(*lock);
    if (auto loaded = load_properties(options); !loaded) {
        auto& [message, is_of_disk] = loaded.error();
        message = fmt::format("{}: {}", meta_properties_file, message);
        return loaded;
    }
    was_clean_shutdown_ = files_.exists(path_of(clean_shutdown_file));
    const auto names = files_.list(path_);
    if (!names) return disk(names.error().message());
    if (auto loaded = load_partitions(*names); !loaded) return disk(loaded.error());
    if (auto loaded = load_checkpoints(*names); !loaded) return disk(loaded.error());
    // What was not found until here may not be absent, but out of reach.
    if (!files_.exists(path_of(meta_properties_file))) return disk("it is not there any more");
    return {};
}

std::expected<void, std::error_code> LogDirectory::make_directory() {
    std::vector<std::string> absent;
    for (std::string directory = path_; !files_.exists(directory);
         directory = parent_directory(directory))
        absent.push_back(directory);
    if (auto made = files_.create_directories(path_); !made) return made;
    // A power cut must not take the names of what was made here.
    for (const auto& directory : absent)
        if (auto synced = files_.sync_directory(parent_directory(directory)); !synced)
            return synced;
    // Perhaps the start that made it died before that; else it is not ours, nor its parent to open.
    if (absent.empty() && !files_.exists(path_of(meta_properties_file)))
        (void)files_.sync_directory(parent_directory(path_));
    return {};
}

std::expected<void, LogDirectory::OpenError> LogDirectory::load_properties(
    const OpenOptions& options) {
    const auto conflict = [](std::string message) {
        return unexpected(OpenError{std::move(message), /*is_of_disk=*/false});
    };
    MetaProperties expected{.node_id = options.node_id};
    const auto contents = read_whole(files_, path_of(meta_properties_file));
    if (contents) {
        auto decoded = decode_meta_properties(as_text(*contents));
        if (!decoded) return conflict(decoded.error());
        properties_ = std::move(*decoded);
        expected.cluster_id = options.cluster_id.value_or(properties_.cluster_id);
        if (properties_.cluster_id != expected.cluster_id)
            return conflict(fmt::format("this is a directory of cluster {}, not of {}",
                                        properties_.cluster_id, expected.cluster_id));
        if (properties_.node_id != expected.node_id)
            return conflict(fmt::format("this is a directory of node {}, not of {}",
                                        properties_.node_id, expected.node_id));
        if (!properties_.directory_id.is_zero()) return {};
    } else {
        if (contents.error() != std::errc::no_such_file_or_directory)
            return unexpected(OpenError{contents.error().message()});
        const auto names = files_.list(path_);
        if (!names) return unexpected(OpenError{names.error().message()});
        // Empty, as Kafka makes it: it says that no log here is compacted. Its name goes to the
        // disk with that of the file that follows.
        if (std::ranges::all_of(*names, [](const auto& name) { return name == lock_file; }))
            (void)files_.open(path_of(cleaner_file), FileSystem::Open::create);
        properties_ = {.cluster_id = options.cluster_id
                                         ? *options.cluster_id
                                         : protocol::to_string(fresh_uuid(options.random_uuid)),
                       .node_id = options.node_id};
    }
    properties_.directory_id = fresh_uuid(options.random_uuid);
    const auto written =
        replace_whole(files_, path_of(meta_properties_file), as_bytes(encode(properties_)));
    if (!written) return unexpected(OpenError{written.error().message()});
    return {};
}

std::expected<void, ErrorCode> LogDirectory::begin_work() {
    if (!was_clean_shutdown_) return {};
    auto removed = files_.remove(path_of(clean_shutdown_file));
    // It has to be gone for good before the first log is touched.
    if (removed) removed = files_.sync_directory(path_);
    return or_storage_error(removed);
}

std::expected<void, std::string> LogDirectory::load_partitions(
    const std::vector<std::string>& names) {
    for (const auto& name : names) {
        const std::string path = path_of(name);
        if (!files_.is_directory(path)) continue;
        if (is_deleted_directory_name(name)) {
            if (!remove_set_aside(path))
                problems_.push_back(fmt::format("{}: cannot be deleted", path));
            continue;
        }
        auto partition = parse_directory_name(name);
        if (parse_future_directory_name(name)) {
            note_future(name);
            continue;
        }
        if (!partition) {
            if (!name.ends_with(stray_suffix))
                problems_.push_back(fmt::format("{}: not the directory of a partition", path));
            continue;
        }
        has_metadata_log_ |= partition->topic == metadata_topic;
        if (partition->topic == metadata_topic) continue;
        const auto topic_id = read_topic_id(files_, path);
        if (!topic_id && topic_id.error() != std::errc::no_such_file_or_directory) {
            auto problem =
                fmt::format("{}/{}: {}", path, partition_metadata_file, topic_id.error().message());
            if (!is_absent_or_damaged(topic_id.error())) return unexpected(std::move(problem));
            problems_.push_back(std::move(problem));
        }
        found_[*partition].topic_id = topic_id.value_or(protocol::Uuid{});
    }
    for (const auto& [name, found] : found_)
        partitions_.push_back({.name = name, .topic_id = found.topic_id});
    return {};
}

void LogDirectory::note_future(const std::string& name) {
    const std::string path = path_of(name);
    futures_.push_back(
        {.partition = {.name = *parse_future_directory_name(name),
                       .topic_id = read_topic_id(files_, path).value_or(protocol::Uuid{})},
         .directory = path});
}

std::expected<void, std::string> LogDirectory::load_checkpoints(
    const std::vector<std::string>& names) {
    const auto recovery_points = load_checkpoint(recovery_point_file);
    const auto log_starts = load_checkpoint(log_start_file);
    const auto high_watermarks = load_checkpoint(high_watermark_file);
    for (const auto* read : {&recovery_points, &log_starts, &high_watermarks})
        if (!*read) return unexpected(read->error());
    if (auto loaded = load_cleaner_checkpoint(names); !loaded) return loaded;
    for (auto& [name, found] : found_) {
        if (has_leftover(names, name)) continue;
        found.offsets = {.recovery_point = offset_in(*recovery_points, name),
                         .log_start_offset = offset_in(*log_starts, name),
                         .high_watermark = offset_in(*high_watermarks, name)};
    }
    const auto names_others = [&](const Checkpoint& checkpoint) {
        return std::ranges::any_of(
            checkpoint, [&](const auto& entry) { return !found_.contains(entry.first); });
    };
    // What the checkpoints say of logs that are gone must not be taken for new ones of their names.
    if (std::ranges::any_of(names, is_deleted_directory_name) || names_others(*recovery_points) ||
        names_others(*log_starts))
        if (!write_checkpoints({})) return unexpected("the checkpoints cannot be written");
    return {};
}

std::expected<void, std::string> LogDirectory::load_cleaner_checkpoint(
    const std::vector<std::string>& names) {
    const bool is_there = files_.exists(path_of(cleaner_file));
    const size_t problem_count = problems_.size();
    const auto offsets = load_checkpoint(cleaner_file);
    if (!offsets) return unexpected(offsets.error());
    const bool is_known = is_there && problems_.size() == problem_count;
    for (auto& [name, found] : found_) {
        const auto entry = offsets->find(name);
        // Without the file nobody knows which logs were compacted before it was lost.
        found.may_be_compacted = !is_known || entry != offsets->end();
        if (entry != offsets->end() && !has_leftover(names, name))
            cleaner_.push_back({.name = name, .topic_id = found.topic_id, .offset = entry->second});
    }
    // From its first start on a directory says which logs are compacted, be it none.
    const bool is_new = !is_there && found_.empty();
    if (!is_new && cleaner_.size() == offsets->size()) return {};
    if (!replace_cleaner_checkpoint()) return unexpected("the checkpoints cannot be written");
    return {};
}

// What a damaged one said is lost, and is done without; what the disk refuses to say now it may say
// the next time, unless another one is written in its place meanwhile.
std::expected<Checkpoint, std::string> LogDirectory::load_checkpoint(std::string_view file) {
    auto read = read_checkpoint(files_, path_of(file));
    if (read.is_unreadable) return unexpected(std::move(*read.problem));
    if (read.problem) problems_.push_back(std::move(*read.problem));
    return std::move(read.offsets);
}

std::string LogDirectory::path_of(std::string_view name) const {
    return fmt::format("{}/{}", path_, name);
}

std::expected<bool, ErrorCode> LogDirectory::is_there(const PartitionName& name,
                                                      const protocol::Uuid& topic_id) const {
    const std::string path = path_of(directory_name(name));
    if (!files_.is_directory(path)) return false;
    const auto present = read_topic_id(files_, path);
    if (present) return *present == topic_id;
    if (!is_absent_or_damaged(present.error())) return unexpected(ErrorCode::kafka_storage_error);
    return topic_id.is_zero();
}

// What cannot be looked at now is believed to be there.
bool LogDirectory::may_be_there(const PartitionName& name, const protocol::Uuid& topic_id) const {
    const std::scoped_lock lock(arrivals_mutex_);
    return std::ranges::count(arrivals_, Partition{name, topic_id}) > 0 ||
           is_there(name, topic_id).value_or(true);
}

std::expected<const LogDirectory::Found*, ErrorCode> LogDirectory::find(
    const PartitionName& name) const {
    const auto found = found_.find(name);
    if (found == found_.end()) return nullptr;
    const auto is_same = is_there(name, found->second.topic_id);
    if (!is_same) return unexpected(is_same.error());
    return *is_same ? &found->second : nullptr;
}

bool LogDirectory::is_unborn(const PartitionName& name) const {
    const auto names = files_.list(path_of(directory_name(name)));
    return names && std::ranges::none_of(*names, [](const std::string& file) {
               const auto parsed = parse_segment_file_name(file);
               return parsed ? parsed->kind == SegmentFile::log : file == partition_metadata_file;
           });
}

std::expected<void, ErrorCode> LogDirectory::make_way(const PartitionName& name,
                                                      const protocol::Uuid& topic_id) const {
    const auto present = read_topic_id(files_, path_of(directory_name(name)));
    if (!present || topic_id.is_zero() || *present == topic_id) return {};
    return deleted_.contains(*present) ? remove_log(name, *present)
                                       : set_aside_stray(name, *present);
}

std::expected<void, ErrorCode> LogDirectory::set_aside_stray(const PartitionName& name,
                                                             const protocol::Uuid& topic_id) const {
    const std::string directory = path_of(directory_name(name));
    const std::string stray = path_of(stray_directory_name(name, topic_id));
    if (!files_.rename(directory, stray)) return unexpected(ErrorCode::kafka_storage_error);
    // As after a deletion: while it is there the checkpoints of this name are the old log's.
    if (!files_.create_directories(path_of(deleted_directory_name(name, topic_id))) ||
        !files_.sync_directory(path_)) {
        (void)files_.rename(stray, directory);
        return unexpected(ErrorCode::kafka_storage_error);
    }
    warn_(fmt::format("{} is of a topic that the metadata does not know; it is kept as {}",
                      directory, stray));
    return {};
}

std::expected<std::unique_ptr<Log>, ErrorCode> LogDirectory::open_log(
    const PartitionName& name, const protocol::Uuid& topic_id, const LogConfig& config,
    int64_t now_ms) const {
    if (auto made = make_way(name, topic_id); !made) return unexpected(made.error());
    Log::OpenOptions options{.config = config, .topic_id = topic_id, .now_ms = now_ms};
    const auto found = find(name);
    if (!found) return unexpected(found.error());
    if (*found) {
        options.log_start_offset = (*found)->offsets.log_start_offset;
        options.recovery_point = (*found)->offsets.recovery_point;
        options.clean_shutdown = was_clean_shutdown_;
        if (!config.compacts && !(*found)->may_be_compacted) options.compacted_to = 0;
    }
    return Log::open(files_, path_of(directory_name(name)), options);
}

std::expected<std::string, ErrorCode> LogDirectory::set_aside_log(
    const PartitionName& name, const protocol::Uuid& topic_id) const {
    const std::string directory = path_of(directory_name(name));
    if (!files_.is_directory(directory)) return unexpected(ErrorCode::unknown_topic_or_partition);
    const auto present = read_topic_id(files_, directory);
    if (present && *present != topic_id) return unexpected(ErrorCode::unknown_topic_or_partition);
    if (!present && !is_absent_or_damaged(present.error()))
        return unexpected(ErrorCode::kafka_storage_error);
    std::string set_aside = path_of(deleted_directory_name(name, topic_id));
    // A name that is taken was set aside before, and could not be deleted then.
    if (!files_.remove_all(set_aside) || !files_.rename(directory, set_aside) ||
        !files_.sync_directory(path_))
        return unexpected(ErrorCode::kafka_storage_error);
    return set_aside;
}

std::expected<void, ErrorCode> LogDirectory::remove_set_aside(const std::string& set_aside) const {
    const size_t name_at = set_aside.rfind('/') + 1;
    const std::string forgotten =
        set_aside.substr(0, name_at) + forgotten_directory_name(set_aside.substr(name_at));
    // It may be renamed meanwhile: what is not found in the one is in the other.
    for (const std::string& directory : {set_aside, forgotten}) {
        const auto names = files_.list(directory);
        if (!names && names.error() == std::errc::no_such_file_or_directory) continue;
        if (!names) return unexpected(ErrorCode::kafka_storage_error);
        for (const auto& name : *names)
            if (!files_.remove_all(directory + "/" + name))
                return unexpected(ErrorCode::kafka_storage_error);
    }
    return {};
}

std::expected<void, ErrorCode> LogDirectory::remove_log(const PartitionName& name,
                                                        const protocol::Uuid& topic_id) const {
    const auto set_aside = set_aside_log(name, topic_id);
    if (!set_aside) return unexpected(set_aside.error());
    return remove_set_aside(*set_aside);
}

std::expected<void, ErrorCode> LogDirectory::write_checkpoints(
    std::span<const PartitionCheckpoint> open) const {
    // Those set aside from here on may be in what is written.
    const auto names = files_.list(path_);
    if (!names) return unexpected(ErrorCode::kafka_storage_error);
    std::map<PartitionName, Offsets> offsets;
    for (const auto& partition : open)
        if (may_be_there(partition.name, partition.topic_id))
            offsets[partition.name] = {.recovery_point = partition.recovery_point,
                                       .log_start_offset = partition.log_start_offset,
                                       .high_watermark = partition.high_watermark};
    for (const auto& partition : partitions_) {
        if (offsets.contains(partition.name)) continue;
        const auto found = find(partition.name);
        // What cannot be looked at now is believed to be there.
        if (!found || *found) offsets[partition.name] = found_.at(partition.name).offsets;
    }
    if (auto replaced = replace_checkpoints(offsets); !replaced) return replaced;
    if (auto forgotten = forget_cleaned_leftovers(); !forgotten) return forgotten;
    return forget_leftovers(*names);
}

// One that is not empty yet goes the next time.
std::expected<void, ErrorCode> LogDirectory::forget_leftovers(
    const std::vector<std::string>& names) const {
    bool is_any_forgotten = false;
    for (const auto& name : names) {
        if (!is_deleted_directory_name(name)) continue;
        const std::string forgotten = forgotten_directory_name(name);
        is_any_forgotten |= files_.remove(path_of(name)) ||
                            (name != forgotten && files_.rename(path_of(name), path_of(forgotten)));
    }
    // Who comes back in a power cut speaks against the checkpoints of the log that has its name.
    if (is_any_forgotten) return or_storage_error(files_.sync_directory(path_));
    return {};
}

std::expected<void, ErrorCode> LogDirectory::replace_checkpoints(
    const std::map<PartitionName, Offsets>& offsets) const {
    Checkpoint recovery_points, log_starts, high_watermarks;
    for (const auto& [name, partition] : offsets) {
        recovery_points[name] = partition.recovery_point;
        high_watermarks[name] = partition.high_watermark;
        // As in Kafka, only where DeleteRecords or retention moved it.
        if (partition.log_start_offset > 0) log_starts[name] = partition.log_start_offset;
    }
    const auto write = [&](std::string_view file, const Checkpoint& checkpoint) {
        return write_checkpoint(files_, path_of(file), checkpoint).has_value();
    };
    if (!write(log_start_file, log_starts) || !write(recovery_point_file, recovery_points) ||
        !write(high_watermark_file, high_watermarks))
        return unexpected(ErrorCode::kafka_storage_error);
    return {};
}

std::expected<void, ErrorCode> LogDirectory::write_cleaner_checkpoint(
    std::span<const CleanerOffset> offsets) const {
    const std::scoped_lock lock(cleaner_mutex_);
    // One that is deleted from here on is dropped before the directory goes that tells of it.
    cleaner_.clear();
    std::ranges::copy_if(offsets, std::back_inserter(cleaner_), [this](const CleanerOffset& entry) {
        return may_be_there(entry.name, entry.topic_id);
    });
    return or_storage_error(replace_cleaner_checkpoint());
}

std::expected<void, ErrorCode> LogDirectory::forget_cleaned_leftovers() const {
    const std::scoped_lock lock(cleaner_mutex_);
    const auto erased = std::erase_if(cleaner_, [this](const CleanerOffset& entry) {
        return !may_be_there(entry.name, entry.topic_id);
    });
    if (erased == 0 && is_cleaner_written_) return {};
    return or_storage_error(replace_cleaner_checkpoint());
}

std::expected<void, std::error_code> LogDirectory::replace_cleaner_checkpoint() const {
    Checkpoint checkpoint;
    for (const CleanerOffset& entry : cleaner_) checkpoint[entry.name] = entry.offset;
    auto written = write_checkpoint(files_, path_of(cleaner_file), checkpoint);
    is_cleaner_written_ = written.has_value();
    return written;
}

std::vector<CleanerOffset> LogDirectory::cleaner_checkpoint() const {
    const std::scoped_lock lock(cleaner_mutex_);
    return cleaner_;
}

bool LogDirectory::is_all_recovered(std::span<const PartitionCheckpoint> open) const {
    if (was_clean_shutdown_) return true;
    return std::ranges::all_of(partitions_, [&](const Partition& partition) {
        const auto opened = std::ranges::find(open, partition.name, &PartitionCheckpoint::name);
        return opened != open.end() || !find(partition.name);
    });
}

std::expected<void, ErrorCode> LogDirectory::close(std::span<const PartitionCheckpoint> open,
                                                   int64_t broker_epoch) {
    if (auto written = write_checkpoints(open); !written) return written;
    std::expected<void, ErrorCode> written;
    if (is_all_recovered(open)) {
        const std::string marker = fmt::format(R"({{"version":0,"brokerEpoch":{}}})", broker_epoch);
        written =
            or_storage_error(replace_whole(files_, path_of(clean_shutdown_file), as_bytes(marker)));
    }
    lock_.reset();
    return written;
}

}  // namespace storage
