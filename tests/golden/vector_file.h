// Golden vectors: files of one JSON object a line, packed with gzip or plain.
#pragma once

#include <filesystem>
#include <functional>
#include <string_view>

namespace golden {

// Calls `visit` for each line, without its line end; empty lines are passed over. False: the file
// cannot be opened or is damaged.
bool for_each_line(const std::filesystem::path& file,
                   const std::function<void(std::string_view line)>& visit);

}  // namespace golden
