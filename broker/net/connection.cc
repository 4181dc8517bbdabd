#include "broker/net/connection.h"

#include <poll.h>
#include <spdlog/spdlog.h>

#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <utility>

#include "broker/api/api_versions.h"
#include "broker/api/share_acknowledgements.h"
#include "broker/api_table.h"
#include "broker/broker.h"
#include "protocol/messages/add_offsets_to_txn.h"
#include "protocol/messages/add_partitions_to_txn.h"
#include "protocol/messages/end_txn.h"
#include "protocol/messages/init_producer_id.h"
#include "protocol/messages/produce.h"
#include "protocol/messages/share_fetch.h"
#include "protocol/messages/txn_offset_commit.h"
#include "protocol/wire.h"

namespace broker::net {

namespace {

// Size and correlation id, and in header v1 the (empty) section of tags.
constexpr size_t head_bytes = 8;
constexpr size_t head_bytes_with_tags = 9;

// Answers are held back for those of the requests behind up to so much.
constexpr size_t held_bytes_max = 64 << 10;

// For how long what a client still sends is read once its last answer is written.
constexpr int64_t drain_max_ms = 20;

std::string host_of(const asio::ip::tcp::endpoint& endpoint) {
    return endpoint.address().to_string();
}

// What decides on a transaction: waiting on a connection until its client is gone, it would meet
// the next one. An old client's EndTxn would end that, as the two do not differ (KAFKA-17754), and
// an InitProducerId would fence its client's successor. A ShareFetch would lock records for nobody.
bool is_void_without_peer(int16_t key) {
    return key == protocol::InitProducerIdRequest::api_key ||
           key == protocol::AddPartitionsToTxnRequest::api_key ||
           key == protocol::AddOffsetsToTxnRequest::api_key ||
           key == protocol::EndTxnRequest::api_key ||
           key == protocol::TxnOffsetCommitRequest::api_key ||
           key == protocol::ShareFetchRequest::api_key;
}

// Requests that are answered without waiting for anything that another client does.
bool is_quick(int16_t key) { return key == protocol::ProduceRequest::api_key; }

// Writes the head into the room in front.
void write_head(protocol::Encoded& encoded, const protocol::RequestHeader& header, bool has_tags) {
    protocol::BufferSink head(encoded.bytes.data());
    head.integer(static_cast<int32_t>(encoded.total_bytes - sizeof(int32_t)));
    head.integer(header.correlation_id);
    if (has_tags) head.integer(uint8_t{0});
}

// Whether the peer has closed, be there requests left to read or not.
bool has_peer_gone(asio::ip::tcp::socket& socket) {
    pollfd peer{.fd = socket.native_handle(), .events = POLLRDHUP, .revents = 0};
    return ::poll(&peer, 1, /*timeout=*/0) > 0;
}

}  // namespace

Connection::Connection(asio::ip::tcp::socket socket, Broker& broker, Shard& home,
                       const config::Listener& listener)
    : socket_(std::move(socket)),
      broker_(broker),
      home_(home),
      listener_(listener),
      frames_(socket_, broker.config().network.request_max_bytes, home.request_memory),
      writer_(socket_, [this](bool waits) { note_wait(waits); }) {
    std::error_code error;
    const auto peer = socket_.remote_endpoint(error);
    client_host_ = "/" + host_of(peer);
    client_port_ = peer.port();
    local_host_ = host_of(socket_.local_endpoint(error));
    socket_.non_blocking(true, error);
    socket_.set_option(asio::ip::tcp::no_delay(true), error);
    socket_.set_option(asio::socket_base::keep_alive(true), error);
}

asio::awaitable<void> Connection::serve() {
    for (bool goes_on = true; goes_on && !is_closing_;) {
        auto frame = frames_.next_of_held();
        if (!frame) {
            auto next = co_await next_frame();
            if (!next) {
                log_refused_frame(next.error());
                break;
            }
            frame = *next;
        }
        const auto request = read_head(*frame);
        if (!request) break;
        const auto answered = answer_at_once(*request);
        if (answered)
            goes_on = *answered;
        else
            goes_on = co_await answer(*request);
        if (held_.size() >= held_bytes_max) {
            const bool is_written = co_await write_held();
            goes_on = goes_on && is_written;
        }
        if (goes_on && throttled_until_ms_ > 0) co_await wait_out_throttle();
    }
    if (write_out_appends() && !held_.empty()) co_await write_held();
    co_await drain();
    abandon();
    for (const auto& [group_id, member_id] : state_.share_sessions)
        co_await api::end_share_session(broker_.shards(), {group_id, member_id}, &state_);
}

// Nothing is left to be answered together: whoever waits for what is held gets it now.
asio::awaitable<std::expected<protocol::MutableBytes, FrameEnd>> Connection::next_frame() {
    auto is_written = write_held_at_once();
    if (!is_written) is_written = co_await finish_held();
    if (!*is_written || is_closing_) co_return std::unexpected(FrameEnd::closed);
    unsettled_since_.reset();
    idle_since_ms_ = home_.clock.now_ms();
    is_reading_ = true;
    const auto frame = co_await frames_.next();
    is_reading_ = false;
    idle_since_ms_.reset();
    co_return frame;
}

asio::awaitable<void> Connection::wait_out_throttle() {
    frames_.release();
    if (!held_.empty()) co_await write_held();
    Event over(home_.io(), home_.timers);
    throttle_over_ = &over;
    if (!is_closing_) co_await over.wait_until(throttled_until_ms_);
    throttle_over_ = nullptr;
    throttled_until_ms_ = 0;
}

// A socket that is closed with bytes unread takes back what was answered and is still on its way.
asio::awaitable<void> Connection::drain() {
    std::error_code error;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, error);
    const auto deadline = home_.timers.after(drain_max_ms, [this] { abandon(); });
    co_await frames_.discard();
    home_.timers.cancel(deadline);
}

void Connection::close() {
    is_closing_ = true;
    if (is_reading_) abandon();
    if (throttle_over_) throttle_over_->set();
}

void Connection::abandon() {
    std::error_code error;
    socket_.close(error);
}

void Connection::log_refused_frame(FrameEnd end) const {
    if (end == FrameEnd::closed) return;
    spdlog::warn(
        "Closing the connection of {}: it announced a request of {} bytes, {}", client_host_,
        frames_.refused_size(),
        end == FrameEnd::too_large ? "more than socket.request.max.bytes" : "which no request has");
}

// For its peer.
void Connection::note_wait(bool waits) {
    idle_since_ms_.reset();
    if (waits) idle_since_ms_ = home_.clock.now_ms();
}

// Nullopt: the connection is to be closed.
std::optional<Connection::Request> Connection::read_head(protocol::MutableBytes frame) const {
    protocol::Reader reader(frame);
    const auto key = reader.integer<int16_t>();
    const auto version = reader.integer<int16_t>();
    const ServedApi* served = reader.ok() ? find_served_api(key) : nullptr;
    const bool is_version_served = served && served->api->is_served(version);
    const bool asks_versions = key == protocol::Api::api_versions_key;
    if (!is_version_served && !asks_versions) {
        spdlog::warn("Closing the connection of {}: API key {} version {} is not served",
                     client_host_, key, version);
        return std::nullopt;
    }

    // What a client of the future sends with ApiVersions is read as far as it is known here.
    const int16_t header_version =
        is_version_served ? served->api->request_header_version(version) : int16_t{1};
    protocol::Reader head(frame);
    const auto header = protocol::decode<protocol::RequestHeader>(head, header_version);
    if (!header) {
        spdlog::warn("Closing the connection of {}: a malformed request header", client_host_);
        return std::nullopt;
    }
    const bool has_tags = is_version_served && served->api->response_header_version(version) == 1;
    return Request{.served = is_version_served ? served : nullptr,
                   .header = *header,
                   .frame = frame,
                   .body = frame.last(head.remaining()),
                   .has_tags = has_tags};
}

void Connection::log(const Request& request) const {
    spdlog::debug("{} version {} of {} at {}", request.served->api->name,
                  request.header.request_api_version, request.header.client_id.value_or(""),
                  client_host_);
}

RequestContext Connection::context_of(const Request& request) {
    return {.broker = broker_,
            .shards = broker_.shards(),
            .home = home_,
            .version = request.header.request_api_version,
            .client_id = request.header.client_id.value_or(""),
            .client_host = client_host_,
            .client_port = client_port_,
            .listener = &listener_,
            .local_host = local_host_,
            .connection = &state_,
            .request_bytes = request.frame.size()};
}

// Whether the connection goes on; nullopt: it has to be answered by answer(), nothing was done yet.
std::optional<bool> Connection::answer_at_once(const Request& request) {
    if (!request.served || !request.served->invoke_at_once) return std::nullopt;
    if (home_.image.quota_limits().has(quota::Kind::request)) return std::nullopt;
    if (!unsettled_since_) unsettled_since_ = broker_.durability().mark();
    RequestContext context = context_of(request);
    // One that came alone is written at once, so that it is told of an error.
    if (!appends_.is_empty() || frames_.holds_next()) context.appends = &appends_;
    auto encoded = request.served->invoke_at_once(
        context, request.body, request.has_tags ? head_bytes_with_tags : head_bytes);
    if (!encoded) return std::nullopt;
    log(request);
    if (!context.respond) return !context.close;
    write_head(*encoded, request.header, request.has_tags);
    held_.insert(held_.end(), encoded->bytes.begin(), encoded->bytes.end());
    return !context.close;
}

// False: the connection is to be closed.
asio::awaitable<bool> Connection::answer(const Request& request) {
    if (!write_out_appends()) co_return false;
    // What may have to wait must not make others wait.
    const int16_t key = request.header.request_api_key;
    if (!held_.empty() && !is_quick(key)) {
        const bool is_written = co_await write_held();
        if (!is_written) co_return false;
    }
    if (!unsettled_since_) unsettled_since_ = broker_.durability().mark();
    if (!request.served) {  // Kafka answers in version 0, and in its header (KIP-511)
        auto refusal = protocol::encode_gathered(api::unsupported_api_versions(), 0, head_bytes);
        write_head(refusal, request.header, /*has_tags=*/false);
        co_return co_await hold_or_write(refusal, {});
    }
    if (is_void_without_peer(key) && has_peer_gone(socket_)) co_return false;

    RequestContext context = context_of(request);
    if (home_.image.quota_limits().has(quota::Kind::request)) context.work_time.begin();
    auto encoded = co_await request.served->invoke(
        context, request.body, request.has_tags ? head_bytes_with_tags : head_bytes);
    throttled_until_ms_ = context.throttled_until_ms;
    const protocol::Api& api = *request.served->api;
    if (!encoded) {
        spdlog::warn("Closing the connection of {}: a malformed {} request, version {}",
                     client_host_, api.name, context.version);
        co_return false;
    }
    log(request);
    if (!context.respond) co_return !context.close;
    write_head(*encoded, request.header, request.has_tags);
    const bool is_taken = co_await hold_or_write(*encoded, context.slices);
    co_return is_taken && !context.close;
}

// Without records it is copied to the others that go out together.
asio::awaitable<bool> Connection::hold_or_write(const protocol::Encoded& encoded,
                                                std::span<const storage::FileSlice> slices) {
    if (encoded.splices.empty()) {
        held_.insert(held_.end(), encoded.bytes.begin(), encoded.bytes.end());
        co_return true;
    }
    if (!held_.empty()) {
        const bool is_written = co_await write_held();
        if (!is_written) co_return false;
    }
    const bool may_be_told = co_await settle();
    if (!may_be_told) co_return false;
    co_return co_await writer_.write(encoded, slices);
}

// Before anything else is done with the partitions, or anybody is told. False: those answers are
// not true. Their clients send again, and hear the error then.
bool Connection::write_out_appends() {
    if (appends_.write_out()) return true;
    held_.clear();
    spdlog::warn("Closing the connection of {}: what it produced cannot be written", client_host_);
    return false;
}

// Whether the connection goes on; nullopt: finish_held() has to wait.
std::optional<bool> Connection::write_held_at_once() {
    if (!write_out_appends()) return false;
    if (held_.empty()) return true;
    if (broker_.durability().precedes_answers()) return std::nullopt;
    unsettled_since_.reset();
    const auto progress = writer_.write_at_once(held_);
    if (progress == SocketWriter::Progress::must_wait) return std::nullopt;
    held_.clear();
    return progress == SocketWriter::Progress::done;
}

asio::awaitable<bool> Connection::finish_held() {
    bool is_written = true;
    if (broker_.durability().precedes_answers()) {
        is_written = co_await settle();
        if (is_written) is_written = writer_.write_at_once(held_) != SocketWriter::Progress::failed;
    }
    if (is_written) is_written = co_await writer_.finish();
    held_.clear();
    co_return is_written;
}

asio::awaitable<bool> Connection::write_held() {
    if (const auto written = write_held_at_once()) co_return *written;
    co_return co_await finish_held();
}

// Rather no answer than one that a power cut can take back.
asio::awaitable<bool> Connection::settle() {
    const auto since = std::exchange(unsettled_since_, std::nullopt);
    Durability& durability = broker_.durability();
    if (!since || !durability.precedes_answers()) co_return true;
    co_return co_await durability.settle(*since);
}

}  // namespace broker::net
