// A finalized feature level in the metadata log (KIP-584).
#pragma once

#include <string>

#include "protocol/types.h"

namespace protocol {

struct FeatureLevelRecord {
    static constexpr int16_t record_type = 12;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    std::string name;
    int16_t feature_level = 0;

    static void fields(auto& f, auto& m) {
        f("Name", m.name);
        f("FeatureLevel", m.feature_level);
    }
};

}  // namespace protocol
