#include "broker/config/topic_config.h"

#include <doctest/doctest.h>

using namespace broker::config;

TEST_CASE("a topic without settings has Kafka's defaults") {
    const auto topic = resolve_topic_config({}, {});
    CHECK(topic.log.segment_bytes == 1 << 30);
    CHECK(topic.log.segment_ms == 604'800'000);
    CHECK(topic.log.segment_jitter_ms == 0);
    CHECK(topic.log.segment_index_bytes == 10 << 20);
    CHECK(topic.log.index_interval_bytes == 4096);
    CHECK(topic.log.flush_messages == std::numeric_limits<int64_t>::max());
    CHECK(topic.log.flush_ms == std::numeric_limits<int64_t>::max());
    CHECK(topic.log.timestamp_type == protocol::TimestampType::create_time);
    CHECK(topic.log.deletes);
    CHECK_FALSE(topic.log.compacts);
    CHECK(topic.max_message_bytes == 1'048'588);
    CHECK_FALSE(topic.compression);
    CHECK(topic.log.retention_ms == 604'800'000);
    CHECK(topic.log.retention_bytes == -1);
    CHECK(topic.timestamp_after_max_ms == 3'600'000);
    CHECK(topic.log.min_cleanable_dirty_ratio == 0.5);
}

TEST_CASE("a topic's own value wins over the broker's dynamic one, that over the static one") {
    BrokerValues broker{.fixed = {{"message.max.bytes", "1"}}};
    CHECK(resolve_topic_config({}, broker).max_message_bytes == 1);
    broker.dynamic_default["message.max.bytes"] = "2";
    CHECK(resolve_topic_config({}, broker).max_message_bytes == 2);
    broker.dynamic_broker["message.max.bytes"] = "3";
    CHECK(resolve_topic_config({}, broker).max_message_bytes == 3);
    CHECK(resolve_topic_config({{"max.message.bytes", "4"}}, broker).max_message_bytes == 4);
}

TEST_CASE("hours and minutes count where milliseconds are not set") {
    BrokerValues broker{.fixed = {{"log.retention.hours", "3"},
                                  {"log.roll.hours", "2"},
                                  {"log.roll.jitter.hours", "1"}}};
    const auto by_hours = resolve_topic_config({}, broker);
    CHECK(by_hours.log.retention_ms == 10'800'000);
    CHECK(by_hours.log.segment_ms == 7'200'000);
    CHECK(by_hours.log.segment_jitter_ms == 3'600'000);
    broker.fixed["log.retention.minutes"] = "4";
    CHECK(resolve_topic_config({}, broker).log.retention_ms == 240'000);
    broker.fixed["log.retention.ms"] = "5";
    CHECK(resolve_topic_config({}, broker).log.retention_ms == 5);
}

TEST_CASE("an unlimited number of hours is unlimited in milliseconds") {
    CHECK(resolve_topic_config({}, {.fixed = {{"log.retention.hours", "-1"}}}).log.retention_ms ==
          -1);
}

TEST_CASE("cleanup policies combine, and none keeps everything") {
    const auto both = resolve_topic_config({{"cleanup.policy", "compact, delete"}}, {});
    CHECK(both.log.compacts);
    CHECK(both.log.deletes);
    const auto none = resolve_topic_config({{"cleanup.policy", ""}}, {});
    CHECK_FALSE(none.log.compacts);
    CHECK_FALSE(none.log.deletes);
}

TEST_CASE("a compression type names the codec, uncompressed is one, too") {
    CHECK(resolve_topic_config({{"compression.type", "zstd"}}, {}).compression ==
          protocol::Compression::zstd);
    CHECK(resolve_topic_config({{"compression.type", "uncompressed"}}, {}).compression ==
          protocol::Compression::none);
}

TEST_CASE("timestamps of a LogAppendTime topic are the log's") {
    CHECK(resolve_topic_config({{"message.timestamp.type", "LogAppendTime"}}, {})
              .log.timestamp_type == protocol::TimestampType::log_append_time);
}

TEST_CASE("the internal key makes segments smaller than the public one may") {
    CHECK(resolve_topic_config({{"internal.segment.bytes", "100"}}, {}).log.segment_bytes == 100);
}
