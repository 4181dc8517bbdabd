// The wire filter: messages in hexadecimal, one JSON object a line, are read and written again.
#pragma once

#include <cstddef>
#include <expected>
#include <iosfwd>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "protocol/types.h"

namespace inspect {

// What the bytes of one line hold.
struct WireReading {
    std::string header;          // JSON; of whole frames only
    std::string json;            // the body, in the form of Kafka's JsonConverter
    protocol::Blob encoded;      // everything written again, without unknown tags
    size_t left_over_bytes = 0;  // after what was read
};

// Why there is no reading.
struct WireRefusal {
    enum class Reason {
        bad_line,   // a member is missing or of no use
        unknown,    // a schema, a kind or a framing that einmal does not have
        malformed,  // the bytes are not what the line says
    };
    Reason reason;
    std::string text;
};

// A line is an object with `kind`, `hex`, `version`, and
//   request, response:                          `api` (body alone)
//   request_header, response_header:            `headerVersion`
//   request_frame, response_frame:              `api` (size, header, body)
//   coordinator_key, coordinator_value, metadata_record, data:  `schema`, `framing`
//   batches:                                    no more (record batches, one after another)
// where framing is none, type16, version16 or metadata. Other members are ignored.
std::expected<WireReading, WireRefusal> read_wire_line(const nlohmann::json& line);

// Answers every line of `in` with one line: {"hex": ..., "json": ...}, in which "header" is there
// for frames and "left" for bytes that were left over; or {"error": ...}. Returns the process's
// exit status: 0, also after bad lines, 1 when `out` fails.
int run_wire_filter(std::istream& in, std::ostream& out);

}  // namespace inspect
