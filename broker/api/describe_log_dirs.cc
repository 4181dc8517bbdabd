#include <map>
#include <set>

#include "broker/api/handlers.h"
#include "broker/api/on_replica.h"
#include "broker/broker.h"

namespace broker::api {

namespace {

using protocol::DescribeLogDirsRequest;
using protocol::DescribeLogDirsResponse;
using protocol::ErrorCode;
using Directory = DescribeLogDirsResponse::DescribeLogDirsResult;
using Topic = Directory::DescribeLogDirsTopic;
using Partition = Topic::DescribeLogDirsPartition;

struct Wanted {
    metadata::TopicRef topic;
    std::set<int32_t> partitions;
};

std::vector<Wanted> resolve(const RequestContext& context, const DescribeLogDirsRequest& request) {
    std::vector<Wanted> wanted;
    if (!request.topics) {
        context.home.image.for_each_topic([&](const metadata::TopicRef& topic) {
            Wanted& all = wanted.emplace_back(topic);
            for (int32_t i = 0; i < topic->partition_count(); ++i) all.partitions.insert(i);
        });
        return wanted;
    }
    for (const auto& asked : *request.topics)
        if (const auto topic = context.home.image.find(asked.topic))
            wanted.push_back({topic, {asked.partitions.begin(), asked.partitions.end()}});
    return wanted;
}

struct Found {
    std::string directory;  // of the broker, not of the log
    Partition partition;
};

// What has no log is nowhere: a partition that there is not, or one of a directory that is offline.
// One that moves is in two, of which the other one has to catch up.
Answer<std::vector<Found>> find(RequestContext& context, const metadata::TopicRef& topic,
                                int32_t index) {
    auto look = [index, id = topic->id](partition::Replica& replica, Shard& owner) {
        const storage::Log& log = replica.log();
        std::vector<Found> found{
            {.directory = storage::parent_directory(log.directory()),
             .partition = {.partition_index = index,
                           .partition_size = static_cast<int64_t>(log.size_bytes())}}};
        if (const auto copy = owner.log_moves.find(id, index))
            found.push_back({.directory = copy->directory,
                             .partition = {.partition_index = index,
                                           .partition_size = static_cast<int64_t>(copy->size_bytes),
                                           .offset_lag = log.log_end_offset() - copy->end_offset,
                                           .is_future_key = true}});
        return found;
    };
    auto found = co_await on_replica(context, topic, index, look);
    if (!found) co_return std::vector<Found>{};
    co_return std::move(*found);
}

Directory describe(const storage::LogDirectories::Described& described) {
    Directory directory{.log_dir = described.path};
    if (!described.volume) {
        directory.error_code = described.volume.error();
        return directory;
    }
    directory.total_bytes = static_cast<int64_t>(described.volume->total_bytes);
    directory.usable_bytes = static_cast<int64_t>(described.volume->usable_bytes);
    return directory;
}

}  // namespace

Answer<DescribeLogDirsResponse> describe_log_dirs(RequestContext& context,
                                                  const DescribeLogDirsRequest& request) {
    std::map<std::string, std::vector<Topic>> topics;  // by directory
    for (const Wanted& wanted : resolve(context, request)) {
        std::map<std::string, Topic> parts;
        for (const int32_t index : wanted.partitions) {
            const auto all = co_await find(context, wanted.topic, index);
            for (const Found& found : all) {
                Topic& part = parts[found.directory];
                part.name = wanted.topic->name;
                part.partitions.push_back(found.partition);
            }
        }
        for (auto& [directory, part] : parts) topics[directory].push_back(std::move(part));
    }
    DescribeLogDirsResponse response;
    for (const auto& described : context.broker.log_directories().describe()) {
        response.results.push_back(describe(described));
        response.results.back().is_cordoned = context.home.config.log.is_cordoned(described.path);
        response.results.back().topics = std::move(topics[described.path]);
    }
    co_return response;
}

}  // namespace broker::api
