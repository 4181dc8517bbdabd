// The replicas that one shard owns, by topic id and partition. Opened when first asked for.
//
// Requires: called on the owner's shard.
#pragma once

#include <expected>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "broker/clock.h"
#include "broker/metadata/cluster_image.h"
#include "broker/partition/replica.h"
#include "storage/log_directories.h"

namespace broker::partition {

class Replicas {
  public:
    Replicas(storage::LogDirectories& directory, const metadata::ClusterImage& image,
             const Clock& clock)
        : directory_(directory), image_(image), clock_(clock) {}

    // Errors: unknown_topic_or_partition (no such partition), kafka_storage_error and
    // corrupt_message (its log could not be opened; tried again next time).
    std::expected<Replica*, ErrorCode> get(const metadata::TopicImage& topic, int32_t partition);

    // What opening a partition's log gave: the replica that has the log from now on, or the error,
    // which is reported. Requires: the partition is not open.
    std::expected<Replica*, ErrorCode> adopt(
        const metadata::TopicImage& topic, int32_t partition,
        std::expected<std::unique_ptr<storage::Log>, ErrorCode> log);

    // Closes the log of a deleted topic and frees its name; whoever waits for data is woken. Gives
    // the directory that is to be emptied by LogDirectories::remove_set_aside(); empty: there is
    // none.
    std::string remove(const metadata::TopicImage& topic, int32_t partition);
    // Nullptr: it is not open (any more).
    Replica* find_open(const protocol::Uuid& topic_id, int32_t partition);
    // Takes over changed configs.
    void configure(const metadata::TopicImage& topic);

    // Those that are open.
    void for_each(auto visit) {
        for (auto& [id, open] : replicas_) visit(id.first, id.second, *open.replica);
    }
    void wake_all_waiters();
    std::vector<storage::PartitionCheckpoint> checkpoints() const;
    // Writes what a clean shutdown needs; false when some log could not. Only checkpoints() may be
    // asked afterwards.
    bool close_all();

  private:
    struct Open {
        std::string topic;
        std::unique_ptr<Replica> replica;
    };
    storage::LogDirectories& directory_;
    const metadata::ClusterImage& image_;
    const Clock& clock_;
    std::map<std::pair<protocol::Uuid, int32_t>, Open> replicas_;
};

}  // namespace broker::partition
