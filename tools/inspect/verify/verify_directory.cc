#include "tools/inspect/verify/verify_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "storage/checkpoints.h"
#include "storage/meta_properties.h"
#include "storage/partition_metadata.h"
#include "tools/inspect/dump_log/file_kind.h"
#include "tools/inspect/verify/metadata_files.h"
#include "tools/inspect/verify/verify_log.h"

namespace inspect {

namespace {

using storage::Checkpoint;
using storage::FileSystem;
using storage::PartitionName;

constexpr std::string_view metadata_topic = "__cluster_metadata";
constexpr std::string_view lock_file = ".lock";
// Compacted without a config of their own that the metadata log has to know.
constexpr std::array<std::string_view, 2> compacted_topics{"__consumer_offsets",
                                                           "__transaction_state"};
constexpr std::array<std::string_view, 4> checkpoint_files{
    storage::recovery_point_file, storage::log_start_file, storage::high_watermark_file,
    storage::cleaner_file};

class DirectoryVerifier {
  public:
    DirectoryVerifier(FileSystem& files, std::string path, const VerifyOptions& options,
                      Findings& findings)
        : files_(files), path_(std::move(path)), options_(options), findings_(findings) {}

    // What the partitions are measured by. Before them, as a broker that runs moves on.
    void read_context() {
        topics_ = read_topics(files_, inside(fmt::format("{}-0", metadata_topic)));
        for (const auto name : checkpoint_files)
            checkpoints_[name] = storage::read_checkpoint(files_, inside(name));
    }

    void verify_all() {
        const auto names = files_.list(path_);
        if (!names) {
            findings_.violation(Rule::unreadable_file, {path_}, names.error().message());
            return;
        }
        verify_properties();
        for (const auto& [name, checkpoint] : checkpoints_)
            if (checkpoint.problem)
                findings_.violation(Rule::checkpoint, {inside(name)}, "is damaged");
        for (const auto& name : *names) {
            if (files_.is_directory(inside(name)))
                verify_subdirectory(name);
            else
                note_file(name);
        }
    }

    void verify_partition(const PartitionName& name, const std::string& directory) {
        const auto extent = verify_log(files_, directory, log_options(name), findings_);
        if (!extent.is_end_known) return;
        for (const auto& [file, checkpoint] : checkpoints_) {
            const auto found = checkpoint.offsets.find(name);
            if (found == checkpoint.offsets.end()) continue;
            const int64_t offset = found->second;
            if (offset < 0 || offset > extent.end_offset)
                findings_.violation(Rule::checkpoint, {inside(file)},
                                    fmt::format("says {} of {}, whose log is from {} to {}", offset,
                                                storage::directory_name(name), extent.start_offset,
                                                extent.end_offset));
        }
    }

  private:
    std::string inside(std::string_view name) const { return fmt::format("{}/{}", path_, name); }

    void verify_properties() {
        const std::string file = inside(storage::meta_properties_file);
        const auto bytes = read_side_file(files_, file);
        if (!bytes) {
            findings_.violation(Rule::properties, {file}, bytes.error());
            return;
        }
        const auto properties = storage::decode_meta_properties(storage::as_text(*bytes));
        if (!properties) findings_.violation(Rule::properties, {file}, properties.error());
    }

    void verify_subdirectory(const std::string& name) {
        if (const auto partition = storage::parse_directory_name(name)) {
            verify_partition(*partition, inside(name));
        } else if (name.ends_with("-delete") || name.ends_with("-future") ||
                   name.ends_with("-stray")) {
            findings_.note(Rule::leftover, {inside(name)}, "a log that was set aside");
        } else {
            findings_.note(Rule::unknown_file, {inside(name)}, "is no partition's directory");
        }
    }

    void note_file(const std::string& name) {
        const auto parsed = parse_file_name(name);
        switch (parsed.kind) {
            case FileKind::bootstrap:
                verify_metadata_snapshot(files_, inside(name), findings_);
                break;
            case FileKind::offset_checkpoint:
            case FileKind::meta_properties:
            case FileKind::clean_shutdown:
            case FileKind::lock:
                if (!parsed.leftover.empty())
                    findings_.note(Rule::leftover, {inside(name)},
                                   "left by a write that has not ended");
                break;
            default:
                findings_.note(Rule::unknown_file, {inside(name)}, "is none of a data directory's");
        }
    }

    LogOptions log_options(const PartitionName& name) const {
        const auto& cleaned = checkpoints_.at(storage::cleaner_file).offsets;
        LogOptions options{.may_be_compacted = cleaned.contains(name) ||
                                               topics_.compacted.contains(name.topic) ||
                                               std::ranges::find(compacted_topics, name.topic) !=
                                                   compacted_topics.end(),
                           .is_in_use = options_.is_in_use,
                           .now_ms = options_.now_ms,
                           .producer_expiration_ms = options_.producer_expiration_ms};
        if (const auto topic = topics_.ids.find(name.topic); topic != topics_.ids.end())
            options.topic_id = topic->second;
        else if (topics_.is_known && name.topic != metadata_topic && !options_.is_in_use)
            findings_.note(Rule::topic_id, {inside(storage::directory_name(name))},
                           "the metadata log knows no such topic");
        return options;
    }

    FileSystem& files_;
    std::string path_;
    const VerifyOptions& options_;
    Findings& findings_;
    KnownTopics topics_;
    std::map<std::string_view, storage::ReadCheckpoint> checkpoints_;
};

}  // namespace

void verify_directory(FileSystem& files, const std::string& path, const VerifyOptions& options,
                      Findings& findings) {
    if (!files.is_directory(path)) {
        findings.violation(Rule::unreadable_file, {path}, "is no directory");
        return;
    }
    const auto partition = storage::parse_directory_name(name_of_directory(path));
    const bool is_partition =
        partition && !files.exists(fmt::format("{}/{}", path, storage::meta_properties_file));
    DirectoryVerifier verifier(files, is_partition ? path + "/.." : path, options, findings);
    verifier.read_context();
    if (is_partition)
        verifier.verify_partition(*partition, path);
    else
        verifier.verify_all();
}

bool is_in_use(const std::string& path) {
    for (const auto& directory : {path, path + "/.."}) {
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
