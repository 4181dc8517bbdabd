#include "broker/net/connections.h"

#include "broker/net/connection.h"
#include "broker/shard.h"

namespace broker::net {

void Connections::add(std::unique_ptr<Connection> connection, std::function<void()> ended) {
    if (home_.is_stopping) return ended();
    home_.spawn(serve(std::move(connection), std::move(ended)));
}

asio::awaitable<void> Connections::serve(std::unique_ptr<Connection> connection,
                                         std::function<void()> ended) {
    const auto place = open_.insert(open_.end(), connection.get());
    co_await connection->serve();
    open_.erase(place);
    ended();
}

void Connections::close_all() {
    for (Connection* connection : open_) connection->close();
}

void Connections::close_idle(int64_t idle_max_ms) {
    if (idle_max_ms < 0) return;
    const int64_t since_at_latest = home_.clock.now_ms() - idle_max_ms;
    for (Connection* connection : open_) {
        const auto since = connection->idle_since_ms();
        if (since && *since <= since_at_latest) connection->abandon();
    }
}

}  // namespace broker::net
