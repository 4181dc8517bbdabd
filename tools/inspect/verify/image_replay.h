// The image of the cluster that batches make, of the metadata log or of a snapshot of it, with
// bounds to what they can claim.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <set>
#include <string>

#include "broker/metadata/cluster_image.h"
#include "broker/metadata/kraft_batches.h"
#include "protocol/record_batch.h"

namespace inspect {

class ImageReplay {
  public:
    ImageReplay();
    // The replay calls back.
    ImageReplay(const ImageReplay&) = delete;
    ImageReplay& operator=(const ImageReplay&) = delete;

    struct Problem {
        std::string what;
        // Else it is sound and still more, or newer, than is understood here.
        bool is_fault = true;
    };
    // After a problem the image is not what was written any more.
    std::expected<void, Problem> replay(const protocol::BatchView& batch);

    const broker::metadata::ClusterImage& image() const { return image_; }
    const broker::metadata::VoterSet& voter_set() const { return batches_.voter_set(); }
    const std::optional<broker::metadata::Leader>& leader() const { return batches_.leader(); }
    bool has_snapshot_header() const { return batches_.has_snapshot_header(); }
    bool is_at_snapshot_footer() const { return batches_.is_at_snapshot_footer(); }
    // Topics that are compacted, or were: their logs keep the gaps under a later cleanup.policy.
    const std::set<std::string>& compacted_topics() const { return compacted_topics_; }

  private:
    // What an entry takes in memory, besides the bytes that it was written in; and all entries.
    static constexpr uint64_t entry_bytes = 1'000;
    static constexpr uint64_t image_bytes_max = uint64_t{1} << 30;

    void apply(const broker::metadata::MetadataRecord& record);
    bool has_room_for(const broker::metadata::MetadataRecord& record);
    uint64_t image_bytes() const;
    void note_compacted(const broker::metadata::MetadataRecord& record);
    bool is_newer_cluster() const;

    broker::metadata::ClusterImage image_;
    broker::metadata::BatchReplay batches_;
    std::set<std::string> compacted_topics_;
    uint64_t image_bytes_ = 0;  // at most
    uint64_t held_back_bytes_ = 0;
    bool has_room_ = true;
};

}  // namespace inspect
