// Delegation tokens (KIP-48) are given to, and used by, who has authenticated. On a listener
// without authentication, which all are so far, Kafka refuses everything about them alike.
#include "broker/api/handlers.h"

namespace broker::api {

using protocol::ErrorCode;

Answer<protocol::CreateDelegationTokenResponse> create_delegation_token(
    RequestContext&, const protocol::CreateDelegationTokenRequest&) {
    // Who asked, as everyone is called who has not authenticated.
    co_return protocol::CreateDelegationTokenResponse{
        .error_code = ErrorCode::delegation_token_request_not_allowed,
        .principal_type = "User",
        .principal_name = "ANONYMOUS",
        .token_requester_principal_type = "User",
        .token_requester_principal_name = "ANONYMOUS",
        .issue_timestamp_ms = -1,
        .expiry_timestamp_ms = -1,
        .max_timestamp_ms = -1};
}

Answer<protocol::RenewDelegationTokenResponse> renew_delegation_token(
    RequestContext&, const protocol::RenewDelegationTokenRequest&) {
    co_return protocol::RenewDelegationTokenResponse{
        .error_code = ErrorCode::delegation_token_request_not_allowed, .expiry_timestamp_ms = -1};
}

Answer<protocol::ExpireDelegationTokenResponse> expire_delegation_token(
    RequestContext&, const protocol::ExpireDelegationTokenRequest&) {
    co_return protocol::ExpireDelegationTokenResponse{
        .error_code = ErrorCode::delegation_token_request_not_allowed, .expiry_timestamp_ms = -1};
}

Answer<protocol::DescribeDelegationTokenResponse> describe_delegation_token(
    RequestContext&, const protocol::DescribeDelegationTokenRequest&) {
    co_return protocol::DescribeDelegationTokenResponse{
        .error_code = ErrorCode::delegation_token_request_not_allowed};
}

}  // namespace broker::api
