#include "broker/config/share_group_config.h"

#include <algorithm>
#include <limits>
#include <string>

#include "broker/config/group_config.h"

namespace broker::config {

namespace {

struct Reader {
    const Values& overrides;
    const BrokerValues& broker;

    std::string text(std::string_view name) const {
        if (const auto own = overrides.find(name); own != overrides.end()) return own->second;
        const ConfigKey& key = *find_group_key(name);
        if (!key.broker_key.empty()) return effective_value(key.broker_key, broker).value_or("");
        return std::string(key.default_value().value_or(""));
    }
    int32_t int32(std::string_view name) const {
        if (const auto own = own_group_value(overrides, name, broker)) return *own;
        return static_cast<int32_t>(parse_integer(text(name)).value_or(0));
    }
};

// "P1DT2H3M4.5S", which was validated, as milliseconds.
int64_t duration_ms(std::string_view text) {
    constexpr double longest_ms = 1e15;  // any time that a record can have is later than that ago
    double total_ms = 0;
    std::string number;
    for (const char letter : text.substr(std::min<size_t>(1, text.size()))) {
        if ((letter >= '0' && letter <= '9') || letter == '.') {
            number += letter;
            continue;
        }
        const double unit_ms = letter == 'D'   ? 86'400'000
                               : letter == 'H' ? 3'600'000
                               : letter == 'M' ? 60'000
                               : letter == 'S' ? 1'000
                                               : 0;
        total_ms += parse_double(number).value_or(0) * unit_ms;
        number.clear();
    }
    return static_cast<int64_t>(std::min(total_ms, longest_ms));
}

ShareOffsetReset offset_reset(std::string_view text) {
    constexpr std::string_view by_duration = "by_duration:";
    if (text == "earliest") return {ShareOffsetReset::Kind::earliest};
    if (!text.starts_with(by_duration)) return {};
    text.remove_prefix(by_duration.size());
    return {ShareOffsetReset::Kind::by_duration, duration_ms(text)};
}

}  // namespace

ShareGroupConfig resolve_share_group_config(const Values& overrides, const BrokerValues& broker) {
    const Reader read{overrides, broker};
    return {
        .record_lock_duration_ms = read.int32("share.record.lock.duration.ms"),
        .delivery_count_limit = read.int32("share.delivery.count.limit"),
        .partition_max_record_locks = read.int32("share.partition.max.record.locks"),
        .renew_acknowledge_enable =
            parse_boolean(read.text("share.renew.acknowledge.enable")).value_or(true),
        .is_read_committed = read.text("share.isolation.level") == "read_committed",
        .auto_offset_reset = offset_reset(read.text("share.auto.offset.reset")),
    };
}

}  // namespace broker::config
