#include "tests/broker/coordinator/group/transcript.h"

#include <charconv>
#include <functional>
#include <map>
#include <sstream>
#include <stdexcept>

#include "broker/coordinator/group/consumer_protocol.h"
#include "protocol/codec.h"
#include "protocol/stored/consumer_protocol.h"
#include "tests/broker/coordinator/group/group_shell.h"

namespace tests {

using namespace protocol;

namespace {

Blob blob_of(std::string_view text) {
    const auto* bytes = reinterpret_cast<const std::byte*>(text.data());
    return {bytes, bytes + text.size()};
}

std::string text_of(Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

int64_t number(std::string_view text) {
    int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) {
        throw std::invalid_argument("not a number: " + std::string(text));
    }
    return value;
}

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const size_t end = std::min(text.find(separator), text.size());
        if (end > 0) parts.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

// A subscription as consumers send it, version 3.
Blob subscription_of(const std::vector<std::string>& topics) {
    Blob bytes{std::byte{0}, std::byte{3}};
    const Blob body = encode(ConsumerProtocolSubscription{.topics = topics}, 3);
    bytes.insert(bytes.end(), body.begin(), body.end());
    return bytes;
}

// Metadata as the reader of a transcript knows it: a subscription by its topics.
std::string shown(const Blob& metadata) {
    const auto topics = group::subscribed_topics_of(metadata);
    if (!topics) return text_of(metadata);
    std::string text = "[";
    for (const std::string& topic : *topics) text += (text == "[" ? "" : ",") + topic;
    return text + "]";
}

// The words of a command: options have an '=', the others are positional.
struct Words {
    std::vector<std::string> positional;
    std::map<std::string, std::string, std::less<>> options;

    explicit Words(std::string_view line) {
        for (std::string& word : split(line, ' ')) {
            const size_t equals = word.find('=');
            if (equals == std::string::npos) {
                positional.push_back(std::move(word));
            } else {
                options[word.substr(0, equals)] = word.substr(equals + 1);
            }
        }
    }
    bool has(std::string_view key) const { return options.contains(key); }
    std::string text(std::string_view key, std::string_view otherwise) const {
        auto option = options.find(key);
        return option == options.end() ? std::string(otherwise) : option->second;
    }
    int32_t integer(std::string_view key, int64_t otherwise) const {
        return static_cast<int32_t>(has(key) ? number(text(key, "")) : otherwise);
    }
    int16_t version(int16_t otherwise) const {
        return static_cast<int16_t>(integer("version", otherwise));
    }
};

// "topic-0=5:metadata"
struct Commit {
    std::string topic;
    int32_t partition = 0;
    int64_t offset = -1;
    std::string metadata;
};

Commit commit_of(const std::string& partition, const std::string& offset) {
    const size_t dash = partition.rfind('-');
    const size_t colon = offset.find(':');
    return {.topic = partition.substr(0, dash),
            .partition = static_cast<int32_t>(number(partition.substr(dash + 1))),
            .offset = offset.empty() ? -1 : number(offset.substr(0, colon)),
            .metadata = colon == std::string::npos ? "" : offset.substr(colon + 1)};
}

std::vector<Commit> commits_of(const Words& words) {
    std::vector<Commit> commits;
    for (const auto& [key, value] : words.options) {
        const size_t dash = key.rfind('-');
        if (dash != std::string::npos) commits.push_back(commit_of(key, value));
    }
    return commits;
}

// Without indentation and empty lines.
std::vector<std::string> lines_of(std::string_view script) {
    std::vector<std::string> lines;
    size_t indentation = std::string::npos;
    for (const std::string& line : split(script, '\n')) {
        const size_t start = line.find_first_not_of(' ');
        if (start == std::string::npos) continue;
        if (indentation == std::string::npos) indentation = start;
        lines.push_back(line.substr(std::min(indentation, start)));
    }
    return lines;
}

class Transcript {
  public:
    // The commands of the script and what was answered now.
    std::vector<std::string> run(const std::vector<std::string>& script);

  private:
    struct Client {
        std::string member_id;
        int32_t generation = -1;
    };

    void execute(const Words& words);
    void configure(const Words& words);
    void join(const Words& words);
    void sync(const Words& words);
    void heartbeat(const Words& words);
    void leave(const Words& words);
    void commit(const Words& words);
    void commit_in_transaction(const Words& words);
    void end_transaction(const Words& words);
    void fetch(const Words& words);
    void describe(const Words& words);
    void list(const Words& words);
    void delete_group(const Words& words);
    void delete_offsets(const Words& words);
    void fail_append(const Words& words);

    GroupShell& shell() {
        if (!shell_) shell_.emplace(config_);
        return *shell_;
    }
    group::Caller caller(const std::string& client, int16_t version) {
        tokens_[++last_token_] = client;
        return shell().caller(last_token_, version);
    }
    std::string name_of(const std::string& member_id) const;
    template <class Request>
    void fill_commit(const Words& words, const std::string& client, Request& request);
    void write(std::string line) { out_.push_back(std::move(line)); }
    static void learn(Client& client, const JoinGroupResponse& response);
    void write_replies();
    void write_reply(const std::string& client, const JoinGroupResponse& response);
    void write_reply(const std::string& client, const SyncGroupResponse& response);
    void write_reply(const std::string& client, const LeaveGroupResponse& response);
    template <class Response>
    void write_commits(const std::string& client, const Response& response);
    void write_reply(const std::string& client, const OffsetCommitResponse& response) {
        write_commits(client, response);
    }
    void write_reply(const std::string& client, const TxnOffsetCommitResponse& response) {
        write_commits(client, response);
    }
    // Conversations with consumer groups and share groups are written down elsewhere.
    void write_reply(const std::string&, const ConsumerGroupHeartbeatResponse&) {}
    void write_reply(const std::string&, const group::ShareHeartbeat&) {}
    void write_reply(const std::string&, const group::StreamsHeartbeat&) {}

    std::vector<std::string> out_;
    group::GroupConfig config_;
    std::optional<GroupShell> shell_;
    std::map<std::string, Client> clients_;
    std::map<group::Token, std::string> tokens_;
    group::Token last_token_ = 0;
    std::vector<std::string> commit_topics_;  // that a request's views point to
};

std::vector<std::string> Transcript::run(const std::vector<std::string>& script) {
    for (const std::string& line : script) {
        if (!line.starts_with("> ")) continue;
        write(line);
        execute(Words(std::string_view(line).substr(2)));
        if (shell_) write_replies();
    }
    return std::move(out_);
}

void Transcript::execute(const Words& words) {
    using Command = std::function<void(Transcript&, const Words&)>;
    static const std::map<std::string, Command, std::less<>> commands{
        {"config", &Transcript::configure},
        {"join", &Transcript::join},
        {"sync", &Transcript::sync},
        {"heartbeat", &Transcript::heartbeat},
        {"leave", &Transcript::leave},
        {"commit", &Transcript::commit},
        {"txn-commit", &Transcript::commit_in_transaction},
        {"end-txn", &Transcript::end_transaction},
        {"fetch", &Transcript::fetch},
        {"describe", &Transcript::describe},
        {"list", &Transcript::list},
        {"delete", &Transcript::delete_group},
        {"delete-offsets", &Transcript::delete_offsets},
        {"fail-append", &Transcript::fail_append},
        {"delete-topic",
         [](Transcript& self, const Words& asked) {
             GroupShell& shell = self.shell();
             shell.apply(shell.coordinator().topic_deleted(asked.positional.at(1), {}));
         }},
        {"wait", [](Transcript& self,
                    const Words& asked) { self.shell().wait(number(asked.positional.at(1))); }},
        {"restart", [](Transcript& self, const Words&) { self.shell().restart(); }},
        {"unload",
         [](Transcript& self, const Words&) {
             self.shell().apply({.replies = self.shell().coordinator().unload()});
         }},
    };
    commands.at(words.positional.at(0))(*this, words);
}

void Transcript::configure(const Words& words) {
    const std::map<std::string, int32_t*, std::less<>> keys{
        {"group_min_session_timeout_ms", &config_.group_min_session_timeout_ms},
        {"group_max_session_timeout_ms", &config_.group_max_session_timeout_ms},
        {"group_initial_rebalance_delay_ms", &config_.group_initial_rebalance_delay_ms},
        {"group_max_size", &config_.group_max_size},
        {"offset_metadata_max_bytes", &config_.offset_metadata_max_bytes}};
    for (const auto& [key, value] : words.options) {
        *keys.at(key) = static_cast<int32_t>(number(value));
    }
}

void Transcript::join(const Words& words) {
    const std::string& client = words.positional.at(1);
    const std::string group_id = words.text("group", "group");
    const std::string member_id = words.text("id", clients_[client].member_id);
    const std::string instance_id = words.text("static", "");
    const std::string type = words.text("type", "consumer");
    const auto names = split(words.text("protocols", "range"), ',');
    const Blob metadata = words.has("topics")
                              ? subscription_of(split(words.text("topics", ""), ','))
                              : blob_of(words.text("metadata", client));
    JoinGroupRequest request{.group_id = group_id,
                             .session_timeout_ms = words.integer("session", 10'000),
                             .rebalance_timeout_ms = words.integer("rebalance", 30'000),
                             .member_id = member_id,
                             .protocol_type = type};
    if (words.has("static")) request.group_instance_id = instance_id;
    for (const std::string& name : names) request.protocols.push_back({name, metadata});
    shell().apply(shell().coordinator().join_group(request, caller(client, words.version(9)),
                                                   shell().make_uuid()));
}

void Transcript::sync(const Words& words) {
    const std::string& client = words.positional.at(1);
    const std::string group_id = words.text("group", "group");
    const std::string member_id = words.text("id", clients_[client].member_id);
    const std::string type = words.text("type", "");
    const std::string protocol = words.text("protocol", "");
    const std::string instance_id = words.text("static", "");
    SyncGroupRequest request{
        .group_id = group_id,
        .generation_id = words.integer("generation", clients_[client].generation),
        .member_id = member_id};
    if (words.has("static")) request.group_instance_id = instance_id;
    if (words.has("type")) request.protocol_type = type;
    if (words.has("protocol")) request.protocol_name = protocol;
    std::vector<std::pair<std::string, Blob>> assignments;
    for (const auto& [key, value] : words.options) {
        if (!clients_.contains(key)) continue;
        assignments.emplace_back(clients_[key].member_id, blob_of(value));
    }
    for (const auto& [id, assignment] : assignments)
        request.assignments.push_back({id, assignment});
    shell().apply(shell().coordinator().sync_group(request, caller(client, 5)));
}

void Transcript::heartbeat(const Words& words) {
    const std::string& client = words.positional.at(1);
    const std::string group_id = words.text("group", "group");
    const std::string member_id = words.text("id", clients_[client].member_id);
    const std::string instance_id = words.text("static", "");
    HeartbeatRequest request{
        .group_id = group_id,
        .generation_id = words.integer("generation", clients_[client].generation),
        .member_id = member_id};
    if (words.has("static")) request.group_instance_id = instance_id;
    const auto response = shell().coordinator().heartbeat(request, shell().now_ms());
    write(client + ": " + std::string(name(response.error_code)));
}

void Transcript::leave(const Words& words) {
    const std::string group_id = words.text("group", "group");
    const std::string instance_id = words.text("static", "");
    LeaveGroupRequest request{.group_id = group_id};
    for (size_t i = 1; i < words.positional.size(); ++i) {
        const std::string& client = words.positional[i];
        auto& identity = request.members.emplace_back();
        if (client != "-") identity.member_id = clients_[client].member_id;
        if (words.has("static")) identity.group_instance_id = instance_id;
    }
    request.member_id = request.members.at(0).member_id;
    shell().apply(shell().coordinator().leave_group(
        request, caller(words.positional.at(1), words.version(5))));
}

template <class Request>
void Transcript::fill_commit(const Words& words, const std::string& client, Request& request) {
    request.generation_id_or_member_epoch =
        words.integer("generation", client == "-" ? -1 : clients_[client].generation);
    if (client != "-") request.member_id = clients_[client].member_id;
}

void Transcript::commit(const Words& words) {
    const std::string& client = words.positional.at(1);
    const std::string group_id = words.text("group", "group");
    OffsetCommitRequest request{.group_id = group_id,
                                .retention_time_ms = words.integer("retention", -1)};
    fill_commit(words, client, request);
    const auto commits = commits_of(words);
    for (const Commit& each : commits) {
        request.topics.push_back(
            {.name = each.topic, .partitions = {{each.partition, each.offset, -1, each.metadata}}});
    }
    shell().apply(shell().coordinator().offset_commit(request, caller(client, words.version(9))));
}

void Transcript::commit_in_transaction(const Words& words) {
    const std::string& client = words.positional.at(2);
    const std::string group_id = words.text("group", "group");
    const std::string instance_id = words.text("static", "");
    TxnOffsetCommitRequest request{.group_id = group_id,
                                   .producer_id = number(words.positional.at(1))};
    if (words.has("static")) request.group_instance_id = instance_id;
    fill_commit(words, client, request);
    const auto commits = commits_of(words);
    for (const Commit& each : commits) {
        request.topics.push_back(
            {.name = each.topic, .partitions = {{each.partition, each.offset, -1, each.metadata}}});
    }
    shell().apply(
        shell().coordinator().txn_offset_commit(request, caller(client, words.version(5))));
}

void Transcript::end_transaction(const Words& words) {
    shell().end_transaction(number(words.positional.at(1)), words.positional.at(2) == "commit");
}

void Transcript::fetch(const Words& words) {
    const std::string group_id = words.text("group", "group");
    OffsetFetchRequest::OffsetFetchRequestGroup request{.group_id = group_id};
    bool require_stable = false;
    std::vector<Commit> asked;
    for (size_t i = 1; i < words.positional.size(); ++i) {
        const std::string& word = words.positional[i];
        if (word == "stable") {
            require_stable = true;
        } else if (word == "all") {
            request.topics.reset();
        } else {
            asked.push_back(commit_of(word, ""));
        }
    }
    for (const Commit& each : asked) {
        request.topics->push_back({.name = each.topic, .partition_indexes = {each.partition}});
    }
    const auto response = shell().coordinator().offset_fetch(request, require_stable);
    for (const auto& topic : response.topics) {
        for (const auto& partition : topic.partitions) {
            std::string line = topic.name + "-" + std::to_string(partition.partition_index) + ": ";
            line += partition.error_code == ErrorCode::none
                        ? std::to_string(partition.committed_offset)
                        : std::string(name(partition.error_code));
            if (!partition.metadata->empty()) line += " " + *partition.metadata;
            write(line);
        }
    }
}

void Transcript::describe(const Words& words) {
    const auto described =
        shell().coordinator().describe(words.text("group", "group"), words.version(6));
    std::string line = described.group_state;
    if (described.error_code != ErrorCode::none)
        line += " " + std::string(name(described.error_code));
    if (described.error_message) line += " \"" + *described.error_message + "\"";
    if (!described.protocol_type.empty()) line += " " + described.protocol_type;
    if (!described.protocol_data.empty()) line += " " + described.protocol_data;
    write(line);
    for (const auto& member : described.members) {
        std::string row = "  " + name_of(member.member_id);
        if (member.group_instance_id) row += " static=" + *member.group_instance_id;
        row += " " + member.client_id + member.client_host;
        row += " [" + shown(member.member_metadata) + "]";
        row += " [" + text_of(member.member_assignment) + "]";
        write(row);
    }
}

void Transcript::list(const Words& words) {
    std::vector<std::string_view> states(words.positional.begin() + 1, words.positional.end());
    const std::string type = words.text("of", "");
    std::vector<std::string_view> types;
    if (!type.empty()) types.push_back(type);
    for (const auto& listed : shell().coordinator().list(states, types)) {
        write(listed.group_id + " " + listed.group_state + " " + listed.group_type +
              (listed.protocol_type.empty() ? "" : " " + listed.protocol_type));
    }
}

void Transcript::delete_group(const Words& words) {
    auto effects = shell().coordinator().delete_group(words.text("group", "group"));
    if (effects) shell().apply(std::move(*effects));
    write(std::string(name(effects ? ErrorCode::none : effects.error())));
}

void Transcript::delete_offsets(const Words& words) {
    std::vector<broker::coordinator::TopicPartition> partitions;
    for (size_t i = 1; i < words.positional.size(); ++i) {
        const Commit named = commit_of(words.positional[i], "");
        partitions.push_back({named.topic, named.partition});
    }
    auto deleted = shell().coordinator().delete_offsets(words.text("group", "group"), partitions);
    if (!deleted) return write(std::string(name(deleted.error())));
    for (size_t i = 0; i < partitions.size(); ++i) {
        write(words.positional[i + 1] + ": " + std::string(name(deleted->errors[i])));
    }
    shell().apply(std::move(deleted->effects));
}

void Transcript::fail_append(const Words& words) {
    for (int16_t code = -1; code < 140; ++code) {
        if (name(ErrorCode{code}) == words.positional.at(1)) {
            shell().fail_next_append(ErrorCode{code});
        }
    }
}

std::string Transcript::name_of(const std::string& member_id) const {
    for (const auto& [client, state] : clients_) {
        if (state.member_id == member_id) return client;
    }
    return member_id.empty() ? "nobody" : "somebody";
}

void Transcript::learn(Client& client, const JoinGroupResponse& response) {
    if (response.error_code == ErrorCode::none) {
        client = {response.member_id, response.generation_id};
    } else if (response.error_code == ErrorCode::member_id_required) {
        client.member_id = response.member_id;
    }
}

void Transcript::write_replies() {
    const auto replies = shell_->take_replies();
    for (const group::Reply& reply : replies) {
        const auto* joined = std::get_if<JoinGroupResponse>(&reply.response);
        if (joined != nullptr) learn(clients_[tokens_.at(reply.token)], *joined);
    }
    for (const group::Reply& reply : replies) {
        const auto token = tokens_.extract(reply.token);
        if (token.empty()) throw std::logic_error("a token was answered twice");
        std::visit([&](const auto& response) { write_reply(token.mapped(), response); },
                   reply.response);
    }
}

void Transcript::write_reply(const std::string& client, const JoinGroupResponse& response) {
    if (response.error_code != ErrorCode::none) {
        return write(client + ": " + std::string(name(response.error_code)));
    }
    std::string line = client + ": joined generation " + std::to_string(response.generation_id) +
                       " " + response.protocol_name.value_or("(none)") + ", leader " +
                       name_of(response.leader);
    if (response.skip_assignment) line += ", skips the assignment";
    const char* separator = ", members ";
    for (const auto& member : response.members) {
        line += separator + name_of(member.member_id) + "=" + shown(member.metadata);
        separator = " ";
    }
    write(line);
}

void Transcript::write_reply(const std::string& client, const SyncGroupResponse& response) {
    if (response.error_code != ErrorCode::none) {
        return write(client + ": " + std::string(name(response.error_code)));
    }
    write(client + ": assigned " + text_of(response.assignment));
}

void Transcript::write_reply(const std::string& client, const LeaveGroupResponse& response) {
    if (response.members.empty()) {
        return write(client + ": left " + std::string(name(response.error_code)));
    }
    for (const auto& member : response.members) {
        const std::string who =
            member.member_id.empty() ? *member.group_instance_id : name_of(member.member_id);
        write(who + ": left " + std::string(name(member.error_code)));
    }
}

template <class Response>
void Transcript::write_commits(const std::string& client, const Response& response) {
    std::string line = client + ":";
    for (const auto& topic : response.topics) {
        for (const auto& partition : topic.partitions) {
            line += " " + topic.name + "-" + std::to_string(partition.partition_index) + " " +
                    std::string(name(partition.error_code));
        }
    }
    write(line);
}

}  // namespace

std::string difference(std::string_view script) {
    const std::vector<std::string> expected = lines_of(script);
    const std::vector<std::string> actual = Transcript().run(expected);
    size_t same = 0;
    while (same < expected.size() && same < actual.size() && expected[same] == actual[same]) ++same;
    if (same == expected.size() && same == actual.size()) return "";
    std::string told = "expected: " + (same < expected.size() ? expected[same] : "(the end)");
    for (size_t i = same; i < actual.size(); ++i) told += "\nwas: " + actual[i];
    return told;
}

}  // namespace tests
