// A listening socket: bound first, so that its port is known, listening only when everything is
// served.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <expected>
#include <map>
#include <string>

#include "broker/config/broker_config.h"

namespace broker {
class Broker;
}

namespace broker::net {

// The limits on how many connections there may be, of all listeners together.
// Requires: used on the first shard.
class ConnectionLimits {
  public:
    // False: there are too many, in all (max.connections) or from this address
    // (max.connections.per.ip and its overrides).
    bool admit(const std::string& host, const config::NetworkSettings& settings);
    void leave(const std::string& host);

  private:
    std::map<std::string, int32_t> by_host_;
    int32_t count_ = 0;
};

class Listener {
  public:
    // Requires: called on the first shard's thread or before it runs, as all of this class.
    Listener(Broker& broker, config::Listener settings);

    // Resolves and binds. Errors: a text that says what and where.
    std::expected<void, std::string> bind();
    std::expected<void, std::string> listen();
    void close();

    const config::Listener& settings() const { return settings_; }
    uint16_t port() const { return port_; }
    // What a client is told to connect to; `reached` is the address it came in on.
    config::Endpoint advertised(std::string_view reached) const;

  private:
    asio::awaitable<void> accept();
    void take(asio::ip::tcp::socket socket, size_t shard);
    bool may_come_from(const std::string& host, asio::ip::tcp::socket& socket);

    Broker& broker_;
    config::Listener settings_;
    asio::ip::tcp::acceptor acceptor_;
    uint16_t port_ = 0;
    int32_t throttled_count_ = 0;
};

}  // namespace broker::net
