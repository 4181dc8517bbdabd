#include "tools/bench/load/topic.h"

#include <thread>

#include "protocol/messages/create_topics.h"
#include "protocol/messages/delete_topics.h"
#include "protocol/messages/list_offsets.h"

namespace bench {

namespace {

using namespace std::chrono_literals;
using protocol::ErrorCode;

constexpr int16_t create_topics_version = 4;
constexpr int16_t delete_topics_version = 4;
constexpr int16_t list_offsets_version = 7;

}  // namespace

void create_topic(const Target& target, const Topic& topic) {
    Connection connection(target);
    const protocol::CreateTopicsRequest request{
        .topics = {
            {.name = topic.name, .num_partitions = topic.partitions, .replication_factor = 1}}};
    const auto created =
        connection.call<protocol::CreateTopicsResponse>(request, create_topics_version);
    const ErrorCode error = created.topics.at(0).error_code;
    if (error != ErrorCode::topic_already_exists) require(error, "creating the topic");
    while (!stored_offsets(connection, topic)) std::this_thread::sleep_for(20ms);
}

void delete_topic(const Target& target, const Topic& topic) {
    Connection connection(target);
    const protocol::DeleteTopicsRequest request{.topic_names = {topic.name}, .timeout_ms = 60'000};
    const auto deleted =
        connection.call<protocol::DeleteTopicsResponse>(request, delete_topics_version);
    require(deleted.responses.at(0).error_code, "deleting the topic");
}

std::optional<int64_t> stored_offsets(Connection& connection, const Topic& topic) {
    protocol::ListOffsetsRequest request{.replica_id = -1, .topics = {{.name = topic.name}}};
    for (int32_t partition = 0; partition < topic.partitions; ++partition)
        request.topics[0].partitions.push_back({.partition_index = partition, .timestamp = -1});
    const auto listed =
        connection.call<protocol::ListOffsetsResponse>(request, list_offsets_version);
    int64_t sum = 0;
    for (const auto& partition : listed.topics.at(0).partitions) {
        if (partition.error_code != ErrorCode::none) return std::nullopt;
        sum += partition.offset;
    }
    return sum;
}

}  // namespace bench
