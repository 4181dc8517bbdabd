// A dynamic config in the metadata log (KIP-631); a null value removes it.
#pragma once

#include <optional>
#include <string>

#include "protocol/types.h"

namespace protocol {

struct ConfigRecord {
    static constexpr int16_t record_type = 4;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    int8_t resource_type = 0;
    std::string resource_name;
    std::string name;
    std::optional<std::string> value = std::string{};

    static void fields(auto& f, auto& m) {
        f("ResourceType", m.resource_type);
        f("ResourceName", m.resource_name);
        f("Name", m.name);
        f("Value", m.value);
    }
};

}  // namespace protocol
