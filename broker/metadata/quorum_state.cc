#include "broker/metadata/quorum_state.h"

#include <fmt/format.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "protocol/uuid.h"

namespace broker::metadata {

namespace {

constexpr int32_t nobody = -1;

}  // namespace

std::string encode_quorum_state(int32_t leader_id, int32_t leader_epoch, int16_t kraft_version) {
    if (kraft_version == 0)
        return fmt::format(
            R"({{"clusterId":"","leaderId":{0},"leaderEpoch":{1},"votedId":{2},)" R"("appliedOffset":0,"currentVoters":[{{"voterId":{0}}}],"data_version":0}})",
            leader_id, leader_epoch, nobody);
    return fmt::format(
        R"({{"leaderId":{},"leaderEpoch":{},"votedId":{},"votedDirectoryId":"{}",)" R"("data_version":1}})",
        leader_id, leader_epoch, nobody, protocol::to_string(protocol::Uuid{}));
}

std::optional<QuorumState> decode_quorum_state(std::string_view text) {
    const auto json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
    const auto number = [](const nlohmann::json& object, const char* key) {
        const bool is_there =
            object.is_object() && object.contains(key) && object[key].is_number_integer();
        const int64_t value = is_there ? object[key].get<int64_t>() : -1;
        const bool is_possible = value >= 0 && value <= std::numeric_limits<int32_t>::max();
        return is_possible ? std::optional(static_cast<int32_t>(value)) : std::nullopt;
    };
    const auto epoch = number(json, "leaderEpoch");
    if (!epoch) return std::nullopt;
    QuorumState state{.leader_epoch = *epoch,
                      .leader_id = number(json, "leaderId").value_or(nobody)};
    if (!json.contains("currentVoters")) return state;
    for (const auto& voter : json["currentVoters"]) {
        const auto id = number(voter, "voterId");
        if (!id) return std::nullopt;
        state.voters.push_back(*id);
    }
    return state;
}

}  // namespace broker::metadata
