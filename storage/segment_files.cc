#include "storage/segment_files.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <utility>

namespace storage {

namespace {

constexpr size_t offset_digits = 20;

constexpr std::array<std::pair<SegmentFile, std::string_view>, 5> suffixes{{
    {SegmentFile::log, ".log"},
    {SegmentFile::index, ".index"},
    {SegmentFile::time_index, ".timeindex"},
    {SegmentFile::transaction_index, ".txnindex"},
    {SegmentFile::snapshot, ".snapshot"},
}};

constexpr std::array<std::pair<Leftover, std::string_view>, 4> leftovers{{
    {Leftover::none, ""},
    {Leftover::deleted, ".deleted"},
    {Leftover::cleaned, ".cleaned"},
    {Leftover::swap, ".swap"},
}};

}  // namespace

std::string segment_file_name(int64_t offset, SegmentFile kind, Leftover leftover) {
    return fmt::format("{:020}{}{}", offset, suffixes[static_cast<size_t>(kind)].second,
                       leftovers[static_cast<size_t>(leftover)].second);
}

std::optional<SegmentFileName> parse_segment_file_name(std::string_view name) {
    SegmentFileName parsed;
    const auto digits = name.substr(0, offset_digits);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), parsed.offset);
    if (digits.size() != offset_digits || error != std::errc() || end != digits.end() ||
        parsed.offset < 0)
        return std::nullopt;

    name.remove_prefix(offset_digits);
    for (const auto& [leftover, suffix] : leftovers) {
        if (suffix.empty() || !name.ends_with(suffix)) continue;
        parsed.leftover = leftover;
        name.remove_suffix(suffix.size());
        break;
    }
    for (const auto& [kind, suffix] : suffixes) {
        if (name != suffix) continue;
        parsed.kind = kind;
        return parsed;
    }
    return std::nullopt;
}

}  // namespace storage
