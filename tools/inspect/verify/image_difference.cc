#include "tools/inspect/verify/image_difference.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "broker/metadata/features.h"
#include "broker/metadata/metadata_record.h"
#include "protocol/codec.h"
#include "protocol/uuid.h"
#include "tools/inspect/dump_log/payload_decoder.h"

namespace inspect {

namespace {

using namespace broker::metadata;
using protocol::Blob;
using protocol::VotersRecord;

constexpr size_t shown_bytes_max = 300;

// Apache Kafka keeps these as sets, and writes them into snapshots in an order of their own.
void sort_by_name(auto& list) {
    std::ranges::sort(list, {}, [](const auto& one) -> const std::string& { return one.name; });
}

template <class Registration>
void sort_registration(Registration& registration) {
    sort_by_name(registration.end_points);
    sort_by_name(registration.features);
}

void normalise(auto&) {}
void normalise(protocol::RegisterBrokerRecord& broker) {
    sort_registration(broker);
    std::ranges::sort(broker.log_dirs);
    if (broker.cordoned_log_dirs) std::ranges::sort(*broker.cordoned_log_dirs);
}
void normalise(protocol::RegisterControllerRecord& controller) { sort_registration(controller); }
void normalise(protocol::DelegationTokenRecord& token) { std::ranges::sort(token.renewers); }
// A partition from before KIP-858 has no directories, or in each unknown ones.
void normalise(protocol::PartitionRecord& partition) {
    if (std::ranges::all_of(partition.directories, &protocol::Uuid::is_zero))
        partition.directories.clear();
}

// Each entry as it is written, sorted.
std::vector<Blob> entries_of(const ClusterImage& image) {
    const int16_t newest = find_feature(metadata_version_feature)->max;
    std::vector<Blob> entries;
    image.for_each_record([&](MetadataRecord record) {
        std::visit([](auto& one) { normalise(one); }, record);
        entries.push_back(encode(record, newest));
    });
    std::ranges::sort(entries);
    return entries;
}

std::vector<Blob> without(const std::vector<Blob>& entries, const std::vector<Blob>& others) {
    std::vector<Blob> rest;
    std::ranges::set_difference(entries, others, std::back_inserter(rest));
    return rest;
}

std::string describe(const std::vector<Blob>& entries) {
    if (entries.empty()) return "nothing";
    protocol::Record record;
    record.value = entries.front();
    auto text = decode_payload(PayloadDecoder::cluster_metadata, record).value->text;
    if (text.size() > shown_bytes_max) text = text.substr(0, shown_bytes_max) + "...";
    if (entries.size() > 1) text += fmt::format(" and {} more", entries.size() - 1);
    return text;
}

std::string describe(const VoterSet& voter_set) {
    std::string text = fmt::format("kraft.version {}", voter_set.kraft_version);
    if (!voter_set.voters) return text;
    for (const auto& voter : voter_set.voters->voters)
        text += fmt::format(", voter {} with directory {}", voter.voter_id,
                            protocol::to_string(voter.voter_directory_id));
    return text;
}

// As they are written, by id. At kraft.version 0 the configuration says who votes.
Blob voters_of(const VoterSet& voter_set) {
    if (voter_set.kraft_version == 0 || !voter_set.voters) return {};
    VotersRecord record = *voter_set.voters;
    std::ranges::sort(record.voters, {}, &VotersRecord::Voter::voter_id);
    for (auto& voter : record.voters) sort_by_name(voter.endpoints);
    return protocol::encode(record, VotersRecord::valid.last);
}

}  // namespace

std::optional<std::string> difference(const ClusterImage& snapshot, const ClusterImage& log) {
    const auto stored = entries_of(snapshot);
    const auto replayed = entries_of(log);
    if (stored == replayed) return std::nullopt;
    return fmt::format("has {}, where the log says {}", describe(without(stored, replayed)),
                       describe(without(replayed, stored)));
}

std::optional<std::string> difference(const VoterSet& snapshot, const VoterSet& log) {
    if (snapshot.kraft_version == log.kraft_version && voters_of(snapshot) == voters_of(log))
        return std::nullopt;
    return fmt::format("has {}, where the log says {}", describe(snapshot), describe(log));
}

}  // namespace inspect
