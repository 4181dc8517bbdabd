// Runs a GroupCoordinator over a log in memory, as the broker's shell runs it over a real one.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/coordinator/group/group_coordinator.h"

namespace tests {

namespace group = broker::coordinator::group;

// A cluster whose topics a test makes and drops as it likes.
class TestCluster : public group::ClusterView {
  public:
    struct Topic {
        protocol::Uuid id;
        int32_t partition_count = 0;
    };

    // A new topic, or more partitions for an old one.
    void set_topic(const std::string& name, int32_t partition_count);
    void delete_topic(const std::string& name);
    void set_group_setting(const std::string& group_id, const std::string& key, int32_t value);
    void set_group_text(const std::string& group_id, const std::string& key, std::string value);
    protocol::Uuid topic_id(const std::string& name) const { return topics_.at(name).id; }
    // How often a topic was asked for.
    size_t lookup_count() const { return lookup_count_; }

    std::optional<group::TopicView> find_topic(std::string_view name) const override;
    std::optional<group::TopicView> find_topic(const protocol::Uuid& id) const override;
    void for_each_topic_after(
        std::string_view name,
        const std::function<bool(const group::TopicView&)>& visit) const override;
    std::vector<std::string> racks(const protocol::Uuid&, int32_t) const override { return {}; }
    int64_t version() const override { return version_; }
    int64_t last_topic_version() const override { return last_topic_version_; }
    int64_t layout_version() const override { return layout_version_; }
    std::optional<int32_t> group_setting(std::string_view group_id,
                                         std::string_view key) const override;
    std::optional<std::string> group_text(std::string_view group_id,
                                          std::string_view key) const override;

  private:
    std::map<std::string, Topic, std::less<>> topics_;
    std::map<std::pair<std::string, std::string>, int32_t> settings_;
    std::map<std::pair<std::string, std::string>, std::string> texts_;
    int64_t version_ = 0;
    int64_t last_topic_version_ = -1;
    int64_t layout_version_ = -1;
    mutable size_t lookup_count_ = 0;
};

class GroupShell {
  public:
    explicit GroupShell(const group::GroupConfig& config = {});

    TestCluster& cluster() { return cluster_; }
    const TestCluster& cluster() const { return cluster_; }

    // One entry of the partition's log: a record, or the marker that ends a transaction.
    struct Entry {
        broker::coordinator::Record record;
        int64_t producer_id = -1;
        std::optional<bool> commits;  // set: a marker
    };

    group::GroupCoordinator& coordinator() { return *coordinator_; }
    const group::GroupCoordinator& coordinator() const { return *coordinator_; }
    const std::vector<Entry>& log() const { return log_; }
    int64_t now_ms() const { return now_ms_; }
    group::Caller caller(group::Token token, int16_t version);
    // Never the same twice.
    protocol::Uuid make_uuid();

    // Appends, replays, and keeps the replies for take_replies(); or fails the append.
    void apply(group::Effects effects);
    std::vector<group::Reply> take_replies() { return std::exchange(replies_, {}); }
    void fail_next_append(protocol::ErrorCode error) { failure_ = error; }
    // The process dies within the next append, after that many of its records (or all of them).
    void crash_next_append(size_t records_kept) { crash_after_ = records_kept; }
    size_t crash_count() const { return crash_count_; }
    void end_transaction(int64_t producer_id, bool commit);
    // Lets time pass, with everything that becomes due on the way.
    void wait(int64_t ms);
    // The process is gone and with it everything but the log.
    void restart();
    // A coordinator that has read the log and nothing else.
    group::GroupCoordinator reloaded() const;

  private:
    void replay(group::GroupCoordinator& coordinator, const Entry& entry, int64_t log_offset) const;

    group::GroupConfig config_;
    TestCluster cluster_;
    std::optional<group::GroupCoordinator> coordinator_;
    std::vector<Entry> log_;
    std::vector<group::Reply> replies_;
    std::optional<protocol::ErrorCode> failure_;
    std::optional<size_t> crash_after_;
    size_t crash_count_ = 0;
    int64_t now_ms_ = 1'700'000'000'000;
    uint64_t uuids_ = 0;
};

}  // namespace tests
