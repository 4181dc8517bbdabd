#include "tools/inspect/dump_log/payload_decoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>

#include "protocol/message_registry.h"
#include "protocol/record_batch.h"
#include "protocol/stored/consumer_protocol.h"
#include "protocol/stored/framing.h"
#include "protocol/stored/group_metadata.h"

namespace inspect {

namespace {

using protocol::Bytes;
using protocol::find_message_type;
using protocol::Reader;

// A type of record, and its schema: the stem of those of key and value, in the topics of
// coordinators.
struct RecordType {
    int16_t number = 0;
    std::string_view schema;
};

constexpr std::array<RecordType, 22> offsets_types{{
    {0, "LegacyOffsetCommit"},
    {1, "OffsetCommit"},
    {2, "GroupMetadata"},
    {3, "ConsumerGroupMetadata"},
    {4, "ConsumerGroupPartitionMetadata"},
    {5, "ConsumerGroupMemberMetadata"},
    {6, "ConsumerGroupTargetAssignmentMetadata"},
    {7, "ConsumerGroupTargetAssignmentMember"},
    {8, "ConsumerGroupCurrentMemberAssignment"},
    {10, "ShareGroupMemberMetadata"},
    {11, "ShareGroupMetadata"},
    {12, "ShareGroupTargetAssignmentMetadata"},
    {13, "ShareGroupTargetAssignmentMember"},
    {14, "ShareGroupCurrentMemberAssignment"},
    {15, "ShareGroupStatePartitionMetadata"},
    {16, "ConsumerGroupRegularExpression"},
    {17, "StreamsGroupMetadata"},
    {19, "StreamsGroupMemberMetadata"},
    {20, "StreamsGroupTargetAssignmentMetadata"},
    {21, "StreamsGroupTargetAssignmentMember"},
    {22, "StreamsGroupCurrentMemberAssignment"},
    {23, "StreamsGroupTopology"},
}};

constexpr std::array<RecordType, 1> transaction_types{{{0, "TransactionLog"}}};
constexpr std::array<RecordType, 2> share_types{{{0, "ShareSnapshot"}, {1, "ShareUpdate"}}};

constexpr std::array<RecordType, 27> metadata_types{{
    {0, "RegisterBrokerRecord"},
    {1, "UnregisterBrokerRecord"},
    {2, "TopicRecord"},
    {3, "PartitionRecord"},
    {4, "ConfigRecord"},
    {5, "PartitionChangeRecord"},
    {7, "FenceBrokerRecord"},
    {8, "UnfenceBrokerRecord"},
    {9, "RemoveTopicRecord"},
    {10, "DelegationTokenRecord"},
    {11, "UserScramCredentialRecord"},
    {12, "FeatureLevelRecord"},
    {14, "ClientQuotaRecord"},
    {15, "ProducerIdsRecord"},
    {17, "BrokerRegistrationChangeRecord"},
    {18, "AccessControlEntryRecord"},
    {19, "RemoveAccessControlEntryRecord"},
    {20, "NoOpRecord"},
    {21, "ZkMigrationStateRecord"},
    {22, "RemoveUserScramCredentialRecord"},
    {23, "BeginTransactionRecord"},
    {24, "EndTransactionRecord"},
    {25, "AbortTransactionRecord"},
    {26, "RemoveDelegationTokenRecord"},
    {27, "RegisterControllerRecord"},
    {28, "ClearElrRecord"},
    {29, "UnregisterControllerRecord"},
}};

std::optional<std::string_view> schema_of(PayloadDecoder decoder, int16_t number) {
    std::span<const RecordType> types = offsets_types;
    if (decoder == PayloadDecoder::transaction_log) types = transaction_types;
    if (decoder == PayloadDecoder::share_group_state) types = share_types;
    if (decoder == PayloadDecoder::cluster_metadata) types = metadata_types;
    const auto found = std::ranges::find(types, number, &RecordType::number);
    return found == types.end() ? std::nullopt : std::optional(found->schema);
}

// Nullopt: malformed, a version that is not valid, or no such message here.
std::optional<std::string> read_json(std::string_view schema, int16_t version, Reader& reader) {
    const auto* type = find_message_type(schema);
    if (!type || !type->valid.contains(version)) return std::nullopt;
    const auto read = type->read(reader, version);
    return read ? std::optional(read->json) : std::nullopt;
}

// TopicRecord -> TOPIC_RECORD, as Kafka's enum has it.
std::string enum_name(std::string_view schema) {
    std::string name;
    for (const char character : schema) {
        const bool is_upper = character >= 'A' && character <= 'Z';
        if (is_upper && !name.empty()) name += '_';
        name += is_upper || character < 'a' || character > 'z'
                    ? character
                    : static_cast<char>(character - 'a' + 'A');
    }
    return name;
}

template <class Message>
void replace_member(nlohmann::ordered_json& member, const char* name, Bytes bytes) {
    const auto message = protocol::decode_lenient_value<Message>(bytes);
    if (!message) return;  // A client's own protocol: its bytes stay.
    const int16_t version = std::min(*protocol::peek_value_version(bytes), Message::valid.last);
    member[name] = nlohmann::ordered_json::parse(protocol::to_json(*message, version));
}

// What classic consumers told their coordinator is shown instead of its bytes.
std::string with_consumer_protocol(std::string json, Bytes value) {
    const auto group = protocol::decode_value<protocol::GroupMetadataValue>(value);
    if (!group || group->protocol_type != "consumer") return json;
    auto shown = nlohmann::ordered_json::parse(json, nullptr, /*allow_exceptions=*/false);
    if (shown.is_discarded()) return json;
    for (size_t i = 0; i < group->members.size(); ++i) {
        auto& member = shown["members"][i];
        replace_member<protocol::ConsumerProtocolSubscription>(member, "subscription",
                                                               group->members[i].subscription);
        replace_member<protocol::ConsumerProtocolAssignment>(member, "assignment",
                                                             group->members[i].assignment);
    }
    return shown.dump();
}

DecodedPayload not_decoded(std::string text) {
    return {.key = DecodedText{std::move(text)}, .is_decoded = false};
}

DecodedPayload decode_coordinator_record(PayloadDecoder decoder, const protocol::Record& record) {
    const auto error = [&](std::string_view why) {
        return not_decoded(fmt::format("Error at offset {}, skipping. {}", record.offset, why));
    };
    if (!record.key) return error("The record has no key.");
    Reader key_reader(*record.key);
    const auto number = key_reader.integer<int16_t>();
    if (!key_reader.ok()) return error("The key has no type.");
    const auto stem = schema_of(decoder, number);
    if (!stem)
        return not_decoded(
            fmt::format("Unknown record type {} at offset {}, skipping.", number, record.offset));
    const auto key = read_json(fmt::format("{}Key", *stem), 0, key_reader);
    if (!key) return error("The key is malformed.");
    DecodedPayload decoded{
        .key = DecodedText{fmt::format(R"({{"type":"{}","data":{}}})", number, *key), true}};
    if (!record.value) {
        decoded.value = DecodedText{"<DELETE>"};
        return decoded;
    }
    Reader value_reader(*record.value);
    const auto version = value_reader.integer<int16_t>();
    if (!value_reader.ok()) return error("The value has no version.");
    auto value = read_json(fmt::format("{}Value", *stem), version, value_reader);
    if (!value) return error("The value is malformed.");
    if (*stem == "GroupMetadata") value = with_consumer_protocol(*std::move(value), *record.value);
    decoded.value =
        DecodedText{fmt::format(R"({{"version":"{}","data":{}}})", version, *value), true};
    return decoded;
}

DecodedPayload decode_metadata_record(const protocol::Record& record) {
    const auto error = [&](std::string_view why) {
        return DecodedPayload{
            .value = DecodedText{fmt::format("Error at {}, skipping. {}", record.offset, why)},
            .is_decoded = false};
    };
    if (!record.value) return error("The record has no value.");
    Reader reader(*record.value);
    const auto head = protocol::read_metadata_record_head(reader);
    if (!head) return error("The value does not begin as a metadata record does.");
    const auto schema = schema_of(PayloadDecoder::cluster_metadata, head->record_type);
    if (!schema) return error(fmt::format("Unknown record type {}.", head->record_type));
    const auto json = read_json(*schema, head->version, reader);
    if (!json) return error(fmt::format("The {} is malformed.", *schema));
    return {.value = DecodedText{fmt::format(R"({{"type":"{}","version":{},"data":{}}})",
                                             enum_name(*schema), head->version, *json),
                                 true}};
}

}  // namespace

PayloadDecoder decoder_of_topic(std::string_view topic) {
    if (topic == "__consumer_offsets") return PayloadDecoder::offsets;
    if (topic == "__transaction_state") return PayloadDecoder::transaction_log;
    if (topic == "__share_group_state") return PayloadDecoder::share_group_state;
    if (topic == "__cluster_metadata") return PayloadDecoder::cluster_metadata;
    return PayloadDecoder::strings;
}

DecodedPayload decode_payload(PayloadDecoder decoder, const protocol::Record& record) {
    return decoder == PayloadDecoder::cluster_metadata ? decode_metadata_record(record)
                                                       : decode_coordinator_record(decoder, record);
}

std::optional<ControlMessage> decode_control_message(const protocol::Record& record) {
    using protocol::ControlType;
    if (!record.key || !record.value) return std::nullopt;
    Reader key(*record.key);
    key.integer<int16_t>();  // the version, which is that of the type's own layout
    const auto type = static_cast<ControlType>(key.integer<int16_t>());
    if (!key.ok()) return std::nullopt;
    struct Known {
        ControlType type;
        std::string_view label, separator, schema;
    };
    static constexpr std::array<Known, 5> known{{
        {ControlType::leader_change, "LeaderChange", ": ", "LeaderChangeMessage"},
        {ControlType::snapshot_header, "SnapshotHeader", " ", "SnapshotHeaderRecord"},
        {ControlType::snapshot_footer, "SnapshotFooter", " ", "SnapshotFooterRecord"},
        {ControlType::kraft_version, "KRaftVersion", " ", "KRaftVersionRecord"},
        {ControlType::kraft_voters, "KRaftVoters", " ", "VotersRecord"},
    }};
    const auto found = std::ranges::find(known, type, &Known::type);
    if (found == known.end()) return std::nullopt;
    // Each of them begins with its version, which is a field of it.
    const auto version = protocol::peek_value_version(*record.value);
    Reader value(*record.value);
    auto json = version ? read_json(found->schema, *version, value) : std::nullopt;
    if (!json) return std::nullopt;
    return ControlMessage{found->label, found->separator, *std::move(json)};
}

}  // namespace inspect
