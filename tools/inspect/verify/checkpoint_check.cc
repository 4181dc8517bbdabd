#include "tools/inspect/verify/checkpoint_check.h"

#include <fmt/format.h>

#include <algorithm>

namespace inspect {

namespace {

using protocol::Uuid;
using storage::PartitionName;

// What is known of a partition that has no directory where a checkpoint names it.
enum class Whereabouts : uint8_t {
    here,         // The metadata log has it here: it is lost.
    elsewhere,    // in another directory
    not_named,    // perhaps in a directory that verification was not told of
    not_of_node,  // by the metadata log the broker has no such partition any more
    unknown,
};

// Kafka's DirectoryId: where a replica is to be found out yet, or was lost.
bool is_reserved(const Uuid& directory_id) {
    constexpr uint8_t reserved_count = 100;
    const auto& bytes = directory_id.bytes;
    return std::all_of(bytes.begin(), bytes.end() - 1,
                       [](auto byte) { return byte == std::byte{}; }) &&
           std::to_integer<uint8_t>(bytes.back()) < reserved_count;
}

class AbsentPartitions {
  public:
    AbsentPartitions(const DataDirectory& directory,
                     const std::vector<const DataDirectory*>& others)
        : directory_(directory), others_(others) {}

    Whereabouts find(const PartitionName& name) const {
        const auto is_there = [&](const DataDirectory* other) {
            return other->has(name) || other->has_set_aside(name);
        };
        if (std::ranges::any_of(others_, is_there)) return Whereabouts::elsewhere;
        if (!directory_.metadata || !directory_.properties) return Whereabouts::unknown;
        const auto assigned = assigned_directory(name);
        if (!assigned) return Whereabouts::not_of_node;
        if (*assigned == directory_.properties->directory_id) return Whereabouts::here;
        if (!is_reserved(*assigned)) return Whereabouts::elsewhere;
        return are_all_named() ? Whereabouts::here : Whereabouts::not_named;
    }

  private:
    // Nullopt: the broker has no such partition.
    std::optional<Uuid> assigned_directory(const PartitionName& name) const {
        const auto topic = directory_.metadata->image().find(std::string_view(name.topic));
        if (!topic || name.partition < 0 || name.partition >= topic->partition_count())
            return std::nullopt;
        const auto& partition = topic->partitions[static_cast<size_t>(name.partition)];
        const auto replica = std::ranges::find(partition.replicas, directory_.properties->node_id);
        if (replica == partition.replicas.end()) return std::nullopt;
        const auto index = static_cast<size_t>(replica - partition.replicas.begin());
        return index < partition.directories.size() ? partition.directories[index] : Uuid{};
    }

    // Whether the broker has no directory but these.
    bool are_all_named() const {
        const auto* broker = directory_.metadata->image().broker(directory_.properties->node_id);
        if (!broker || broker->log_dirs.empty()) return false;
        return std::ranges::all_of(broker->log_dirs, [&](const Uuid& id) {
            const auto has_id = [&](const DataDirectory* one) {
                return one->properties && one->properties->directory_id == id;
            };
            return has_id(&directory_) || std::ranges::any_of(others_, has_id);
        });
    }

    const DataDirectory& directory_;
    const std::vector<const DataDirectory*>& others_;
};

std::string_view describe(Whereabouts whereabouts) {
    switch (whereabouts) {
        case Whereabouts::here: return "and by the metadata log is here";
        case Whereabouts::elsewhere: return "and is in another data directory";
        case Whereabouts::not_named:
            return "and may be in another data directory, which is to be named as well";
        case Whereabouts::not_of_node: return "and by the metadata log is not of this broker";
        case Whereabouts::unknown: return "and without the metadata log may be anywhere";
    }
    return "";
}

// At a clean stop both brokers write these anew, whatever is in them; Kafka leaves the others as
// they are where it has nothing to write.
bool is_written_at_stop(std::string_view file) {
    return file == storage::recovery_point_file || file == storage::log_start_file;
}

}  // namespace

void check_absent_partitions(const DataDirectory& directory,
                             const std::vector<const DataDirectory*>& others, Findings& findings) {
    // A partition that is deleted while a broker runs is in its checkpoints for a while.
    if (directory.is_in_use) return;
    const AbsentPartitions absent(directory, others);
    for (const auto& [file, checkpoint] : directory.checkpoints) {
        for (const auto& [name, offset] : checkpoint.offsets) {
            // What is set aside is forgotten by the next start.
            if (directory.has(name) || directory.has_set_aside(name)) continue;
            const auto whereabouts = absent.find(name);
            const bool is_stale =
                whereabouts == Whereabouts::not_of_node || whereabouts == Whereabouts::unknown;
            const bool is_fault =
                whereabouts == Whereabouts::here ||
                (is_stale && directory.was_stopped_cleanly && is_written_at_stop(file));
            const auto what = fmt::format("names {}, which has no directory here, {}",
                                          storage::directory_name(name), describe(whereabouts));
            if (is_fault)
                findings.violation(Rule::checkpoint, {directory.inside(file)}, what);
            else
                findings.note(Rule::checkpoint, {directory.inside(file)}, what);
        }
    }
}

}  // namespace inspect
