// How the tables of config keys are written down: one row a key, what is special about it chained.
#pragma once

#include <span>

#include "broker/config/config_key.h"

namespace broker::config {

namespace key_table {

struct Row : ConfigKey {
    constexpr Row rule(Rule rule_of_key) const {
        Row row = *this;
        row.ConfigKey::rule = rule_of_key;
        return row;
    }
    // Our default where Kafka's is meant for a data centre.
    constexpr Row in_development(std::string_view text) const {
        Row row = *this;
        row.development = text;
        return row;
    }
    constexpr Row dynamic() const { return updated(Update::cluster_wide); }
    constexpr Row dynamic_per_broker() const { return updated(Update::per_broker); }
    constexpr Row from(std::string_view key) const {
        Row row = *this;
        row.broker_key = key;
        return row;
    }
    constexpr Row hidden() const {
        Row row = *this;
        row.internal = true;
        return row;
    }
    constexpr Row acts(std::string_view sentence) const {
        Row row = *this;
        row.acted_on = true;
        row.documentation = sentence;
        return row;
    }

  private:
    constexpr Row updated(Update how) const {
        Row row = *this;
        row.update = how;
        return row;
    }
};

inline constexpr std::nullopt_t null = std::nullopt;
using Default = std::optional<std::string_view>;

constexpr Row row(std::string_view name, ConfigType type, Default value) {
    return Row{{.name = name, .type = type, .value = value}};
}
constexpr Row boolean(std::string_view name, Default value) {
    return row(name, ConfigType::boolean_type, value);
}
constexpr Row string(std::string_view name, Default value) {
    return row(name, ConfigType::string_type, value);
}
constexpr Row int32(std::string_view name, Default value) {
    return row(name, ConfigType::int_type, value);
}
constexpr Row int16(std::string_view name, Default value) {
    return row(name, ConfigType::short_type, value);
}
constexpr Row int64(std::string_view name, Default value) {
    return row(name, ConfigType::long_type, value);
}
constexpr Row real(std::string_view name, Default value) {
    return row(name, ConfigType::double_type, value);
}
constexpr Row list(std::string_view name, Default value) {
    return row(name, ConfigType::list_type, value);
}
constexpr Row class_name(std::string_view name, Default value) {
    return row(name, ConfigType::class_type, value);
}
constexpr Row password(std::string_view name, Default value) {
    return row(name, ConfigType::password_type, value);
}

constexpr Rule at_least(double min) {
    return {Rule::Kind::range, min, std::numeric_limits<double>::infinity(), {}};
}
constexpr Rule between(double min, double max) { return {Rule::Kind::range, min, max, {}}; }
constexpr Rule one_of(std::string_view choices) { return {Rule::Kind::one_of, 0, 0, choices}; }
constexpr Rule one_of_any_case(std::string_view choices) {
    return {Rule::Kind::one_of_any_case, 0, 0, choices};
}
constexpr Rule each_of(std::string_view choices) { return {Rule::Kind::each_of, 0, 0, choices}; }
inline constexpr Rule gzip_level{Rule::Kind::gzip_level, 0, 0, {}};
inline constexpr Rule distinct{Rule::Kind::distinct, 0, 0, {}};
inline constexpr Rule non_empty{Rule::Kind::non_empty, 0, 0, {}};
inline constexpr Rule replicas{Rule::Kind::replicas, 0, 0, {}};
inline constexpr Rule auto_offset_reset{Rule::Kind::auto_offset_reset, 0, 0, {}};

}  // namespace key_table

std::span<const key_table::Row> network_rows();
std::span<const key_table::Row> log_rows();
std::span<const key_table::Row> coordinator_rows();
std::span<const key_table::Row> cluster_rows();
std::span<const key_table::Row> security_rows();
std::span<const key_table::Row> own_rows();
std::span<const key_table::Row> topic_rows();
std::span<const key_table::Row> group_rows();
std::span<const key_table::Row> client_metrics_rows();

}  // namespace broker::config
