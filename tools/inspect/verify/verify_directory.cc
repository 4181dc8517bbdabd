#include "tools/inspect/verify/verify_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <deque>
#include <set>
#include <vector>

#include "broker/metadata/metadata_topic.h"
#include "protocol/uuid.h"
#include "tools/inspect/dump_log/file_kind.h"
#include "tools/inspect/verify/checkpoint_check.h"
#include "tools/inspect/verify/data_directory.h"
#include "tools/inspect/verify/quorum_check.h"
#include "tools/inspect/verify/snapshot_check.h"
#include "tools/inspect/verify/verify_log.h"

namespace inspect {

namespace {

using broker::metadata::metadata_topic;
using broker::metadata::metadata_topic_id;
using storage::FileSystem;
using storage::PartitionName;

constexpr std::string_view lock_file = ".lock";
// Compacted without a config of their own that the metadata log has to know.
constexpr std::array<std::string_view, 2> compacted_topics{"__consumer_offsets",
                                                           "__transaction_state"};

class DirectoryVerifier {
  public:
    // `others`: the same broker's.
    DirectoryVerifier(FileSystem& files, const DataDirectory& directory,
                      std::vector<const DataDirectory*> others, const VerifyOptions& options,
                      Findings& findings)
        : files_(files),
          directory_(directory),
          others_(std::move(others)),
          options_(options),
          findings_(findings) {}

    void verify() {
        if (directory_.only) return verify_partition(*directory_.only, directory_.only_path);
        if (!directory_.listed) {
            findings_.violation(Rule::unreadable_file, {directory_.path},
                                directory_.listed.error());
            return;
        }
        verify_properties();
        for (const auto& [name, checkpoint] : directory_.checkpoints)
            if (checkpoint.problem)
                findings_.violation(Rule::checkpoint, {directory_.inside(name)}, "is damaged");
        check_absent_partitions(directory_, others_, findings_);
        for (const auto& name : directory_.files) note_file(name);
        for (const auto& name : directory_.subdirectories) verify_subdirectory(name);
    }

  private:
    void verify_properties();
    void verify_subdirectory(const std::string& name);
    void verify_partition(const PartitionName& name, const std::string& path);
    void check_checkpoints(const PartitionName& name, const LogExtent& extent);
    void note_file(const std::string& name);
    LogOptions log_options(const PartitionName& name, const std::string& path) const;

    FileSystem& files_;
    const DataDirectory& directory_;
    std::vector<const DataDirectory*> others_;
    const VerifyOptions& options_;
    Findings& findings_;
};

void DirectoryVerifier::verify_properties() {
    const std::string file = directory_.inside(storage::meta_properties_file);
    const auto& properties = directory_.properties;
    if (!properties) {
        findings_.violation(Rule::properties, {file}, properties.error());
        return;
    }
    for (const DataDirectory* other : others_)
        if (!properties->directory_id.is_zero() &&
            properties->directory_id == other->properties->directory_id)
            findings_.violation(
                Rule::properties, {file},
                fmt::format("says directory {}, as {} does",
                            protocol::to_string(properties->directory_id), other->path));
}

void DirectoryVerifier::verify_subdirectory(const std::string& name) {
    if (const auto partition = storage::parse_directory_name(name)) {
        for (const DataDirectory* other : others_)
            if (other->has(*partition) && partition->topic != metadata_topic)
                findings_.violation(Rule::duplicate, {directory_.inside(name)},
                                    fmt::format("is in {} as well", other->path));
        verify_partition(*partition, directory_.inside(name));
    } else if (name.ends_with("-delete") || name.ends_with("-future") || name.ends_with("-stray")) {
        findings_.note(Rule::leftover, {directory_.inside(name)}, "a log that was set aside");
    } else {
        findings_.note(Rule::unknown_file, {directory_.inside(name)},
                       "is no partition's directory");
    }
}

void DirectoryVerifier::verify_partition(const PartitionName& name, const std::string& path) {
    if (name.topic == metadata_topic)
        check_quorum(files_, path, directory_.metadata,
                     directory_.properties ? &*directory_.properties : nullptr, findings_);
    const auto extent = verify_log(files_, path, log_options(name, path), findings_);
    if (extent.is_end_known) check_checkpoints(name, extent);
}

void DirectoryVerifier::check_checkpoints(const PartitionName& name, const LogExtent& extent) {
    // They may be those of a log of the name which was deleted before this one was made.
    if (directory_.has_deleted(name)) return;
    for (const auto& [file, checkpoint] : directory_.checkpoints) {
        const auto found = checkpoint.offsets.find(name);
        if (found == checkpoint.offsets.end()) continue;
        const int64_t offset = found->second;
        if (offset < 0 || offset > extent.end_offset)
            findings_.violation(
                Rule::checkpoint, {directory_.inside(file)},
                fmt::format("says {} of {}, whose log is from {} to {}", offset,
                            storage::directory_name(name), extent.start_offset, extent.end_offset));
    }
}

void DirectoryVerifier::note_file(const std::string& name) {
    const std::string path = directory_.inside(name);
    const auto parsed = parse_file_name(name);
    switch (parsed.kind) {
        case FileKind::bootstrap:
            (void)check_snapshot(files_, path, directory_.is_in_use, &findings_);
            break;
        case FileKind::offset_checkpoint:
        case FileKind::meta_properties:
        case FileKind::clean_shutdown:
        case FileKind::lock:
            if (!parsed.leftover.empty())
                findings_.note(Rule::leftover, {path}, "left by a write that has not ended");
            break;
        default: findings_.note(Rule::unknown_file, {path}, "is none of a data directory's");
    }
}

LogOptions DirectoryVerifier::log_options(const PartitionName& name,
                                          const std::string& path) const {
    const Metadata* metadata = directory_.metadata;
    LogOptions options{
        .may_be_compacted =
            directory_.checkpoints.at(storage::cleaner_file).offsets.contains(name) ||
            (metadata && metadata->compacted_topics.contains(name.topic)) ||
            std::ranges::find(compacted_topics, name.topic) != compacted_topics.end(),
        .is_metadata = name.topic == metadata_topic,
        .is_in_use = directory_.is_in_use,
        .now_ms = options_.now_ms,
        .producer_expiration_ms = options_.producer_expiration_ms};
    if (options.is_metadata) options.topic_id = metadata_topic_id;
    if (!metadata || options.is_metadata) return options;
    const auto topic = metadata->image().find(std::string_view(name.topic));
    if (topic) options.topic_id = topic->id;
    const bool is_known = topic && name.partition < topic->partition_count();
    if (!is_known && !directory_.is_in_use)
        findings_.note(
            Rule::topic_id, {path},
            fmt::format("the metadata log knows no such {}", topic ? "partition" : "topic"));
    return options;
}

class Verification {
  public:
    Verification(FileSystem& files, const VerifyOptions& options, Findings& findings)
        : files_(files), options_(options), findings_(findings) {}

    void add(const NamedDirectory& named) {
        if (!paths_.insert(normal_path(named.path)).second) return;
        if (!files_.is_directory(named.path))
            findings_.violation(Rule::unreadable_file, {named.path}, "is no directory");
        else
            directories_.push_back(read_data_directory(files_, named.path, named.is_in_use));
    }

    void verify() {
        // Before the partitions, as a broker that runs moves on.
        for (DataDirectory& directory : directories_) read_metadata(directory);
        for (DataDirectory& directory : directories_) {
            directory.metadata = find_metadata(directory);
            if (directory.own_metadata) check_registrations(directory);
        }
        for (const DataDirectory& directory : directories_)
            DirectoryVerifier(files_, directory, others_of(directory), options_, findings_)
                .verify();
    }

  private:
    void read_metadata(DataDirectory& directory) {
        const bool is_asked = !directory.only || directory.only->topic == metadata_topic;
        directory.own_metadata =
            check_metadata(files_, directory.inside(fmt::format("{}-0", metadata_topic)),
                           directory.is_in_use, is_asked ? &findings_ : nullptr);
    }

    const Metadata* find_metadata(const DataDirectory& directory) const {
        if (directory.own_metadata) return &*directory.own_metadata;
        for (const DataDirectory& other : directories_)
            if (other.own_metadata && directory.is_of_broker_of(other)) return &*other.own_metadata;
        return nullptr;
    }

    // Of all the cluster's directories that were named.
    void check_registrations(const DataDirectory& with_metadata) {
        if (!with_metadata.properties) return;
        for (const DataDirectory& other : directories_)
            if (!other.only && other.properties &&
                other.properties->cluster_id == with_metadata.properties->cluster_id)
                check_registration(other.path, *with_metadata.own_metadata, *other.properties,
                                   findings_);
    }

    std::vector<const DataDirectory*> others_of(const DataDirectory& directory) const {
        std::vector<const DataDirectory*> others;
        for (const DataDirectory& other : directories_)
            if (&other != &directory && !other.only && other.is_of_broker_of(directory))
                others.push_back(&other);
        return others;
    }

    FileSystem& files_;
    const VerifyOptions& options_;
    Findings& findings_;
    std::set<std::string> paths_;
    std::deque<DataDirectory> directories_;  // which point at each other
};

}  // namespace

void verify_directories(FileSystem& files, std::span<const NamedDirectory> directories,
                        const VerifyOptions& options, Findings& findings) {
    Verification verification(files, options, findings);
    for (const NamedDirectory& directory : directories) verification.add(directory);
    verification.verify();
}

bool is_in_use(const std::string& path) {
    for (const auto& directory : {path, directory_around(path)}) {
        const int descriptor =
            ::open(fmt::format("{}/{}", directory, lock_file).c_str(), O_RDONLY | O_CLOEXEC);
        if (descriptor < 0) continue;
        struct flock whole_file{};
        whole_file.l_type = F_WRLCK;
        whole_file.l_whence = SEEK_SET;
        const bool is_asked = ::fcntl(descriptor, F_OFD_GETLK, &whole_file) == 0;
        ::close(descriptor);
        if (is_asked && whole_file.l_type != F_UNLCK) return true;
    }
    return false;
}

}  // namespace inspect
