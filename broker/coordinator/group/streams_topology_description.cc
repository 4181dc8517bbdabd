// StreamsGroupTopologyDescriptionUpdate (KIP-1331).
#include <utility>

#include "broker/coordinator/group/group_coordinator.h"
#include "broker/coordinator/group/validation.h"

namespace broker::coordinator::group {

using protocol::ErrorCode;

namespace {}  // namespace

std::expected<void, Refusal> GroupCoordinator::describe_topology(
    const protocol::StreamsGroupTopologyDescriptionUpdateRequest& request, int64_t now_ms) {
    const std::string group_id(request.group_id);
    const StreamsGroup* group = find_streams_group(group_id);
    if (group == nullptr)
        return refuse(ErrorCode::group_id_not_found,
                      "Group " + group_id +
                          (has_group(group_id) ? " is not a streams group." : " not found."));
    if (group->find_member(request.member_id) == nullptr)
        return refuse(ErrorCode::unknown_member_id, "Member " + std::string(request.member_id) +
                                                        " is not a member of group " + group_id +
                                                        ".");
    const int32_t epoch = group->topology() ? group->topology()->epoch : -1;
    if (request.topology_epoch != epoch)
        return refuse(ErrorCode::invalid_request,
                      "Topology epoch " + std::to_string(request.topology_epoch) +
                          " does not match the group's current topology epoch " +
                          std::to_string(epoch) + ".");
    auto description = read_description(request.topology_description);
    if (!description) return std::unexpected(std::move(description.error()));
    return topology_descriptions_.keep(group_id, epoch, std::move(*description), now_ms);
}

}  // namespace broker::coordinator::group
