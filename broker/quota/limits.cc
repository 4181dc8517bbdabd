#include "broker/quota/limits.h"

#include <arpa/inet.h>

#include <cmath>
#include <cstring>

namespace broker::quota {

namespace {

constexpr std::array kind_keys = {produce_key, fetch_key, request_key, controller_mutation_key};
static_assert(kind_keys.size() == kind_count);

const EntityData* part_of(std::span<const EntityData> entity, std::string_view type) {
    for (const EntityData& part : entity)
        if (part.entity_type == type) return &part;
    return nullptr;
}

}  // namespace

std::optional<std::string> canonical_address(std::string_view text) {
    const std::string terminated(text);
    char out[INET6_ADDRSTRLEN];
    in_addr v4{};
    if (::inet_pton(AF_INET, terminated.c_str(), &v4) == 1)
        return ::inet_ntop(AF_INET, &v4, out, sizeof out);
    in6_addr v6{};
    if (::inet_pton(AF_INET6, terminated.c_str(), &v6) != 1) return std::nullopt;
    if (!IN6_IS_ADDR_V4MAPPED(&v6)) return ::inet_ntop(AF_INET6, &v6, out, sizeof out);
    std::memcpy(&v4, v6.s6_addr + sizeof v6 - sizeof v4, sizeof v4);
    return ::inet_ntop(AF_INET, &v4, out, sizeof out);
}

int64_t Limits::Values::set(const std::optional<std::string>& name, std::optional<double> value) {
    if (!name) {
        const bool was_set = others.has_value();
        others = value;
        return value.has_value() - was_set;
    }
    if (!value) return -static_cast<int64_t>(named.erase(*name));
    return named.insert_or_assign(*name, *value).second;
}

void Limits::Levels::set(const EntityData* user, const EntityData* client_id,
                         std::optional<double> value) {
    if (!client_id) {
        count += users.set(user->entity_name, value);
    } else if (!user) {
        count += clients.set(client_id->entity_name, value);
    } else if (!user->entity_name) {
        count += clients_of_other_users.set(client_id->entity_name, value);
    } else {
        Values& of_user = clients_of_user[*user->entity_name];
        count += of_user.set(client_id->entity_name, value);
        if (of_user.named.empty() && !of_user.others) clients_of_user.erase(*user->entity_name);
    }
}

void Limits::set(std::span<const EntityData> entity, std::string_view key,
                 std::optional<double> value) {
    const EntityData* user = part_of(entity, user_type);
    const EntityData* client_id = part_of(entity, client_id_type);
    const EntityData* ip = part_of(entity, ip_type);
    // Apache Kafka lets it pass, and nothing is above it.
    if (value && std::isnan(*value)) value.reset();
    if (ip) {
        std::optional<std::string> address = ip->entity_name;
        if (address) address = canonical_address(*address);
        const bool is_named = !ip->entity_name || address;
        if (is_named && entity.size() == 1 && key == connection_key) addresses_.set(address, value);
        return;
    }
    if (!user && !client_id) return;
    for (size_t kind = 0; kind < kind_count; ++kind)
        if (kind_keys[kind] == key) levels_[kind].set(user, client_id, value);
}

std::optional<Limit> Limits::find(Kind kind, const Client& client) const {
    const Levels& all = levels(kind);
    if (all.count == 0) return std::nullopt;
    const auto of_client_id = [&](const Values& clients, bool is_of_user) {
        const auto value = client.id.empty() ? std::nullopt : clients.of(client.id);
        return value ? std::optional(Limit{*value, is_of_user, /*is_of_client_id=*/true})
                     : std::nullopt;
    };
    const auto of_user = [](double value) { return Limit{value, true, false}; };

    const auto clients = all.clients_of_user.find(client.user);
    if (clients != all.clients_of_user.end())
        if (auto limit = of_client_id(clients->second, /*is_of_user=*/true)) return limit;
    const auto user = all.users.named.find(client.user);
    if (user != all.users.named.end()) return of_user(user->second);
    if (auto limit = of_client_id(all.clients_of_other_users, /*is_of_user=*/true)) return limit;
    if (all.users.others) return of_user(*all.users.others);
    return of_client_id(all.clients, /*is_of_user=*/false);
}

std::optional<double> Limits::connection_rate(std::string_view address) const {
    return addresses_.of(address);
}

}  // namespace broker::quota
