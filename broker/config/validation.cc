// Reading values of a type, and the rules of ConfigDef that they must keep.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <regex>
#include <utility>

#include "broker/config/config_values.h"

namespace broker::config {

namespace {

std::string_view trim(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n\f";
    const auto first = text.find_first_not_of(blanks);
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool equal_any_case(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

std::unexpected<ConfigError> refuse(const ConfigKey& key, std::string_view value,
                                    std::string_view reason) {
    // A password must not turn up in an answer or a log.
    const auto shown = key.sensitive() ? std::string_view("[hidden]") : value;
    return std::unexpected(
        ConfigError{ErrorCode::invalid_config, fmt::format("{}={}: {}", key.name, shown, reason)});
}

bool in_int_range(ConfigType type, int64_t number) {
    if (type == ConfigType::int_type) return std::in_range<int32_t>(number);
    if (type == ConfigType::short_type) return std::in_range<int16_t>(number);
    return true;
}

std::expected<void, ConfigError> check_type(const ConfigKey& key, std::string_view value) {
    switch (key.type) {
        case ConfigType::boolean_type:
            if (!parse_boolean(value)) return refuse(key, value, "true or false is wanted");
            return {};
        case ConfigType::int_type:
        case ConfigType::short_type:
        case ConfigType::long_type: {
            const auto number = parse_integer(value);
            if (number && in_int_range(key.type, *number)) return {};
            const auto bits = key.type == ConfigType::int_type     ? 32
                              : key.type == ConfigType::short_type ? 16
                                                                   : 64;
            return refuse(key, value, fmt::format("a whole number of {} bits is wanted", bits));
        }
        case ConfigType::double_type:
            if (!parse_double(value)) return refuse(key, value, "a number is wanted");
            return {};
        default: return {};
    }
}

std::expected<void, ConfigError> check_range(const ConfigKey& key, std::string_view value) {
    const auto number = parse_double(value).value_or(std::nan(""));
    if (number < key.rule.min) {
        return refuse(key, value, fmt::format("must be at least {}", key.rule.min));
    }
    if (number > key.rule.max) {
        return refuse(key, value, fmt::format("must be at most {}", key.rule.max));
    }
    return {};
}

std::expected<void, ConfigError> check_choices(const ConfigKey& key, std::string_view value) {
    const auto choices = parse_list(key.rule.choices);
    const bool any_case = key.rule.kind == Rule::Kind::one_of_any_case;
    const auto is_choice = [&](std::string_view one) {
        return std::ranges::any_of(choices, [&](const std::string& choice) {
            return any_case ? equal_any_case(choice, one) : choice == one;
        });
    };
    const bool right = key.rule.kind == Rule::Kind::each_of
                           ? std::ranges::all_of(parse_list(value), is_choice)
                           : is_choice(trim(value));
    if (right) return {};
    return refuse(key, value, fmt::format("must be of: {}", fmt::join(choices, ", ")));
}

std::expected<void, ConfigError> check_replicas(const ConfigKey& key, std::string_view value) {
    if (trim(value) == "*") return {};
    static const std::regex replica("[0-9]+:[0-9]+");
    if (std::ranges::all_of(parse_list(value), [](const std::string& one) {
            return std::regex_match(one, replica);
        })) {
        return {};
    }
    return refuse(key, value, "must be * or a list of partition:broker");
}

std::expected<void, ConfigError> check_offset_reset(const ConfigKey& key, std::string_view value) {
    // ISO 8601 with days as the largest unit, as java.time.Duration reads it.
    static const std::regex duration(
        "by_duration:P(?=.)([0-9]+D)?(T(?=.)([0-9]+H)?([0-9]+M)?([0-9]+(\\.[0-9]{1,9})?S)?)?");
    if (value == "earliest" || value == "latest") return {};
    constexpr size_t longest = 64;
    if (value.size() <= longest && std::regex_match(std::string(value), duration)) return {};
    return refuse(key, value, "must be earliest, latest, or by_duration:PnDTnHnMn.nS");
}

}  // namespace

std::optional<bool> parse_boolean(std::string_view text) {
    text = trim(text);
    if (equal_any_case(text, "true")) return true;
    if (equal_any_case(text, "false")) return false;
    return std::nullopt;
}

std::optional<int64_t> parse_integer(std::string_view text) {
    text = trim(text);
    if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
    int64_t number = 0;
    const auto* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stopped != end) return std::nullopt;
    return number;
}

std::optional<double> parse_double(std::string_view text) {
    text = trim(text);
    double number = 0;
    const auto* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stopped != end || std::isnan(number)) return std::nullopt;
    return number;
}

std::vector<std::string> parse_list(std::string_view text) {
    std::vector<std::string> items;
    text = trim(text);
    while (!text.empty()) {
        const auto comma = text.find(',');
        items.emplace_back(trim(text.substr(0, comma)));
        if (comma == text.npos) break;
        text.remove_prefix(comma + 1);
    }
    return items;
}

std::expected<void, ConfigError> validate(const ConfigKey& key, std::string_view value) {
    if (auto typed = check_type(key, value); !typed) return typed;
    switch (key.rule.kind) {
        case Rule::Kind::none: return {};
        case Rule::Kind::range: return check_range(key, value);
        case Rule::Kind::gzip_level: {
            const auto level = parse_integer(value).value_or(0);
            if (level == -1 || (level >= 1 && level <= 9)) return {};
            return refuse(key, value, "must be from 1 to 9, or -1");
        }
        case Rule::Kind::one_of:
        case Rule::Kind::one_of_any_case:
        case Rule::Kind::each_of: return check_choices(key, value);
        case Rule::Kind::non_empty:
            if (trim(value).empty()) return refuse(key, value, "must not be empty");
            return {};
        case Rule::Kind::replicas: return check_replicas(key, value);
        case Rule::Kind::auto_offset_reset: return check_offset_reset(key, value);
    }
    return {};
}

std::string normalise(const ConfigKey& key, std::string_view value) {
    if (key.type == ConfigType::boolean_type) return *parse_boolean(value) ? "true" : "false";
    if (key.type == ConfigType::password_type) return std::string(value);
    if (key.type != ConfigType::list_type) return std::string(trim(value));
    std::vector<std::string> unique;
    for (auto& item : parse_list(value)) {
        if (std::ranges::find(unique, item) == unique.end()) unique.push_back(std::move(item));
    }
    return fmt::format("{}", fmt::join(unique, ","));
}

}  // namespace broker::config
