// Message sets of magic 0 and 1 (before KIP-98), read only: old segments may still hold them.
//
// A set is a row of messages. A compressed message is a wrapper whose value is itself a set.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>

#include "protocol/compression.h"
#include "protocol/record_batch.h"

namespace protocol {

// A view of one message of magic 0 or 1, wrapper or not. Cheap to copy; owns nothing.
class LegacyMessage {
  public:
    // The first message in `bytes`, if a whole one with room for its own fields is there. Its CRC
    // and its key and value are not looked at.
    static std::optional<LegacyMessage> first_in(Bytes bytes);

    size_t size_bytes() const { return bytes_.size(); }
    // Of a wrapper: that of the last message inside.
    int64_t offset() const;
    int8_t magic() const;
    uint32_t crc() const;
    int8_t attributes() const;
    // no_timestamp in magic 0.
    int64_t timestamp() const;
    TimestampType timestamp_type() const;
    Compression compression() const;
    // CRC-32 of everything from the magic on.
    bool has_valid_crc() const;
    // Key and value as stored. Errors: invalid_record when they do not fill the message.
    struct Content {
        std::optional<Bytes> key;
        std::optional<Bytes> value;
    };
    std::expected<Content, ErrorCode> content() const;

  private:
    explicit LegacyMessage(Bytes bytes) : bytes_(bytes) {}
    Bytes bytes_;
};

// Calls `visit` for the record of a message, or in order for those inside a wrapper; stops early,
// without error, when it returns false. Records live for the time of the visit.
// Errors: corrupt_message (CRC of the message or of one inside, cannot be decompressed),
// invalid_record (structure), message_too_large (more than decompressed_bytes_max).
std::expected<void, ErrorCode> for_each_legacy_record(const LegacyMessage& message,
                                                      RecordVisitor visit);

}  // namespace protocol
