// The .txnindex file: the aborted transactions whose abort marker is in the segment (KIP-98). Most
// segments have none, and then there is no file.
#pragma once

#include <cstdint>
#include <expected>
#include <vector>

#include "protocol/stored/aborted_transaction.h"
#include "protocol/wire.h"
#include "storage/entry_file.h"

namespace storage {

// AbortedTxn.json with its version in front.
struct TransactionIndexEntry : protocol::AbortedTxn {
    static constexpr size_t size_bytes = 34;

    int16_t version = 0;

    static TransactionIndexEntry decode(const std::byte* from) {
        protocol::Reader reader({from, size_bytes});
        TransactionIndexEntry entry;
        entry.version = reader.integer<int16_t>();
        entry.producer_id = reader.integer<int64_t>();
        entry.first_offset = reader.integer<int64_t>();
        entry.last_offset = reader.integer<int64_t>();
        entry.last_stable_offset = reader.integer<int64_t>();
        return entry;
    }
    void encode(std::byte* to) const {
        protocol::BufferSink sink(to);
        sink.integer(version);
        sink.integer(producer_id);
        sink.integer(first_offset);
        sink.integer(last_offset);
        sink.integer(last_stable_offset);
    }
};

class TransactionIndex : public EntryFile<TransactionIndexEntry> {
  public:
    using EntryFile::EntryFile;

    // Adds the entries that overlap [from, to) to `found`; returns whether no later segment can
    // have another one.
    std::expected<bool, ErrorCode> collect(int64_t from, int64_t to,
                                           std::vector<protocol::AbortedTxn>& found) const;
    // Drops transactions that ended at `offset` or later.
    std::expected<void, ErrorCode> truncate_to_offset(int64_t offset);
    // Errors: corrupt_message (unknown version, offsets that do not rise), kafka_storage_error.
    std::expected<void, ErrorCode> check(int64_t base_offset) const;
};

}  // namespace storage
