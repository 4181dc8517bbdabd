#include "broker/log_recovery.h"

#include <algorithm>
#include <atomic>
#include <string_view>
#include <thread>

namespace broker {

std::vector<RecoveredLog> recover_logs(const storage::LogDirectories& directories,
                                       const metadata::ClusterImage& image, int thread_count,
                                       int64_t now_ms) {
    std::vector<RecoveredLog> logs;
    for (const auto& [name, topic_id] : directories.partitions()) {
        if (auto topic = image.find(std::string_view(name.topic)))
            logs.push_back({.topic = std::move(topic), .partition = name.partition, .log = {}});
    }
    std::atomic<size_t> next = 0;
    const auto open_some = [&] {
        for (size_t index = next++; index < logs.size(); index = next++) {
            auto& [topic, partition, log] = logs[index];
            log = directories.open_log({topic->name, partition}, topic->id, topic->config.log,
                                       now_ms);
        }
    };
    // Not more threads than logs: most directories of a developer have few.
    const size_t helper_count =
        std::min(static_cast<size_t>(std::max(thread_count, 1)), logs.size());
    std::vector<std::jthread> helpers;
    for (size_t index = 1; index < helper_count; ++index) helpers.emplace_back(open_some);
    open_some();
    helpers.clear();  // joins them
    return logs;
}

}  // namespace broker
