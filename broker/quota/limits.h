// Which client quota is whose: the values by user, client id and address, and Kafka's order among
// those that fit a client (KIP-13, KIP-55, KIP-124, KIP-546, KIP-599, KIP-612).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "protocol/stored/security_records.h"

namespace broker::quota {

// What is limited, each by itself and per second: bytes of produce requests, bytes of fetch
// answers, percent of one thread's time, partitions made and deleted.
enum class Kind : uint8_t { produce, fetch, request, controller_mutation };
inline constexpr size_t kind_count = 4;

inline constexpr std::string_view user_type = "user";
inline constexpr std::string_view client_id_type = "client-id";
inline constexpr std::string_view ip_type = "ip";

inline constexpr std::string_view produce_key = "producer_byte_rate";
inline constexpr std::string_view fetch_key = "consumer_byte_rate";
inline constexpr std::string_view request_key = "request_percentage";
inline constexpr std::string_view controller_mutation_key = "controller_mutation_rate";
inline constexpr std::string_view connection_key = "connection_creation_rate";

// A type, and a name or null for all that have no quota of their own.
using EntityData = protocol::ClientQuotaRecord::EntityData;

// Who sends a request: its principal's name, and what it calls itself.
struct Client {
    std::string_view user;
    std::string_view id;
};

// Counts for a client together with all others of its user, of its client id, or of both.
struct Limit {
    double per_second = 0;
    bool is_of_user = false;
    bool is_of_client_id = false;
};

// Nullopt: no text of an address. Of one address there is one text, also where IPv6 wraps IPv4.
std::optional<std::string> canonical_address(std::string_view text);

class Limits {
  public:
    // One value of an entity; nullopt: it has none any more. What limits nobody is passed over.
    void set(std::span<const EntityData> entity, std::string_view key, std::optional<double> value);

    // Whether anybody is limited so.
    bool has(Kind kind) const { return levels(kind).count > 0; }
    // Nullopt: the client is not limited. One without a client id is limited by its user alone.
    std::optional<Limit> find(Kind kind, const Client& client) const;

    // New connections per second from a canonical address; nullopt: as many as come.
    std::optional<double> connection_rate(std::string_view address) const;

  private:
    struct Values {
        std::map<std::string, double, std::less<>> named;
        std::optional<double> others;

        std::optional<double> of(std::string_view name) const {
            const auto found = named.find(name);
            return found == named.end() ? others : found->second;
        }
        // How many more values there are than before.
        int64_t set(const std::optional<std::string>& name, std::optional<double> value);
    };

    struct Levels {
        std::map<std::string, Values, std::less<>> clients_of_user;
        Values clients_of_other_users;
        Values users;
        Values clients;
        int64_t count = 0;  // of all values

        void set(const EntityData* user, const EntityData* client_id, std::optional<double> value);
    };

    const Levels& levels(Kind kind) const { return levels_[static_cast<size_t>(kind)]; }

    std::array<Levels, kind_count> levels_;
    Values addresses_;
};

}  // namespace broker::quota
