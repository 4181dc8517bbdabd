// How many partitions the internal topics of a topology are to have (KIP-1071): repartition topics
// as many as what is written to them comes from, copartitioned topics the same, changelogs one for
// each task.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "broker/coordinator/group/cluster_view.h"
#include "broker/coordinator/group/refusal.h"
#include "broker/coordinator/group/streams/topology.h"

namespace broker::coordinator::group {

class PartitionCounts {
  public:
    using Subtopology = StreamsTopology::Subtopology;

    // Both outlive this.
    PartitionCounts(const StreamsTopology& topology, const ClusterView& cluster)
        : topology_(topology), cluster_(cluster) {}

    // The groups of topics that are to have the same number of partitions; before decide().
    // Errors: unknown_server_error as in Kafka, for a topic that the subtopology does not have.
    std::expected<void, Refusal> find_copartitioned();

    struct Failure {
        Refusal refusal;
        // The topics are incorrectly partitioned: the group waits until they are not. Else the
        // topology is wrong whatever the topics (streams_invalid_topology).
        bool is_problem = false;
    };
    // In time that grows with the topology's size, but for sorting. Requires: source topics exist.
    std::expected<void, Failure> decide();

    // What an internal topic is to have; 0: it is none of the topology.
    int32_t decided(std::string_view topic) const;
    // The most partitions of a topic that the subtopology reads; nullopt: it reads none.
    std::optional<int32_t> widest_source(const Subtopology& subtopology) const;

  private:
    using TopicNames = std::set<std::string_view>;
    using Counts = std::map<std::string_view, int32_t>;

    // Of the topic if it is there, else what has been decided.
    std::optional<int32_t> count(std::string_view topic) const;
    std::expected<void, Failure> decide_repartition_topics();
    std::optional<int32_t> widest_known(const Subtopology& subtopology, const Counts& known) const;
    std::expected<void, Failure> enforce(const TopicNames& copartitioned);
    std::expected<int32_t, Failure> count_of_all(const TopicNames& copartitioned,
                                                 const Counts& repartition,
                                                 const Counts& others) const;
    bool have_fixed_topics_one_count() const;
    std::expected<void, Failure> decide_changelogs();

    const StreamsTopology& topology_;
    const ClusterView& cluster_;
    std::vector<TopicNames> copartition_groups_;
    TopicNames fixed_;     // repartition topics whose count the application chose
    TopicNames flexible_;  // the others
    mutable std::optional<bool> have_fixed_topics_one_count_;
    Counts decided_;
};

}  // namespace broker::coordinator::group
