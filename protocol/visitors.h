// What every visitor of a message's fields() shares: how a field's type is recognised.
//
// A message declares each field once, in Kafka's schema order:
//     static void fields(auto& f, auto& m) {
//         f("TimeoutMs", m.timeout_ms);                          // every version
//         f("TransactionalId", m.transactional_id, since(3));    // std::optional: nullable
//         f("Topics", m.topics, always, nullable(since(1)));     // null from v1 on only
//         f.tagged(0, "CurrentLeader", m.current_leader, since(10));
//     }
// Tagged fields stand in the order of their tags, which is the order they are written in (the
// schema's may differ). Member initializers are the schema's defaults. Compact lengths and tag
// sections follow from the message's `flexible` versions; nothing here is written per message.
#pragma once

#include <concepts>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "protocol/types.h"

namespace protocol::detail {

// Accepts any visit; only used to recognise message structs.
struct NullVisitor {
    template <class T>
    void operator()(const char*, T&, Versions = always, Nullable = {}) {}
    template <class T>
    void tagged(uint32_t, const char*, T&, Versions, const std::type_identity_t<T>& = {}) {}
};

template <class T>
concept Struct = std::is_class_v<T> && requires(T& m, NullVisitor& f) { T::fields(f, m); };

template <class T>
concept Text = std::same_as<T, std::string> || std::same_as<T, std::string_view>;

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
inline constexpr bool is_array = false;
template <class T>
inline constexpr bool is_array<std::vector<T>> = true;
template <>
inline constexpr bool is_array<Blob> = false;

// Kafka's longest string, in bytes.
inline constexpr size_t text_bytes_max = 32767;

// What a string field can take of `text`: all of it, or what fits of it, in whole characters. Only
// a text made from a client's words, such as an error message, is ever cut.
inline std::string_view fitting(std::string_view text) {
    if (text.size() <= text_bytes_max) [[likely]]
        return text;
    size_t end = text_bytes_max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) --end;
    return text.substr(0, end);
}

inline Bytes as_bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

// Whether `field` has the value that an absent tag stands for. No schema has a default array with
// elements in it.
template <class T>
bool is_absent(const T& field, const T& absent) {
    if constexpr (is_array<T>)
        return field.empty() && absent.empty();
    else if constexpr (is_optional<T>)
        return field && absent ? is_absent(*field, *absent) : !field && !absent;
    else
        return field == absent;
}

}  // namespace protocol::detail
