// The one list of the APIs that are served, and the handler behind each. ApiVersions answers it.
#pragma once

#include <asio/awaitable.hpp>
#include <optional>
#include <span>

#include "broker/request_context.h"
#include "protocol/api.h"
#include "protocol/codec.h"

namespace broker {

// Runs one request: decodes the body, calls the handler, encodes the answer with `reserved_bytes`
// free in front, for the head of the frame. Nullopt: the body is malformed.
using Invoke = asio::awaitable<std::optional<protocol::Encoded>> (*)(RequestContext& context,
                                                                     protocol::Bytes body,
                                                                     size_t reserved_bytes);

// The same where nothing has to be waited for; nullopt: that cannot be, nothing has been done.
using InvokeAtOnce = std::optional<protocol::Encoded> (*)(RequestContext& context,
                                                          protocol::Bytes body,
                                                          size_t reserved_bytes);

struct ServedApi {
    const protocol::Api* api = nullptr;
    Invoke invoke = nullptr;
    InvokeAtOnce invoke_at_once = nullptr;  // for what is asked most
};

// Sorted by key.
std::span<const ServedApi> served_apis();

// Nullptr: not served.
const ServedApi* find_served_api(int16_t key);

}  // namespace broker
