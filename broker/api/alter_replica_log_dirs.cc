#include <algorithm>
#include <map>
#include <utility>

#include "broker/api/handlers.h"
#include "broker/api/on_replica.h"
#include "broker/broker.h"

namespace broker::api {

namespace {

using protocol::AlterReplicaLogDirsRequest;
using protocol::AlterReplicaLogDirsResponse;
using protocol::ErrorCode;
using storage::PartitionName;

constexpr size_t file_name_bytes_max = 255;

// What holds whether or not there is such a partition, in Kafka's order.
ErrorCode check(const RequestContext& context, const PartitionName& name, const std::string& path) {
    if (storage::future_directory_name(name, {}).size() > file_name_bytes_max)
        return ErrorCode::invalid_topic_exception;
    if (const auto online = context.broker.log_directories().check_online(path); !online)
        return online.error();
    if (context.home.config.log.is_cordoned(path)) return ErrorCode::invalid_replica_assignment;
    return ErrorCode::none;
}

Answer<ErrorCode> move(RequestContext& context, PartitionName name, std::string path) {
    if (const ErrorCode error = check(context, name, path); error != ErrorCode::none)
        co_return error;
    const metadata::TopicRef topic = context.home.image.find(std::string_view(name.topic));
    const bool is_known = topic && name.partition >= 0 && name.partition < topic->partition_count();
    const auto is_here = [&] {
        const auto& replicas = topic->partitions[static_cast<size_t>(name.partition)].replicas;
        return std::ranges::count(replicas, context.broker.config().node_id) > 0;
    };
    if (!is_known || !is_here()) {
        // It is remembered for when there is one.
        if (name.partition >= 0) context.broker.log_directories().prefer(name, path);
        co_return is_known ? ErrorCode::replica_not_available
                           : ErrorCode::unknown_topic_or_partition;
    }
    auto begin = [&](partition::Replica&, Shard& owner) {
        const auto begun = owner.log_moves.move(*topic, name.partition, path);
        return begun ? ErrorCode::none : begun.error();
    };
    const auto outcome = co_await on_replica(context, topic, name.partition, begin);
    if (outcome) {
        Shard& owner = context.shards.owner_of(topic->id, name.partition);
        auto wait = [&] { return owner.log_moves.until_begun(topic->id, name.partition); };
        if (*outcome == ErrorCode::none) co_await owner.run(std::move(wait));
        co_return *outcome;
    }
    co_return outcome.error() == ErrorCode::unknown_topic_or_partition
        ? outcome.error()
        : ErrorCode::kafka_storage_error;
}

}  // namespace

Answer<AlterReplicaLogDirsResponse> alter_replica_log_dirs(
    RequestContext& context, const AlterReplicaLogDirsRequest& request) {
    // What is named twice goes to the last one.
    std::map<PartitionName, std::string> wanted;
    for (const auto& directory : request.dirs)
        for (const auto& topic : directory.topics)
            for (const int32_t partition : topic.partitions)
                wanted[{std::string(topic.name), partition}] = directory.path;
    AlterReplicaLogDirsResponse response;
    for (const auto& [name, path] : wanted) {
        if (response.results.empty() || response.results.back().topic_name != name.topic)
            response.results.push_back({.topic_name = name.topic});
        const ErrorCode error = co_await move(context, name, path);
        response.results.back().partitions.push_back(
            {.partition_index = name.partition, .error_code = error});
    }
    co_return response;
}

}  // namespace broker::api
