// Reading values of a type, and the rules of ConfigDef that they must keep.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <regex>
#include <set>
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
    return std::unexpected(ConfigError{
        ErrorCode::invalid_config,
        fmt::format("Invalid value {} for configuration {}: {}", shown, key.name, reason)});
}

std::unexpected<ConfigError> refuse_list(const ConfigKey& key, std::string_view reason) {
    return std::unexpected(ConfigError{ErrorCode::invalid_config,
                                       fmt::format("Configuration '{}' {}.", key.name, reason)});
}

bool in_int_range(ConfigType type, int64_t number) {
    if (type == ConfigType::int_type) return std::in_range<int32_t>(number);
    if (type == ConfigType::short_type) return std::in_range<int16_t>(number);
    return true;
}

// As Kafka calls it.
std::string_view name_of(ConfigType type) {
    switch (type) {
        case ConfigType::int_type: return "INT";
        case ConfigType::short_type: return "SHORT";
        case ConfigType::long_type: return "LONG";
        case ConfigType::double_type: return "DOUBLE";
        default: return "";
    }
}

bool is_of_type(ConfigType type, std::string_view value) {
    switch (type) {
        case ConfigType::boolean_type: return parse_boolean(value).has_value();
        case ConfigType::int_type:
        case ConfigType::short_type:
        case ConfigType::long_type: {
            const auto number = parse_integer(value);
            return number && in_int_range(type, *number);
        }
        case ConfigType::double_type: return parse_double(value).has_value();
        default: return true;
    }
}

std::expected<void, ConfigError> check_type(const ConfigKey& key, std::string_view value) {
    if (is_of_type(key.type, value)) return {};
    if (key.type == ConfigType::boolean_type)
        return refuse(key, value, "Expected value to be either true or false");
    return refuse(key, value, fmt::format("Not a number of type {}", name_of(key.type)));
}

std::expected<void, ConfigError> check_range(const ConfigKey& key, std::string_view value) {
    const auto number = parse_double(value).value_or(std::nan(""));
    if (number < key.rule.min)
        return refuse(key, value, fmt::format("Value must be at least {}", key.rule.min));
    if (number > key.rule.max)
        return refuse(key, value, fmt::format("Value must be no more than {}", key.rule.max));
    return {};
}

bool has_empty_item(std::string_view value) {
    const auto items = parse_list(value);
    return trim(value).ends_with(',') || std::ranges::find(items, "") != items.end();
}

std::expected<void, ConfigError> check_choices(const ConfigKey& key, std::string_view value) {
    const auto choices = parse_list(key.rule.choices);
    const bool any_case = key.rule.kind == Rule::Kind::one_of_any_case;
    const auto is_choice = [&](std::string_view one) {
        return std::ranges::any_of(choices, [&](const std::string& choice) {
            return any_case ? equal_any_case(choice, one) : choice == one;
        });
    };
    const auto refuse_one = [&](std::string_view one) {
        return refuse(key, one,
                      fmt::format("String must be one of{}: {}",
                                  any_case ? " (case insensitive)" : "", fmt::join(choices, ", ")));
    };
    if (key.rule.kind != Rule::Kind::each_of)
        return is_choice(trim(value)) ? std::expected<void, ConfigError>{} : refuse_one(value);
    if (has_empty_item(value)) return refuse_list(key, "values must not be empty");
    for (const std::string& one : parse_list(value))
        if (!is_choice(one)) return refuse_one(one);
    return {};
}

std::expected<void, ConfigError> check_distinct(const ConfigKey& key, std::string_view value) {
    if (has_empty_item(value)) return refuse_list(key, "values must not be empty");
    auto items = parse_list(value);
    std::ranges::sort(items);
    if (std::ranges::adjacent_find(items) != items.end())
        return refuse_list(key, "values must not be duplicated");
    return {};
}

std::expected<void, ConfigError> check_non_empty(const ConfigKey& key, std::string_view value) {
    if (!trim(value).empty()) return {};
    if (key.type == ConfigType::list_type)
        return refuse_list(key, "must not be empty. Valid values include: any non-empty value");
    return refuse(key, value, "String must be non-empty");
}

std::expected<void, ConfigError> check_replicas(const ConfigKey& key, std::string_view value) {
    const auto is_number = [](std::string_view text) {
        return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
    };
    const auto is_replica = [&](std::string_view one) {
        const auto colon = one.find(':');
        return colon != one.npos && is_number(one.substr(0, colon)) &&
               is_number(one.substr(colon + 1));
    };
    if (trim(value) == "*" || std::ranges::all_of(parse_list(value), is_replica)) return {};
    constexpr std::string_view format = "[partitionId]:[brokerId],[partitionId]:[brokerId],...";
    return refuse(key, fmt::format("[{}]", fmt::join(parse_list(value), ", ")),
                  fmt::format("{} must be the literal '*' or {}: {}", key.name,
                              "a list of replicas in the following format", format));
}

std::expected<void, ConfigError> check_offset_reset(const ConfigKey& key, std::string_view value) {
    // ISO 8601 with days as the largest unit, as java.time.Duration reads it.
    static const std::regex duration(
        "by_duration:P(?=.)([0-9]+D)?(T(?=.)([0-9]+H)?([0-9]+M)?([0-9]+(\\.[0-9]{1,9})?S)?)?");
    if (value == "earliest" || value == "latest") return {};
    constexpr std::string_view choices =
        "either 'earliest', 'latest' or of the format 'by_duration:<PnDTnHnMn.nS>'";
    constexpr size_t longest = 64;
    if (value.size() <= longest && std::regex_match(std::string(value), duration)) return {};
    return refuse(key, value,
                  fmt::format("Invalid value `{}` for configuration {}. The value must be {}.",
                              value, key.name, choices));
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
            return refuse(key, value, "Value must be between 1 and 9 or equal to -1");
        }
        case Rule::Kind::one_of:
        case Rule::Kind::one_of_any_case:
        case Rule::Kind::each_of: return check_choices(key, value);
        case Rule::Kind::distinct: return check_distinct(key, value);
        case Rule::Kind::non_empty: return check_non_empty(key, value);
        case Rule::Kind::replicas: return check_replicas(key, value);
        case Rule::Kind::auto_offset_reset: return check_offset_reset(key, value);
    }
    return {};
}

std::string normalise(const ConfigKey& key, std::string_view value) {
    if (key.type == ConfigType::boolean_type)
        return parse_boolean(value).value_or(false) ? "true" : "false";
    if (key.type == ConfigType::password_type) return std::string(value);
    if (key.type != ConfigType::list_type) return std::string(trim(value));
    std::set<std::string> seen;
    auto items = parse_list(value);
    std::erase_if(items, [&](const std::string& item) { return !seen.insert(item).second; });
    return fmt::format("{}", fmt::join(items, ","));
}

}  // namespace broker::config
