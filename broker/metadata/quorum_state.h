// quorum-state: the leader epoch of the metadata log, and who leads in it (KIP-595, KIP-853). Kept
// outside of the log, so that no epoch is used twice whatever becomes of the log's end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace broker::metadata {

inline constexpr std::string_view quorum_state_file = "quorum-state";

// The file's text for a leader that is its cluster's only voter. At kraft.version 0 it names the
// voters (data_version 0); later the log does.
std::string encode_quorum_state(int32_t leader_id, int32_t leader_epoch, int16_t kraft_version);

struct QuorumState {
    int32_t leader_epoch = 0;
    int32_t leader_id = -1;       // -1: nobody is known to lead
    std::vector<int32_t> voters;  // at kraft.version 0; else empty
};
// Nullopt: the text cannot be read.
std::optional<QuorumState> decode_quorum_state(std::string_view text);

}  // namespace broker::metadata
