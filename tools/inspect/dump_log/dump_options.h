// The flags of `einmal dump-log`: those of Apache Kafka's tool, and einmal's own.
#pragma once

#include <cstdint>
#include <expected>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "tools/inspect/dump_log/payload_decoder.h"
#include "tools/inspect/dump_log/printer.h"

namespace inspect {

struct DumpOptions {
    std::vector<std::string> paths;  // files and directories
    bool deep_iteration = false;
    bool print_data_log = false;
    bool skip_record_metadata = false;
    bool index_sanity_check = false;
    bool verify_index_only = false;
    bool verify = false;
    int32_t bytes_max = std::numeric_limits<int32_t>::max();  // that are read of each .log
    int32_t message_bytes_max = 5 * 1024 * 1024;              // that an index may point at
    // Nullopt: strings, and in a directory that of its topic.
    std::optional<PayloadDecoder> decoder;
    int64_t producer_expiration_ms = 86'400'000;  // Kafka's producer.id.expiration.ms
    Format format = Format::text;
};

// Help, for stdout, with status 0; a line about a mistake, for stderr, with status 2.
struct DumpRefusal {
    int status = 0;
    std::string text;
};

// `arguments` without the command's name.
std::expected<DumpOptions, DumpRefusal> parse_dump_options(std::vector<std::string> arguments);

}  // namespace inspect
