// What the connection needs of ApiVersions besides the handler.
#pragma once

#include "protocol/messages/api_versions.h"

namespace broker::api {

// The answer to an ApiVersions request of a version that is not served (KIP-511): to be sent in
// version 0, with the versions of ApiVersions itself, so that the client can ask again.
protocol::ApiVersionsResponse unsupported_api_versions();

}  // namespace broker::api
