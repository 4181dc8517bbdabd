#include "tools/inspect/verify/image_replay.h"

#include <algorithm>
#include <variant>

#include "broker/metadata/features.h"

namespace inspect {

namespace {

using broker::metadata::ClusterImage;
using broker::metadata::ConfigResource;
using broker::metadata::encode;
using broker::metadata::MetadataRecord;
using protocol::BatchView;

constexpr int16_t kraft_version_max = 1;  // KIP-853
constexpr size_t topics_max = 1'000'000;  // More are not in any cluster.

// No broker is configured here: topics have the defaults.
const broker::config::BrokerValues& no_values() {
    static const broker::config::BrokerValues values;
    return values;
}

}  // namespace

ImageReplay::ImageReplay()
    : image_(no_values()), batches_([this](const MetadataRecord& record) { apply(record); }) {}

std::expected<void, ImageReplay::Problem> ImageReplay::replay(const BatchView& batch) {
    // KRaft compresses none of its batches: one that is may expand to anything.
    const bool is_compressed = batch.compression() != protocol::Compression::none;
    held_back_bytes_ += is_compressed ? protocol::decompressed_bytes_max : batch.size_bytes();
    held_back_bytes_ += static_cast<uint64_t>(std::max(batch.record_count(), 0)) * entry_bytes;
    has_room_ = has_room_ && held_back_bytes_ <= image_bytes_max;
    const auto replayed = has_room_ ? batches_.replay(batch) : std::expected<void, std::string>();
    if (!batches_.is_in_transaction()) held_back_bytes_ = 0;
    if (!has_room_) return std::unexpected(Problem{"it is of more than is followed here", false});
    if (!replayed) return std::unexpected(Problem{replayed.error(), !is_newer_cluster()});
    return {};
}

void ImageReplay::apply(const MetadataRecord& record) {
    has_room_ = has_room_ && has_room_for(record);
    if (!has_room_) return;
    note_compacted(record);
    image_.replay(record);
}

bool ImageReplay::has_room_for(const MetadataRecord& record) {
    uint64_t bytes = entry_bytes + encode(record, image_.metadata_version()).size();
    if (const auto* partition = std::get_if<protocol::PartitionRecord>(&record)) {
        // The image has room for all partitions before it as well.
        const auto topic = image_.find(partition->topic_id);
        const int64_t count = topic ? topic->partition_count() : 0;
        const int64_t more = int64_t{partition->partition_id} + 1 - count;
        if (topic && more > 0) bytes += static_cast<uint64_t>(more) * entry_bytes;
    }
    image_bytes_ += bytes;
    // Most records change what is there already.
    if (image_bytes_ > image_bytes_max) image_bytes_ = image_bytes() + bytes;
    return image_bytes_ <= image_bytes_max;
}

uint64_t ImageReplay::image_bytes() const {
    uint64_t bytes = 0;
    image_.for_each_record([&](const MetadataRecord& record) {
        bytes += entry_bytes + encode(record, image_.metadata_version()).size();
    });
    return bytes;
}

void ImageReplay::note_compacted(const MetadataRecord& record) {
    if (const auto* removed = std::get_if<protocol::RemoveTopicRecord>(&record)) {
        if (const auto topic = image_.find(removed->topic_id)) compacted_topics_.erase(topic->name);
    } else if (const auto* config = std::get_if<protocol::ConfigRecord>(&record)) {
        if (config->resource_type == static_cast<int8_t>(ConfigResource::topic) &&
            config->name == "cleanup.policy" && config->value &&
            config->value->contains("compact") && compacted_topics_.size() < topics_max)
            compacted_topics_.insert(config->resource_name);
    }
}

bool ImageReplay::is_newer_cluster() const {
    using namespace broker::metadata;
    return image_.metadata_version() > find_feature(metadata_version_feature)->max ||
           voter_set().kraft_version > kraft_version_max;
}

}  // namespace inspect
