// What members of streams groups tell of their topologies (KIP-1331): nodes and how they are
// connected, for people to look at. It is Kafka's InMemoryTopologyDescriptionPlugin, with limits:
// what it holds is gone with the broker, and members are asked again. Pure: time is handed in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "broker/coordinator/group/refusal.h"
#include "protocol/messages/streams_group_describe.h"
#include "protocol/messages/streams_group_topology_description_update.h"

namespace broker::coordinator::group {

using TopologyDescription = protocol::StreamsGroupDescribeResponse::TopologyDescription;
using ToldTopologyDescription =
    protocol::StreamsGroupTopologyDescriptionUpdateRequest::TopologyDescription;

// Each name of a list once, and of each node what its kind has. Errors: invalid_request, of a node
// of no known kind, and of a global store that is not a source and a processor.
std::expected<TopologyDescription, Refusal> read_description(const ToldTopologyDescription& told);

// About how much memory it takes.
size_t size_bytes(const TopologyDescription& description);

class TopologyDescriptions {
  public:
    // Of one description, and of all together. Topologies of a thousand nodes have their place.
    static constexpr size_t description_bytes_max = size_t{1} << 20;
    static constexpr size_t total_bytes_max = size_t{4} << 20;

    // Whether the group's member that is answered now is to be asked for the description of this
    // topology. One is at a time: another only when nothing has come for a while, which gets
    // longer.
    bool ask(const std::string& group_id, int32_t topology_epoch, int64_t now_ms);

    // Errors, both streams_topology_description_update_failed: it is too large, and nobody will be
    // asked for it again; or there is no room, and members are asked later.
    std::expected<void, Refusal> keep(const std::string& group_id, int32_t topology_epoch,
                                      TopologyDescription description, int64_t now_ms);

    // Nullptr: there is none of this topology.
    const TopologyDescription* find(std::string_view group_id, int32_t topology_epoch) const;

    // The group is gone.
    void forget(std::string_view group_id);

    size_t total_bytes() const { return total_bytes_; }

  private:
    struct Entry {
        int32_t topology_epoch = 0;
        int attempts = 0;  // to get it
        int64_t next_attempt_ms = 0;
        bool is_refused = false;
        std::optional<TopologyDescription> description;
        size_t bytes = 0;
    };
    Entry& entry_of(const std::string& group_id, int32_t topology_epoch);
    void drop(Entry& entry);
    static void count_attempt(Entry& entry, int64_t now_ms);

    std::map<std::string, Entry, std::less<>> entries_;  // by group id
    size_t total_bytes_ = 0;
};

}  // namespace broker::coordinator::group
