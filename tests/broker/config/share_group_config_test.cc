#include "broker/config/share_group_config.h"

#include <doctest/doctest.h>

using namespace broker::config;
using Kind = ShareOffsetReset::Kind;

namespace {

ShareOffsetReset reset(const std::string& value) {
    return resolve_share_group_config({{"share.auto.offset.reset", value}}, {}).auto_offset_reset;
}

}  // namespace

TEST_CASE("a share group has its own configs, else the broker's, else Kafka's defaults") {
    CHECK(resolve_share_group_config({}, {}).delivery_count_limit == 5);
    const BrokerValues broker{.fixed = {{"group.share.delivery.count.limit", "7"}}};
    CHECK(resolve_share_group_config({}, broker).delivery_count_limit == 7);
    const auto own = resolve_share_group_config({{"share.delivery.count.limit", "3"},
                                                 {"share.isolation.level", "read_committed"},
                                                 {"share.renew.acknowledge.enable", "false"}},
                                                broker);
    CHECK(own.delivery_count_limit == 3);
    CHECK(own.is_read_committed);
    CHECK_FALSE(own.renew_acknowledge_enable);
}

TEST_CASE("a share group's offset reset is a place or a duration") {
    CHECK(resolve_share_group_config({}, {}).auto_offset_reset == ShareOffsetReset{Kind::latest});
    CHECK(reset("earliest") == ShareOffsetReset{Kind::earliest});
    CHECK(reset("by_duration:PT1.5S") == ShareOffsetReset{Kind::by_duration, 1'500});
    CHECK(reset("by_duration:P1DT2H3M4S") == ShareOffsetReset{Kind::by_duration, 93'784'000});
}
