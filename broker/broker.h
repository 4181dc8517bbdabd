// The broker as a whole: opens the data directory, runs the shards, listens, and stops in order.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "broker/clock.h"
#include "broker/config/broker_config.h"
#include "broker/log_cleaner.h"
#include "broker/metadata/controller.h"
#include "broker/net/listener.h"
#include "broker/quota/sampled_rate.h"
#include "broker/request_context.h"
#include "broker/shard.h"
#include "storage/log_directories.h"

namespace broker {

// Who does the broker's work: threads of its own, or whoever calls it, all on one thread.
enum class Threads : uint8_t { own, callers };

class Broker {
  public:
    Broker(config::BrokerConfig config, storage::FileSystem& files,
           const Clock& clock = system_clock(), Threads threads = Threads::own);
    // Drops what is under way. Without stop() before, that is a crash.
    ~Broker();

    // Opens everything, finishes what a crash left, and listens. When it returns, the first
    // request of any kind is served. Errors: a line that says what failed and where.
    std::expected<void, std::string> start();
    // Finishes the requests at hand, writes checkpoints, closes. Requires: start() succeeded.
    void stop();

    // As at the start; what may change since then is in each shard's own.
    const config::BrokerConfig& config() const { return config_; }
    const std::string& cluster_id() const { return directory_->properties().cluster_id; }
    Shards& shards() { return shards_; }
    // With Threads::callers, whose work the caller does: each shard, and what works on files.
    std::vector<Executor*> executors();
    metadata::Controller& controller() { return *controller_; }
    const storage::LogDirectories& log_directories() const { return *directory_; }
    Durability& durability() { return durability_; }
    net::ConnectionLimits& connection_limits() { return connection_limits_; }
    const std::vector<std::unique_ptr<net::Listener>>& listeners() const { return listeners_; }
    // What a client of this connection is told to connect to.
    config::Endpoint advertised(const RequestContext& context) const;

  private:
    std::expected<void, std::string> open_directory();
    std::expected<void, std::string> open_metadata();
    std::expected<void, std::string> expect_topics(const metadata::ClusterImage& image);
    protocol::Uuid directory_of_new_logs() const;
    void run_threads();
    void end_threads();
    asio::awaitable<std::expected<void, std::string>> open_shards();
    asio::awaitable<std::expected<void, std::string>> register_broker();
    asio::awaitable<void> load_coordinators();
    static asio::awaitable<void> load_coordinator(Shard& owner, std::string_view kind,
                                                  int32_t partition);
    asio::awaitable<void> open_all_logs();
    asio::awaitable<void> finish_deletions();
    asio::awaitable<std::expected<void, std::string>> assign_directories();
    asio::awaitable<void> resume_moves();
    asio::awaitable<void> close_shards();
    template <class Result>
    Result wait_for(asio::awaitable<Result> work);

    config::BrokerConfig config_;
    storage::FileSystem& files_;
    const Clock& clock_;
    const Threads whose_threads_;
    Executor background_;
    Executor cleaning_;
    Executor moving_;
    quota::SampledRate move_rate_;
    std::unique_ptr<storage::LogDirectories> directory_;
    std::unique_ptr<metadata::Controller> controller_;
    std::unique_ptr<Services> services_;
    std::vector<metadata::TopicRef> removed_topics_;  // that the metadata log tells of, until start
    std::unique_ptr<LogCleaner> cleaner_;
    api::ShareSessionCount share_session_count_;
    Shards shards_;
    Durability durability_;
    std::vector<std::thread> threads_;
    net::ConnectionLimits connection_limits_;
    std::vector<std::unique_ptr<net::Listener>> listeners_;
};

}  // namespace broker
