// The insides of a Log, shared by log.cc, log_read.cc and recovery.cc. Nobody else includes this.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "storage/leader_epochs.h"
#include "storage/log.h"
#include "storage/producer_state.h"
#include "storage/segment.h"
#include "storage/snapshots.h"

namespace storage {

struct LogState {
    LogState(FileSystem& files, std::string directory, const Log::OpenOptions& options);

    SegmentContext context;
    protocol::Uuid topic_id;
    std::vector<Segment> segments;  // rising; empty until something is written
    Snapshots snapshots;
    ProducerState producers;
    LeaderEpochs epochs;
    int64_t start_offset;
    int64_t end_offset;
    int64_t recovery_point;
    int64_t flushed_at_ms;
    uint64_t truncation_count = 0;
    uint64_t relocation_count = 0;
    bool is_moving = false;  // somebody copies it: compaction waits
    LogRecovery recovery;
    bool directory_exists = false;
    bool log_unsynced = false;        // what is below the recovery point may have been cut shorter
    bool names_unsynced = false;      // files were made or removed since the directory was synced
    bool directory_unsynced = false;  // it was made since its parent was synced
    bool epochs_unsynced = false;     // leader-epoch-checkpoint was written since it was synced
    bool refuses_writes = false;
    bool lost_deferred = false;      // since the last write_out() of the log
    bool last_write_failed = false;  // then nothing is deferred: taking it back may take long
    bool is_offline = false;         // a sync has failed: nothing is read or written any more
    std::function<void()> on_change = [] {};  // see Log::tell_changes()
    int syncs_under_way = 0;                  // begun and not ended
    // Since a clean start the end of the log is believed; the first append looks.
    bool end_is_checked = false;

    struct DeletedFile {
        std::string path;
        std::optional<int64_t> due_ms;  // nullopt: not yet known
    };
    std::vector<DeletedFile> deleted_files;

    // Of the segments before the last one only this many have open files.
    static constexpr size_t open_segments_max = 4;
    std::array<int64_t, open_segments_max> open_segments{-1, -1, -1, -1};  // base offsets
    size_t next_open_segment = 0;

    // After a failed sync: the kernel may have dropped the pages, so neither would a later sync
    // that succeeds say anything about them, nor can what is read be trusted to stay.
    std::unexpected<ErrorCode> go_offline() {
        refuses_writes = true;
        if (!std::exchange(is_offline, true)) on_change();
        return std::unexpected(ErrorCode::kafka_storage_error);
    }
    // Whether there is nothing that a flush would bring to the disk.
    bool is_synced() const {
        return recovery_point == end_offset && !names_unsynced && !log_unsynced;
    }
    // The index of the segment that offset falls into. Requires: segments is not empty.
    size_t segment_index(int64_t offset) const;
    // The first segment that has to be scanned after a crash with this recovery point. One that
    // ends right there is: its indexes may not have been synced.
    size_t segment_to_recover(int64_t recovery_point_at_crash) const;
    // The segment, with open files; closes another one's if need be.
    std::expected<Segment*, ErrorCode> load_segment(size_t index);

    // Makes what an append needs that is not there yet: directory, first segment, a new segment.
    std::expected<void, ErrorCode> make_room(size_t bytes, int64_t last_offset,
                                             int64_t max_timestamp, int64_t now_ms);
    std::expected<void, ErrorCode> make_directory();
    std::expected<void, ErrorCode> write_topic_id_file();
    std::expected<void, ErrorCode> add_segment(int64_t base_offset, int64_t now_ms);
    std::expected<void, ErrorCode> roll(int64_t now_ms);
    // Deletes segments[first, last): at once, or by a name that is removed later.
    std::expected<void, ErrorCode> remove_segments(size_t first, size_t last);
    std::expected<void, ErrorCode> set_segments_aside(size_t first, size_t last);
    // Puts `cleaned` into the place of segments[first, last).
    std::expected<void, ErrorCode> swap_segments(size_t first, size_t last, Segment& cleaned);
    // Writes what the last segment has to write yet, or takes it back.
    std::expected<void, ErrorCode> write_out();
    std::expected<void, ErrorCode> take_back();
    // Whether the end that a clean start believed is the true one.
    std::expected<void, ErrorCode> check_end();

    // Takes a batch into producer state; gives the transaction that it aborts, if it does.
    static std::optional<protocol::AbortedTxn> apply(ProducerState& producers,
                                                     const protocol::BatchView& batch);
    // The same with a batch of the segment, whose transaction index it is entered into.
    static void apply(ProducerState& producers, Segment& segment, const protocol::BatchView& batch);
    // The producer state at `offset`: the newest snapshot and what the log has after it.
    std::expected<ProducerState, ErrorCode> producers_at(int64_t offset);
    // Makes the segment's transaction index anew.
    std::expected<void, ErrorCode> rebuild_transactions(size_t index);

    // No sync: what a crash makes of it is made good by the batches, which name their epochs.
    std::expected<void, ErrorCode> write_epochs(const LeaderEpochs& epochs);
    std::expected<void, ErrorCode> sync_directory();
};

}  // namespace storage
