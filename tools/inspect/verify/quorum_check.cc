#include "tools/inspect/verify/quorum_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "broker/metadata/quorum_state.h"
#include "protocol/uuid.h"
#include "tools/inspect/dump_log/file_kind.h"

namespace inspect {

namespace {

using broker::metadata::QuorumState;
using protocol::to_string;
using protocol::VotersRecord;
using storage::FileSystem;
using storage::MetaProperties;

constexpr size_t quorum_state_bytes_max = 1 << 20;

void check_leader(const QuorumState& state, const Metadata& metadata, const std::string& file,
                  Findings& findings) {
    // It is written before anything is in a new epoch: so no epoch has two leaders.
    if (state.leader_epoch < metadata.epoch)
        findings.violation(Rule::quorum, {file},
                           fmt::format("is of leader epoch {}, and the log of {} already",
                                       state.leader_epoch, metadata.epoch));
    const auto& leader = metadata.leader;
    if (leader && leader->epoch == state.leader_epoch && state.leader_id >= 0 &&
        leader->id != state.leader_id)
        findings.violation(Rule::quorum, {file},
                           fmt::format("says that {} leads in epoch {}, and the log says {}",
                                       state.leader_id, leader->epoch, leader->id));
    if (!state.voters.empty() && state.leader_id >= 0 &&
        std::ranges::find(state.voters, state.leader_id) == state.voters.end())
        findings.violation(
            Rule::quorum, {file},
            fmt::format("says that {} leads, which is none of its voters", state.leader_id));
}

void check_quorum_state(FileSystem& files, const std::string& file, const Metadata* metadata,
                        Findings& findings) {
    if (!files.exists(file)) {
        if (metadata && metadata->has_records)
            findings.violation(Rule::missing_file, {file}, "nothing tells which epochs were used");
        return;
    }
    const auto bytes = read_side_file(files, file);
    if (!bytes) {
        findings.violation(Rule::unreadable_file, {file}, bytes.error());
        return;
    }
    const auto state = bytes->size() <= quorum_state_bytes_max
                           ? broker::metadata::decode_quorum_state(storage::as_text(*bytes))
                           : std::nullopt;
    if (!state)
        findings.violation(Rule::properties, {file}, "is no quorum state in JSON");
    else if (metadata)
        check_leader(*state, *metadata, file, findings);
}

// A voter is a node with a directory. One whose disk was replaced is the same node and no voter any
// more, until it is made one again; its log it then has from the others.
void check_voters(const std::vector<VotersRecord::Voter>& voters, const MetaProperties& properties,
                  const std::string& directory, Findings& findings) {
    const auto& own_id = properties.directory_id;
    if (own_id.is_zero()) return;  // from before KIP-858
    for (const auto& voter : voters) {
        const bool is_node = voter.voter_id == properties.node_id;
        const bool is_directory = voter.voter_directory_id == own_id;
        const auto text =
            fmt::format("node {} with directory {} votes, and {} says node {} with {}",
                        voter.voter_id, to_string(voter.voter_directory_id),
                        storage::meta_properties_file, properties.node_id, to_string(own_id));
        if (is_directory && !is_node)
            findings.violation(Rule::quorum, {directory}, text);
        else if (is_node && !is_directory && voters.size() == 1)
            findings.violation(Rule::quorum, {directory}, "only " + text);
        else if (is_node && !is_directory)
            findings.note(Rule::quorum, {directory}, text);
    }
    const auto is_known = [&](const auto& voter) {
        return voter.voter_id == properties.node_id || voter.voter_directory_id == own_id;
    };
    if (std::ranges::none_of(voters, is_known))
        findings.note(Rule::quorum, {directory},
                      fmt::format("node {} is none of the voters", properties.node_id));
}

}  // namespace

void check_quorum(FileSystem& files, const std::string& directory, const Metadata* metadata,
                  const MetaProperties* properties, Findings& findings) {
    check_quorum_state(files, fmt::format("{}/{}", directory, broker::metadata::quorum_state_file),
                       metadata, findings);
    if (!metadata || !properties) return;
    const auto& voter_set = metadata->replay->voter_set();
    // At kraft.version 0 the configuration says who votes.
    if (voter_set.kraft_version > 0 && voter_set.voters)
        check_voters(voter_set.voters->voters, *properties, directory, findings);
}

void check_registration(const std::string& path, const Metadata& metadata,
                        const MetaProperties& properties, Findings& findings) {
    const auto& [cluster_id, node_id, directory_id] = properties;
    if (directory_id.is_zero()) return;  // from before KIP-858
    metadata.image().for_each_record([&](const broker::metadata::MetadataRecord& record) {
        const auto* broker = std::get_if<protocol::RegisterBrokerRecord>(&record);
        if (!broker || broker->broker_id == node_id ||
            std::ranges::find(broker->log_dirs, directory_id) == broker->log_dirs.end())
            return;
        findings.violation(Rule::quorum,
                           {fmt::format("{}/{}", path, storage::meta_properties_file)},
                           fmt::format("says node {}, and node {} has registered the directory {}",
                                       node_id, broker->broker_id, to_string(directory_id)));
    });
}

}  // namespace inspect
