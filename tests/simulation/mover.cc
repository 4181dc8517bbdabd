#include "tests/simulation/mover.h"

#include <algorithm>

#include "protocol/messages/alter_replica_log_dirs.h"

namespace simulation {

using namespace protocol;

namespace {

constexpr int64_t move_patience_ms = 60'000;

}  // namespace

asio::awaitable<void> Mover::run() {
    while (!depot_.is_over) {
        co_await machine().pause(dice().between(0, 1'500));
        Account* account = any_account();
        if (!account || depot_.is_over) continue;
        const auto& directories = depot_.directories;
        for (int64_t minds = dice().between(1, 3); minds > 0 && !depot_.is_over; --minds) {
            (void)co_await move(*account, directories[dice().below(directories.size())]);
            co_await machine().pause(dice().happens(50) ? 0 : dice().between(0, 200));
        }
    }
}

asio::awaitable<bool> Mover::move(Account& account, std::string directory) {
    const uint64_t life = machine().life();
    depot_.moved_in[{account.topic_id(), account.index()}].insert(life);
    machine().tell("move {} to {}", account.name(), directory);
    AlterReplicaLogDirsRequest request;
    request.dirs = {{.path = directory,
                     .topics = {{.name = account.plan().name, .partitions = {account.index()}}}}};
    const auto answer = co_await call<AlterReplicaLogDirsResponse>(request, 2);
    if (!answer) co_return false;
    const ErrorCode error = (*answer)->results.at(0).partitions.at(0).error_code;
    if (error == ErrorCode::none) co_return true;
    const bool is_gone = error == ErrorCode::unknown_topic_or_partition &&
                         depot_.archive.topic_of(account).is_leaving;
    const bool is_offline = error == ErrorCode::kafka_storage_error &&
                            std::ranges::any_of(depot_.directories, [&](const std::string& one) {
                                return machine().was_hurt_in(one, life);
                            });
    require(is_gone || is_offline,
            fmt::format("{} cannot move: {}", account.name(), protocol::name(error)));
    co_return false;
}

asio::awaitable<void> Mover::move_for_sure(Account& account) {
    const auto home = depot_.home_of(account);
    if (!home) co_return;
    const auto& directories = depot_.directories;
    const std::string& to = directories.front() == *home ? directories.back() : directories.front();
    const int64_t until_ms = machine().clock.now_ms() + move_patience_ms;
    while (depot_.home_of(account) != to) {
        require(machine().clock.now_ms() < until_ms,
                fmt::format("{} does not get to {}", account.name(), to));
        (void)co_await move(account, to);
        co_await machine().pause(500);
    }
    ++moved_count_;
}

}  // namespace simulation
