// A streams group (KIP-1071) as its records make it: instances of one Kafka Streams application,
// which divide the tasks of its topology. Epochs are those of a consumer group: the group's rises
// with whatever asks for another assignment, that of the target assignment follows when it has been
// computed, and each member's follows when the member has let go of what it loses.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "broker/coordinator/group/streams/configured_topology.h"
#include "broker/coordinator/group/streams/streams_member.h"
#include "broker/coordinator/group/streams/topology.h"

namespace broker::coordinator::group {

enum class StreamsGroupState : uint8_t { empty, not_ready, assigning, reconciling, stable };
// As Kafka spells it: "NotReady".
std::string_view name(StreamsGroupState state);

// What an assignment is made with, besides topology and members; by Kafka's names.
using AssignmentConfigs = std::map<std::string, std::string>;

// What the record of the group's epoch holds.
struct StreamsGroupEpoch {
    int32_t epoch = 1;
    int64_t metadata_hash = 0;
    int32_t validated_topology_epoch = -1;  // that all topics are there for; -1: none
    AssignmentConfigs assignment_configs;
    // Of what a plugin of Kafka keeps (KIP-1331). What is kept here ends with the broker, so that
    // nothing is written of it.
    int32_t stored_description_epoch = -1;
    int32_t failed_description_epoch = -1;

    bool operator==(const StreamsGroupEpoch&) const = default;
};

// Changed by replay alone, but for in_memory().
class StreamsGroup {
  public:
    using Members = std::map<std::string, StreamsMember, std::less<>>;

    explicit StreamsGroup(std::string group_id) : group_id_(std::move(group_id)) {}
    bool operator==(const StreamsGroup&) const = default;

    // --- Replay --------------------------------------------------------------------------------

    void set_epoch(StreamsGroupEpoch epoch) { epoch_ = std::move(epoch); }
    void set_assignment_epoch(int32_t epoch, int64_t timestamp_ms);
    void set_topology(std::optional<StreamsTopology> topology) { topology_ = std::move(topology); }
    // Adds or replaces.
    void update_member(StreamsMember member);
    void remove_member(std::string_view member_id);
    void set_target(const std::string& member_id, Tasks target);
    void remove_target(std::string_view member_id);

    // --- Questions -----------------------------------------------------------------------------

    const std::string& group_id() const { return group_id_; }
    StreamsGroupState state() const;
    bool is_empty() const { return members_.empty(); }
    int32_t epoch() const { return epoch_.epoch; }
    const StreamsGroupEpoch& epoch_record() const { return epoch_; }
    int32_t assignment_epoch() const { return assignment_epoch_; }
    // When the target assignment was computed; 0: it may be again at any time.
    int64_t assignment_timestamp_ms() const { return assignment_timestamp_ms_; }
    const std::optional<StreamsTopology>& topology() const { return topology_; }

    const Members& members() const { return members_; }
    const StreamsMember* find_member(std::string_view member_id) const;
    // Nullptr: nobody has the instance id.
    const StreamsMember* find_static(std::string_view instance_id) const;
    // Of a static member the one that its predecessor had. Nullptr: none was computed with it.
    const Tasks* find_target(const StreamsMember& member) const;

    // The process of the member that works on the task, or has yet to let go of it. Nullptr: none.
    const std::string* active_process(const std::string& subtopology_id, int32_t partition) const;
    // Whether any member of the process has the task as standby, or warms up for it.
    bool has_standby(const std::string& process_id, const std::string& subtopology_id,
                     int32_t partition) const;
    bool has_warmup(const std::string& process_id, const std::string& subtopology_id,
                    int32_t partition) const;

    // Whether a subtopology reads the topic, while there are members.
    bool is_subscribed_to(std::string_view topic) const;

    // Of memory alone, as in Kafka: after a start each group looks at its topics once.
    struct InMemory {
        int64_t checked_version = -1;  // of the cluster, when topics were last compared
        int32_t checked_epoch = 0;     // that the group should have reached since
        std::optional<ConfiguredTopology> configured;
        std::map<std::string, TaskProgress, std::less<>> progress;  // by member id
        std::optional<std::string> shutdown_requested_by;           // member id
        int32_t endpoint_epoch = 0;  // rises with whatever changes about endpoints
        // Why internal topics could not be created, and until when that is told.
        struct CreationError {
            std::string message;
            int64_t until_ms = 0;
        };
        std::map<std::string, CreationError, std::less<>> creation_errors;  // by topic
        bool operator==(const InMemory&) const { return true; }
    };
    InMemory& in_memory() { return in_memory_; }
    const InMemory& in_memory() const { return in_memory_; }

  private:
    using ActiveProcesses = std::map<std::string, std::map<int32_t, std::string>>;
    using ReplicaProcesses = std::map<std::string, std::map<int32_t, std::set<std::string>>>;
    void add_processes(const StreamsMember& member);
    void forget(const StreamsMember& member);

    std::string group_id_;
    StreamsGroupEpoch epoch_;
    int32_t assignment_epoch_ = 1;
    int64_t assignment_timestamp_ms_ = 0;
    std::optional<StreamsTopology> topology_;
    Members members_;
    std::map<std::string, std::string, std::less<>> static_members_;  // instance id → member id
    std::map<std::string, Tasks, std::less<>> targets_;               // by member id
    ActiveProcesses active_processes_;
    ReplicaProcesses standby_processes_;
    ReplicaProcesses warmup_processes_;
    InMemory in_memory_;
};

using StreamsGroups = std::map<std::string, StreamsGroup, std::less<>>;

}  // namespace broker::coordinator::group
