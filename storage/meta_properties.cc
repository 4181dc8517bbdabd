#include "storage/meta_properties.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "protocol/uuid.h"
#include "storage/checkpoints.h"

namespace storage {
namespace {

using std::unexpected;

constexpr std::string_view version = "1";

// Java's Properties put a backslash before these, wherever they stand in a value.
constexpr std::string_view escaped = ":=#!\\";

std::string escape(std::string_view value) {
    std::string text;
    for (const char character : value) {
        if (escaped.contains(character)) text.push_back('\\');
        text.push_back(character);
    }
    return text;
}

std::string unescape(std::string_view text) {
    std::string value;
    for (size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '\\' && at + 1 < text.size()) ++at;
        value.push_back(text[at]);
    }
    return value;
}

std::map<std::string, std::string> parse_properties(std::string_view text) {
    std::map<std::string, std::string> properties;
    while (!text.empty()) {
        const size_t end = std::min(text.find_first_of("\r\n"), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const size_t separator = line.find_first_of("=:");
        if (line.empty() || line[0] == '#' || line[0] == '!' || separator == std::string_view::npos)
            continue;
        properties[std::string(line.substr(0, separator))] = unescape(line.substr(separator + 1));
    }
    return properties;
}

}  // namespace

std::string encode(const MetaProperties& properties) {
    std::string text = fmt::format("#\nnode.id={}\n", properties.node_id);
    if (!properties.directory_id.is_zero())
        text += fmt::format("directory.id={}\n", protocol::to_string(properties.directory_id));
    return text +
           fmt::format("version={}\ncluster.id={}\n", version, escape(properties.cluster_id));
}

std::expected<MetaProperties, std::string> decode_meta_properties(std::string_view text) {
    const auto properties = parse_properties(text);
    const auto get = [&](const std::string& key) -> std::optional<std::string> {
        const auto found = properties.find(key);
        return found == properties.end() ? std::nullopt : std::optional(found->second);
    };
    if (get("version") != version)
        return unexpected(fmt::format("version {} is not supported, only version {} is",
                                      get("version").value_or("(none)"), version));
    const auto node_id = parse_decimal<int32_t>(get("node.id").value_or(""));
    if (!node_id || *node_id < 0) return unexpected("node.id is missing or not a number");
    const auto cluster_id = get("cluster.id");
    if (!cluster_id || cluster_id->empty()) return unexpected("cluster.id is missing");
    MetaProperties meta{.cluster_id = *cluster_id, .node_id = *node_id};
    if (const auto directory_id = get("directory.id")) {
        const auto parsed = protocol::parse_uuid(*directory_id);
        if (!parsed) return unexpected("directory.id is not a uuid");
        meta.directory_id = *parsed;
    }
    return meta;
}

}  // namespace storage
