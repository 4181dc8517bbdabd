#include "storage/checkpoints.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

namespace storage {
namespace {

constexpr std::string_view checkpoint_version = "0";

// Cuts the text up to the next `end` off `rest`; nullopt when there is no `end`.
std::optional<std::string_view> take_until(std::string_view& rest, char end) {
    const size_t at = rest.find(end);
    if (at == std::string_view::npos) return std::nullopt;
    const std::string_view taken = rest.substr(0, at);
    rest.remove_prefix(at + 1);
    return taken;
}

}  // namespace

template <class Integer>
std::optional<Integer> parse_decimal(std::string_view text) {
    Integer value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}
template std::optional<int32_t> parse_decimal(std::string_view);
template std::optional<int64_t> parse_decimal(std::string_view);

std::string encode_checkpoint(const std::vector<std::string>& lines) {
    std::string text = fmt::format("{}\n{}\n", checkpoint_version, lines.size());
    for (const auto& line : lines) text.append(line).push_back('\n');
    return text;
}

std::optional<std::vector<std::string_view>> decode_checkpoint(std::string_view text) {
    if (take_until(text, '\n') != checkpoint_version) return std::nullopt;
    const auto count = parse_decimal<int32_t>(take_until(text, '\n').value_or(""));
    if (!count) return std::nullopt;
    std::vector<std::string_view> lines;
    while (const auto line = take_until(text, '\n')) lines.push_back(*line);
    // A line that does not end may have been longer: a power cut can leave "3 4" of "3 47".
    if (!text.empty()) return std::nullopt;
    if (std::cmp_not_equal(lines.size(), *count)) return std::nullopt;
    return lines;
}

std::string encode_offsets(const Checkpoint& checkpoint) {
    std::vector<std::string> lines;
    lines.reserve(checkpoint.size());
    for (const auto& [partition, offset] : checkpoint)
        lines.push_back(fmt::format("{} {} {}", partition.topic, partition.partition, offset));
    return encode_checkpoint(lines);
}

std::optional<Checkpoint> decode_offsets(std::string_view text) {
    const auto lines = decode_checkpoint(text);
    if (!lines) return std::nullopt;
    Checkpoint checkpoint;
    for (std::string_view line : *lines) {
        const auto topic = take_until(line, ' ');
        const auto partition = parse_decimal<int32_t>(take_until(line, ' ').value_or(""));
        const auto offset = parse_decimal<int64_t>(line);
        if (!topic || topic->empty() || !partition || *partition < 0 || !offset)
            return std::nullopt;
        checkpoint[{std::string(*topic), *partition}] = *offset;
    }
    return checkpoint;
}

ReadCheckpoint read_checkpoint(FileSystem& files, const std::string& path) {
    const auto contents = read_whole(files, path);
    if (!contents) {
        if (contents.error() == std::errc::no_such_file_or_directory) return {};
        return {.problem = fmt::format("{}: {}", path, contents.error().message()),
                .is_unreadable = true};
    }
    // Kafka makes its cleaner's file when it starts, and writes to it when it first cleaned a log.
    if (contents->empty()) return {};
    auto offsets = decode_offsets(as_text(*contents));
    if (!offsets) return {.problem = fmt::format("{}: damaged, treated as absent", path)};
    return {.offsets = std::move(*offsets)};
}

std::expected<void, std::error_code> write_checkpoint(FileSystem& files, const std::string& path,
                                                      const Checkpoint& checkpoint) {
    return replace_whole(files, path, as_bytes(encode_offsets(checkpoint)));
}

}  // namespace storage
