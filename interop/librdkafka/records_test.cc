// Records go through the broker unchanged, in every codec and with everything a record may carry.
#include <doctest/doctest.h>

#include <set>

#include "client.h"

using namespace interop;

TEST_CASE("records come back as they were written, in every codec") {
    std::string codec;
    for (const char* name : {"none", "gzip", "snappy", "lz4", "zstd"}) {
        SUBCASE(name) { codec = name; }
    }
    const auto topic = unique("codec-" + codec);
    create_topic(topic);
    std::vector<Record> written;
    for (int i = 0; i < 200; ++i) {
        Record record;
        record.topic = topic;
        record.partition = 0;
        record.timestamp_ms = 1'700'000'000'000 + i;
        if (i % 3 != 0) record.key = "key-" + std::to_string(i);
        if (i % 7 != 0) record.value = std::string(200, static_cast<char>('a' + i % 26));
        record.headers = {{"number", std::to_string(i)}, {"twice", "1"}, {"twice", "2"}};
        record.headers.emplace_back("null", std::nullopt);
        record.headers.emplace_back("empty", "");
        written.push_back(record);
    }
    {
        Producer producer({{"compression.type", codec}, {"linger.ms", "50"}});
        for (const auto& record : written) producer.produce(record);
        producer.flush();
        CHECK(producer.failures().empty());
    }
    const auto read = read_partition(topic, 0, "read_uncommitted");
    REQUIRE(read.size() == written.size());
    for (size_t i = 0; i < read.size(); ++i) {
        CAPTURE(i);
        CHECK(read[i].offset == static_cast<int64_t>(i));
        CHECK(read[i].timestamp_ms == written[i].timestamp_ms);
        CHECK(read[i].key == written[i].key);
        CHECK(read[i].value == written[i].value);
        CHECK(read[i].headers == written[i].headers);
    }
}

TEST_CASE("a record as large as the broker allows goes through, a larger one is refused") {
    const auto topic = unique("large");
    create_topic(topic, 1, {{"max.message.bytes", "100000"}});
    Producer producer({{"message.max.bytes", "2000000"}});
    producer.produce(topic, std::string(99'000, 'x'));
    producer.flush();
    CHECK(producer.failures().empty());
    producer.produce(topic, std::string(101'000, 'x'));
    producer.flush();
    CHECK(producer.failures() == std::vector<std::string>{"MSG_SIZE_TOO_LARGE"});
    const auto values = values_of(topic, "read_uncommitted");
    REQUIRE(values.size() == 1);
    CHECK(values[0].size() == 99'000);
}

TEST_CASE("records without a key spread over partitions and keep their order in each") {
    const auto topic = unique("spread");
    create_topic(topic, 3);
    Producer producer;
    for (int i = 0; i < 300; ++i) producer.produce(topic, std::to_string(i), i % 3);
    producer.flush();
    REQUIRE(producer.delivered().size() == 300);
    for (int32_t partition = 0; partition < 3; ++partition) {
        std::vector<std::string> expected;
        for (int i = partition; i < 300; i += 3) expected.push_back(std::to_string(i));
        CHECK(values_of(topic, "read_uncommitted", partition) == expected);
    }
}

TEST_CASE("every level of acknowledgement keeps the records") {
    for (const char* acks : {"0", "1", "all"}) {
        CAPTURE(acks);
        const auto topic = unique("acks");
        create_topic(topic);
        Producer producer({{"acks", acks}, {"enable.idempotence", "false"}});
        for (const auto& value : numbered("v", 50)) producer.produce(topic, value);
        producer.flush();
        CHECK(producer.failures().empty());
        // Nobody acknowledges acks=0, so wait for the records themselves.
        Consumer consumer({});
        consumer.assign({{topic, 0, 0}});
        const auto read = consumer.read(50);
        REQUIRE(read.size() == 50);
        for (int i = 0; i < 50; ++i) CHECK(read[i].value == "v" + std::to_string(i));
    }
}

TEST_CASE("offsets can be looked up by time") {
    const auto topic = unique("by-time");
    create_topic(topic);
    Producer producer;
    for (int i = 0; i < 10; ++i) {
        Record record;
        record.topic = topic;
        record.partition = 0;
        record.value = std::to_string(i);
        record.timestamp_ms = 1'700'000'000'000 + i * 1000;
        producer.produce(record);
        producer.flush();
    }
    const Consumer consumer({});
    const auto offset_at = [&](int64_t timestamp_ms) {
        const auto list = make_partitions({{topic, 0, timestamp_ms}});
        REQUIRE(rd_kafka_offsets_for_times(consumer.handle(), list.get(), deadline_ms) ==
                RD_KAFKA_RESP_ERR_NO_ERROR);
        return list->elems[0].offset;
    };
    CHECK(offset_at(1'600'000'000'000) == 0);
    CHECK(offset_at(1'700'000'003'000) == 3);
    CHECK(offset_at(1'700'000'003'001) == 4);
    CHECK(offset_at(1'800'000'000'000) == RD_KAFKA_OFFSET_END);
    int64_t low = -1;
    int64_t high = -1;
    REQUIRE(rd_kafka_query_watermark_offsets(consumer.handle(), topic.c_str(), 0, &low, &high,
                                             deadline_ms) == RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK(low == 0);
    CHECK(high == 10);
}
