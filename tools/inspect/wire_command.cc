#include "tools/inspect/wire_command.h"

#include <fmt/format.h>

#include <istream>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>

#include "protocol/api.h"
#include "protocol/message_registry.h"
#include "protocol/stored/framing.h"
#include "tools/inspect/batch_description.h"
#include "tools/inspect/hex.h"

namespace inspect {

namespace {

using nlohmann::json;
using protocol::Blob;
using protocol::Bytes;
using protocol::MessageType;
using protocol::Reader;
using Result = std::expected<WireReading, WireRefusal>;
using Reason = WireRefusal::Reason;

std::unexpected<WireRefusal> refuse(Reason reason, std::string text) {
    return std::unexpected(WireRefusal{reason, std::move(text)});
}

std::optional<std::string> text_of(const json& line, const char* member) {
    const auto found = line.find(member);
    if (found == line.end() || !found->is_string()) return std::nullopt;
    return found->get<std::string>();
}

std::optional<int16_t> int16_of(const json& line, const char* member) {
    const auto found = line.find(member);
    if (found == line.end() || !found->is_number_integer()) return std::nullopt;
    const auto value = found->get<int64_t>();
    if (value < 0 || value > std::numeric_limits<int16_t>::max()) return std::nullopt;
    return static_cast<int16_t>(value);
}

void append(Blob& target, Bytes bytes) { target.insert(target.end(), bytes.begin(), bytes.end()); }

template <std::integral T>
Blob integer_bytes(T value) {
    Blob bytes(sizeof value);
    protocol::BufferSink(bytes.data()).integer(value);
    return bytes;
}

// Reads one body of `type`; what was read before it, `prefix`, is put in front of it again.
Result read_body(Reader& reader, const MessageType& type, int16_t version, Blob prefix = {}) {
    auto message = type.read(reader, version);
    if (!message) return refuse(Reason::malformed, fmt::format("malformed {}", type.schema));
    append(prefix, message->encoded);
    return WireReading{.json = std::move(message->json),
                       .encoded = std::move(prefix),
                       .left_over_bytes = reader.remaining()};
}

// Reads a size, a header and a body.
Result read_frame(Reader& reader, const protocol::Api& api, const MessageType& body,
                  int16_t version, bool is_request) {
    const auto size = reader.integer<int32_t>();
    if (size < 0 || static_cast<size_t>(size) != reader.remaining())
        return refuse(Reason::malformed, "the frame's size is not the number of bytes after it");
    const auto& header_type =
        *protocol::find_message_type(is_request ? "RequestHeader" : "ResponseHeader");
    const Result header = read_body(
        reader, header_type,
        is_request ? api.request_header_version(version) : api.response_header_version(version));
    if (!header) return header;
    Result reading = read_body(reader, body, version, header->encoded);
    if (!reading) return reading;
    Blob frame = integer_bytes(static_cast<int32_t>(reading->encoded.size()));
    append(frame, reading->encoded);
    reading->encoded = std::move(frame);
    reading->header = header->json;
    return reading;
}

Result read_of_api(Reader& reader, const json& line, std::string_view kind) {
    const auto version = int16_of(line, "version");
    const auto name = text_of(line, "api");
    if (!version || !name) return refuse(Reason::bad_line, "no api or no version");
    const bool is_request = kind.starts_with("request");
    const std::string schema = *name + (is_request ? "Request" : "Response");
    const MessageType* type = protocol::find_message_type(schema);
    const auto* api = std::ranges::find(protocol::apis, *name, &protocol::Api::name);
    if (type == nullptr || api == protocol::apis.end())
        return refuse(Reason::unknown, fmt::format("no schema {}", schema));
    if (kind.ends_with("_frame")) return read_frame(reader, *api, *type, *version, is_request);
    return read_body(reader, *type, *version);
}

Result read_header(Reader& reader, const json& line, bool is_request) {
    const auto version = int16_of(line, "headerVersion");
    if (!version) return refuse(Reason::bad_line, "no headerVersion");
    return read_body(reader,
                     *protocol::find_message_type(is_request ? "RequestHeader" : "ResponseHeader"),
                     *version);
}

Result read_metadata_record(Reader& reader, const json& line, const MessageType& type) {
    const auto head = protocol::read_metadata_record_head(reader);
    if (!head || head->record_type != int16_of(line, "recordType").value_or(head->record_type) ||
        !type.valid.contains(head->version))
        return refuse(Reason::malformed, "another frame version, record type or version");
    return read_body(reader, type, head->version, protocol::frame_metadata_record(*head, {}));
}

Result read_stored(Reader& reader, const json& line) {
    const auto schema = text_of(line, "schema");
    const auto framing = text_of(line, "framing");
    if (!schema || !framing) return refuse(Reason::bad_line, "no schema or no framing");
    const MessageType* type = protocol::find_message_type(*schema);
    if (type == nullptr) return refuse(Reason::unknown, fmt::format("no schema {}", *schema));
    if (*framing == "metadata") return read_metadata_record(reader, line, *type);
    if (*framing == "none") {
        const auto version = int16_of(line, "version");
        if (!version) return refuse(Reason::bad_line, "no version");
        return read_body(reader, *type, *version);
    }
    if (*framing != "type16" && *framing != "version16")
        return refuse(Reason::unknown, fmt::format("no framing {}", *framing));
    const auto number = reader.integer<int16_t>();
    const bool is_type = *framing == "type16";
    if (!reader.ok() || (is_type ? number != int16_of(line, "recordType").value_or(number)
                                 : !type->valid.contains(number)))
        return refuse(Reason::malformed, "another record type or version");
    return read_body(reader, *type, is_type ? int16_t{0} : number, integer_bytes(number));
}

// A record batch, or a message of an older magic.
struct Batch {
    size_t size_bytes;
    bool has_valid_crc;
    json description;
};

template <class View>
Batch as_batch(const View& view) {
    return {view.size_bytes(), view.has_valid_crc(), describe(view)};
}

// Nullopt: there is none as a whole at the front of `bytes`.
std::optional<Batch> first_batch(Bytes bytes) {
    if (const auto legacy = protocol::LegacyMessage::first_in(bytes)) return as_batch(*legacy);
    if (const auto batch = protocol::BatchView::first_in(bytes)) return as_batch(*batch);
    return std::nullopt;
}

// Batches, one after another, up to the first that is not there as a whole. They are written as
// they are: a broker does not make batches anew.
Result read_batches(Bytes bytes) {
    WireReading reading;
    json descriptions = json::array();
    while (auto batch = first_batch(bytes)) {
        if (!batch->has_valid_crc) return refuse(Reason::malformed, "a batch with a wrong CRC");
        if (!batch->description["records"].is_array())
            return refuse(Reason::malformed, "a batch whose records cannot be read");
        descriptions.push_back(std::move(batch->description));
        append(reading.encoded, bytes.first(batch->size_bytes));
        bytes = bytes.subspan(batch->size_bytes);
    }
    if (!protocol::frame_of(bytes)) return refuse(Reason::malformed, "no batch where one is due");
    reading.json = descriptions.dump(-1, ' ', false, json::error_handler_t::replace);
    reading.left_over_bytes = bytes.size();
    return reading;
}

std::string answer(const std::string& text) {
    const json line = json::parse(text, nullptr, /*allow_exceptions=*/false);
    const Result reading =
        line.is_discarded() ? refuse(Reason::bad_line, "not JSON") : read_wire_line(line);
    if (!reading) {
        // What a client called itself may be in the text: no bytes of it may spoil the line.
        return json{{"error", reading.error().text}}.dump(-1, ' ', false,
                                                          json::error_handler_t::replace);
    }
    std::string out = fmt::format(R"({{"hex":"{}")", to_hex(reading->encoded));
    if (!reading->header.empty()) out += fmt::format(R"(,"header":{})", reading->header);
    out += fmt::format(R"(,"json":{})", reading->json);
    if (reading->left_over_bytes > 0) out += fmt::format(R"(,"left":{})", reading->left_over_bytes);
    return out + '}';
}

}  // namespace

std::expected<WireReading, WireRefusal> read_wire_line(const json& line) {
    if (!line.is_object()) return refuse(Reason::bad_line, "not a JSON object");
    const auto kind = text_of(line, "kind");
    const auto hex = text_of(line, "hex");
    const auto bytes = hex ? from_hex(*hex) : std::nullopt;
    if (!kind || !bytes) return refuse(Reason::bad_line, "no kind or no hex");
    Reader reader(*bytes);
    if (*kind == "request" || *kind == "response" || *kind == "request_frame" ||
        *kind == "response_frame")
        return read_of_api(reader, line, *kind);
    if (*kind == "request_header" || *kind == "response_header")
        return read_header(reader, line, kind->starts_with("request"));
    if (*kind == "coordinator_key" || *kind == "coordinator_value" || *kind == "metadata_record" ||
        *kind == "data")
        return read_stored(reader, line);
    if (*kind == "batches") return read_batches(*bytes);
    return refuse(Reason::unknown, fmt::format("no kind {}", *kind));
}

int run_wire_filter(std::istream& in, std::ostream& out) {
    for (std::string line; std::getline(in, line);) out << answer(line) << '\n';
    out.flush();
    return out.good() ? 0 : 1;
}

}  // namespace inspect
