#include "protocol/error.h"

#include <doctest/doctest.h>

using protocol::ErrorCode;
using protocol::name;

TEST_CASE("an error code has the name of Kafka's protocol guide") {
    CHECK(name(ErrorCode::unknown_server_error) == "UNKNOWN_SERVER_ERROR");
    CHECK(name(ErrorCode::none) == "NONE");
    CHECK(name(ErrorCode::not_coordinator) == "NOT_COORDINATOR");
    CHECK(name(ErrorCode::producer_fenced) == "PRODUCER_FENCED");
    CHECK(name(ErrorCode::transaction_abortable) == "TRANSACTION_ABORTABLE");
    CHECK(name(ErrorCode::controller_id_not_registered) == "CONTROLLER_ID_NOT_REGISTERED");
}

TEST_CASE("a number that is no error code has no name") {
    CHECK(name(static_cast<ErrorCode>(-2)) == "UNKNOWN");
    CHECK(name(static_cast<ErrorCode>(137)) == "UNKNOWN");
    CHECK(name(static_cast<ErrorCode>(-32768)) == "UNKNOWN");
    CHECK(name(static_cast<ErrorCode>(32767)) == "UNKNOWN");
}
