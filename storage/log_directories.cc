#include "storage/log_directories.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace storage {

using std::unexpected;

std::expected<std::unique_ptr<LogDirectories>, std::string> LogDirectories::open(
    FileSystem& files, std::span<const std::string> paths,
    const LogDirectory::OpenOptions& options) {
    std::unique_ptr<LogDirectories> all(new LogDirectories(files));
    for (const std::string& path : paths) {
        if (std::ranges::count(paths, path) > 1)
            return unexpected(fmt::format("log.dirs names {} twice", path));
        if (auto added = all->add(path, options); !added) return unexpected(added.error());
    }
    all->collect_partitions();
    return all;
}

std::expected<void, std::string> LogDirectories::add(const std::string& path,
                                                     LogDirectory::OpenOptions options) {
    paths_.push_back(path);
    // The first one says which cluster this is, and whether it is new.
    if (!places_.empty()) {
        options.cluster_id = properties().cluster_id;
        options.may_be_new = !places_.front().directory->has_metadata_log();
    }
    auto opened = LogDirectory::open(files_, path, options);
    if (!opened) {
        if (!opened.error().is_of_disk || places_.empty())
            return unexpected(std::move(opened.error().message));
        is_one_offline_ = true;
        problems_.push_back(opened.error().message +
                            "; it is offline, and the partitions in it are");
        return {};
    }
    const auto& id = (*opened)->properties().directory_id;
    if (std::ranges::count(directory_ids(), id) > 0)
        return unexpected(fmt::format("{} has the directory id of another one", path));
    for (const std::string& problem : (*opened)->problems()) problems_.push_back(problem);
    const auto count = static_cast<int64_t>((*opened)->partitions().size());
    places_.push_back({std::move(*opened), std::make_unique<std::atomic<int64_t>>(count)});
    return {};
}

void LogDirectories::collect_partitions() {
    for (const Place& place : places_) {
        for (const LogDirectory::Partition& partition : place.directory->partitions()) {
            partitions_.push_back(partition);
            found_.try_emplace({partition.name, partition.topic_id}, &place);
        }
    }
    std::ranges::sort(partitions_, {}, &LogDirectory::Partition::name);
}

std::expected<void, std::string> LogDirectories::expect_topics(Topics topics) {
    std::map<PartitionName, const Place*> homes;
    for (const Place& place : places_) {
        const auto& [directory, log_count] = place;
        directory->expect_leftovers_of(topics.deleted);
        for (const LogDirectory::Partition& partition : directory->partitions()) {
            const auto& [name, topic_id] = partition;
            const auto topic = topics.ids.find(name.topic);
            if (topic == topics.ids.end()) continue;
            if (topic_id.is_zero() || topic_id == topic->second) {
                const auto [home, is_new] = homes.emplace(name, &place);
                if (is_new || drop_unborn(name, home->second, place) ||
                    drop_copied(partition, home->second, place))
                    continue;
                return unexpected(fmt::format("{} is both in {} and in {}", directory_name(name),
                                              home->second->directory->path(), directory->path()));
            }
            if (!directory->make_way(name, topic->second))
                return unexpected(fmt::format("{}/{} is of a deleted topic and cannot be set aside",
                                              directory->path(), directory_name(name)));
            --*log_count;
            std::erase(partitions_, partition);
        }
    }
    for (const auto& [name, id] : topics.ids) expected_.insert(id);
    forget_generations(homes);
    return {};
}

bool LogDirectories::drop_unborn(const PartitionName& name, const Place*& home,
                                 const Place& other) {
    const Place* unborn = nullptr;
    for (const Place* place : {home, &other})
        if (place->directory->is_unborn(name)) unborn = place;
    if (!unborn || !unborn->directory->remove_log(name, {})) return false;
    --*unborn->log_count;
    partitions_.erase(std::ranges::find(partitions_, LogDirectory::Partition{name, {}}));
    if (unborn == home) home = &other;
    return true;
}

std::expected<void, ErrorCode> LogDirectories::begin_work() {
    for (const Place& place : places_)
        if (auto begun = place.directory->begin_work(); !begun) return begun;
    return {};
}

std::vector<protocol::Uuid> LogDirectories::directory_ids() const {
    std::vector<protocol::Uuid> ids;
    for (const auto& [directory, log_count] : places_)
        ids.push_back(directory->properties().directory_id);
    return ids;
}

std::vector<LogDirectories::Described> LogDirectories::describe() const {
    std::vector<Described> all;
    for (const std::string& path : paths_) {
        const bool is_online = std::ranges::any_of(
            places_, [&](const Place& place) { return place.directory->path() == path; });
        const auto volume = files_.volume(path);
        all.push_back({.path = path, .volume = unexpected(ErrorCode::kafka_storage_error)});
        if (is_online && volume) all.back().volume = *volume;
    }
    return all;
}

bool LogDirectories::was_clean_shutdown() const {
    return std::ranges::all_of(
        places_, [](const Place& place) { return place.directory->was_clean_shutdown(); });
}

bool LogDirectories::holds(const Place& place, const PartitionName& name) const {
    return files_.is_directory(place.directory->path() + "/" + directory_name(name));
}

const LogDirectories::Place* LogDirectories::find(const PartitionName& name) const {
    const auto found =
        std::ranges::find_if(places_, [&](const Place& place) { return holds(place, name); });
    return found == places_.end() ? nullptr : &*found;
}

std::expected<const LogDirectories::Place*, ErrorCode> LogDirectories::place_of(
    const PartitionName& name, const protocol::Uuid& topic_id) const {
    {
        const std::scoped_lock lock(moves_mutex_);
        if (const auto moved = moved_.find({name, topic_id}); moved != moved_.end())
            return moved->second;
    }
    // A disk may go away after the start; what is on it must not begin anew on another one.
    if (const auto found = found_.find({name, topic_id});
        found != found_.end() && !topic_id.is_zero()) {
        if (holds(*found->second, name)) return found->second;
        return unexpected(ErrorCode::kafka_storage_error);
    }
    if (const Place* place = find(name)) return place;
    if (is_one_offline_ && expected_.contains(topic_id))
        return unexpected(ErrorCode::kafka_storage_error);
    if (const Place* place = preferred(name)) {
        ++*place->log_count;
        return place;
    }
    const auto place = emptiest();
    if (place) ++*(*place)->log_count;
    return place;
}

std::expected<const LogDirectories::Place*, ErrorCode> LogDirectories::emptiest() const {
    const Place* emptiest = nullptr;
    for (const Place& place : places_) {
        // One that went away since the start would take the new log with it.
        if (!files_.exists(place.directory->path() + "/" + std::string(meta_properties_file)))
            continue;
        if (!emptiest || *place.log_count < *emptiest->log_count) emptiest = &place;
    }
    if (!emptiest) return unexpected(ErrorCode::kafka_storage_error);
    return emptiest;
}

std::expected<std::unique_ptr<Log>, ErrorCode> LogDirectories::open_log(
    const PartitionName& name, const protocol::Uuid& topic_id, const LogConfig& config,
    int64_t now_ms) const {
    const auto place = place_of(name, topic_id);
    if (!place) return unexpected(place.error());
    auto log = (*place)->directory->open_log(name, topic_id, config, now_ms);
    // Where the disk goes away meanwhile there seems to be none yet.
    if (log && found_.contains({name, topic_id}) && !holds(**place, name))
        return unexpected(ErrorCode::kafka_storage_error);
    return log;
}

std::expected<std::string, ErrorCode> LogDirectories::set_aside_log(
    const PartitionName& name, const protocol::Uuid& topic_id) const {
    const Place* home = nullptr;
    {
        const std::scoped_lock lock(moves_mutex_);
        const auto moved = moved_.extract({name, topic_id});
        if (moved) home = moved.mapped();
    }
    if (home) {
        auto set_aside = home->directory->set_aside_log(name, topic_id);
        if (set_aside) --*home->log_count;
        // What a disk that failed kept of the log before it moved.
        for (const Place& place : places_)
            if (&place != home) (void)place.directory->set_aside_log(name, topic_id);
        return set_aside;
    }
    for (const Place& place : places_) {
        auto set_aside = place.directory->set_aside_log(name, topic_id);
        if (set_aside) --*place.log_count;
        if (set_aside || set_aside.error() != ErrorCode::unknown_topic_or_partition)
            return set_aside;
    }
    return unexpected(ErrorCode::unknown_topic_or_partition);
}

std::expected<void, ErrorCode> LogDirectories::remove_set_aside(
    const std::string& set_aside) const {
    return places_.front().directory->remove_set_aside(set_aside);
}

std::expected<void, ErrorCode> LogDirectories::write_checkpoints(
    std::span<const PartitionCheckpoint> open) const {
    // Each takes those that it has.
    std::expected<void, ErrorCode> outcome;
    for (const auto& [directory, log_count] : places_)
        if (const auto written = directory->write_checkpoints(open); !written) outcome = written;
    return outcome;
}

std::expected<void, ErrorCode> LogDirectories::write_cleaner_checkpoint(
    std::span<const CleanerOffset> offsets) const {
    std::expected<void, ErrorCode> outcome;
    for (const auto& [directory, log_count] : places_)
        if (const auto written = directory->write_cleaner_checkpoint(offsets); !written)
            outcome = written;
    return outcome;
}

std::vector<CleanerOffset> LogDirectories::cleaner_checkpoint() const {
    std::vector<CleanerOffset> all;
    for (const auto& [directory, log_count] : places_)
        std::ranges::copy(directory->cleaner_checkpoint(), std::back_inserter(all));
    return all;
}

std::expected<void, ErrorCode> LogDirectories::close(std::span<const PartitionCheckpoint> open,
                                                     int64_t broker_epoch) {
    std::expected<void, ErrorCode> outcome;
    for (const auto& [directory, log_count] : places_)
        if (const auto closed = directory->close(open, broker_epoch); !closed) outcome = closed;
    return outcome;
}

}  // namespace storage
