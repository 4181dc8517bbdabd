// What verification says of directories, and ways to damage what lies in them.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/types.h"
#include "tests/support/simulated_file_system.h"

namespace verified {

using nlohmann::json;
using protocol::Blob;
using support::SimulatedFileSystem;

// The findings, without the summary; in the one data directory, or in those named.
std::vector<json> findings_in(SimulatedFileSystem& files, bool is_in_use = false);
std::vector<json> findings_in(SimulatedFileSystem& files, const std::vector<std::string>& paths);
std::string text_of(const std::vector<json>& findings);

// One finding, and this one. A position that is not given may be any.
void check_only(SimulatedFileSystem& files, std::string_view type, std::string_view rule,
                const std::string& file, std::optional<uint64_t> position = std::nullopt);
void check_violation(SimulatedFileSystem& files, std::string_view rule, const std::string& file,
                     std::optional<uint64_t> position = std::nullopt);
// That finding says `what`, somewhere.
void check_violation_says(SimulatedFileSystem& files, std::string_view rule,
                          const std::string& file, const std::string& what);
void check_sound(SimulatedFileSystem& files);

// What happens to a file, and the one thing that is then wrong.
struct Damage {
    std::string name;
    std::string file;
    std::function<void(Blob&)> change;
    std::string rule;
    std::optional<uint64_t> position;
};
// Each to a new data directory.
void check_each(const std::vector<Damage>& damages);

std::function<void(Blob&)> flip(size_t position, uint8_t mask = 1);
std::function<void(Blob&)> cut(size_t bytes_fewer);
std::function<void(Blob&)> extend(Blob with);
std::function<void(Blob&)> replace(std::string text);

// EINMAL_SEED, else 1.
uint64_t seed();

// Where the batches of a file begin.
std::vector<size_t> batch_positions(SimulatedFileSystem& files, const std::string& file);

}  // namespace verified
