#include "broker/net/listener.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include "broker/broker.h"
#include "broker/net/connection.h"

namespace broker::net {

namespace {

// Out of file descriptors: nothing can be accepted until one is free.
constexpr int64_t accept_retry_ms = 100;

// Connections above the rate of their address that are held for a while; more are closed at once.
constexpr int32_t throttled_count_max = 1000;

std::string where(const config::Endpoint& endpoint) {
    return fmt::format("{}:{}", endpoint.host, endpoint.port);
}

}  // namespace

bool ConnectionLimits::admit(const std::string& host, const config::NetworkSettings& settings) {
    int32_t& from_host = by_host_[host];
    const auto own = settings.connection_count_max_of.find(host);
    const int32_t from_host_max = own == settings.connection_count_max_of.end()
                                      ? settings.connection_count_max_per_ip
                                      : own->second;
    if (count_ >= settings.connection_count_max || from_host >= from_host_max) {
        if (from_host == 0) by_host_.erase(host);
        return false;
    }
    ++from_host;
    ++count_;
    return true;
}

void ConnectionLimits::leave(const std::string& host) {
    --count_;
    const auto found = by_host_.find(host);
    if (--found->second == 0) by_host_.erase(found);
}

Listener::Listener(Broker& broker, config::Listener settings)
    : broker_(broker), settings_(std::move(settings)), acceptor_(broker.shards().first().io()) {}

std::expected<void, std::string> Listener::bind() {
    const auto failed = [&](const std::error_code& error) {
        return std::unexpected(
            fmt::format("cannot listen on {}: {}", where(settings_.bind), error.message()));
    };
    std::error_code error;
    asio::ip::tcp::resolver resolver(acceptor_.get_executor());
    const std::string host = settings_.bind.host.empty() ? "0.0.0.0" : settings_.bind.host;
    const auto found = resolver.resolve(host, std::to_string(settings_.bind.port),
                                        asio::ip::tcp::resolver::passive, error);
    if (error) return failed(error);
    const asio::ip::tcp::endpoint endpoint = found.begin()->endpoint();
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (error) return failed(error);
    port_ = acceptor_.local_endpoint().port();
    return {};
}

std::expected<void, std::string> Listener::listen() {
    std::error_code error;
    acceptor_.listen(broker_.config().network.listen_backlog, error);
    if (error)
        return std::unexpected(
            fmt::format("cannot listen on {}: {}", where(settings_.bind), error.message()));
    broker_.shards().first().spawn(accept());
    return {};
}

void Listener::close() {
    std::error_code error;
    acceptor_.close(error);
}

config::Endpoint Listener::advertised(std::string_view reached) const {
    if (settings_.advertised)
        return {settings_.advertised->host,
                settings_.advertised->port == 0 ? port_ : settings_.advertised->port};
    return {settings_.is_wildcard() ? std::string(reached) : settings_.bind.host, port_};
}

asio::awaitable<void> Listener::accept() {
    Shard& first = broker_.shards().first();
    for (size_t next = 0; acceptor_.is_open(); ++next) {
        const size_t shard = next % broker_.shards().count();
        asio::ip::tcp::socket socket(broker_.shards().at(shard).io());
        std::error_code error;
        co_await acceptor_.async_accept(socket, asio::redirect_error(asio::use_awaitable, error));
        if (error == asio::error::operation_aborted || !acceptor_.is_open()) co_return;
        if (error) {
            spdlog::error("A connection could not be accepted: {}", error.message());
            Event pause(first.io(), first.timers);
            co_await pause.wait_until(first.clock.now_ms() + accept_retry_ms);
            continue;
        }
        take(std::move(socket), shard);
    }
}

// The quota connection_creation_rate (KIP-612). A connection above it is kept open, unserved, until
// the rate is down: a client that comes again as soon as it is closed does not come too soon.
bool Listener::may_come_from(const std::string& host, asio::ip::tcp::socket& socket) {
    Shard& first = broker_.shards().first();
    const auto address = quota::canonical_address(host);
    const auto rate = address ? first.image.quota_limits().connection_rate(*address) : std::nullopt;
    if (!rate) return true;
    const int32_t wait_ms = first.quota_meters.connect(*address, *rate, first.clock.now_ms());
    if (wait_ms == 0) return true;
    if (throttled_count_ >= throttled_count_max) return false;
    ++throttled_count_;
    auto held = std::make_shared<asio::ip::tcp::socket>(std::move(socket));
    first.timers.after(wait_ms, [this, held = std::move(held)] { --throttled_count_; });
    return false;
}

void Listener::take(asio::ip::tcp::socket socket, size_t shard) {
    std::error_code error;
    const std::string host = socket.remote_endpoint(error).address().to_string();
    if (error) return;  // gone already
    if (!may_come_from(host, socket)) return;
    ConnectionLimits& limits = broker_.connection_limits();
    if (!limits.admit(host, broker_.shards().first().config.network)) {
        spdlog::warn("Refused a connection from {}: there are too many", host);
        return;
    }
    Shard& home = broker_.shards().at(shard);
    auto ended = [this, &limits, host] {
        broker_.shards().first().post([&limits, host] { limits.leave(host); });
    };
    home.post([this, &home, socket = std::move(socket), ended = std::move(ended)]() mutable {
        home.connections.add(
            std::make_unique<Connection>(std::move(socket), broker_, home, settings_),
            std::move(ended));
    });
}

}  // namespace broker::net
