// A message of one field, version 0 with plain lengths, version 1 with compact ones and tags.
#pragma once

#include "protocol/codec_impl.h"

template <class T>
struct One {
    static constexpr protocol::Versions flexible = protocol::since(1);

    T value{};

    static void fields(auto& f, auto& m) { f("Value", m.value); }
};

// The value that `bytes` hold, in version 0 or 1. Nullopt: refused.
template <class T>
std::optional<T> read_one(protocol::Bytes bytes, int16_t version) {
    auto message = protocol::decode<One<T>>(bytes, version);
    if (!message) return std::nullopt;
    return std::optional<T>(std::in_place, std::move(message->value));
}

template <class T>
protocol::Blob write_one(T value, int16_t version) {
    return protocol::encode(One<T>{std::move(value)}, version);
}
