#include "tests/simulation/keepers.h"

#include <algorithm>

#include "protocol/messages/create_topics.h"
#include "protocol/messages/delete_records.h"
#include "protocol/messages/delete_topics.h"
#include "protocol/messages/init_producer_id.h"
#include "protocol/messages/list_offsets.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/produce.h"
#include "protocol/record_batch.h"
#include "protocol/uuid.h"
#include "storage/partition_metadata.h"

namespace simulation {

using namespace protocol;

namespace {

// Less than the broker remembers a producer, less the time that a request may be late.
constexpr int64_t delivery_timeout_ms = 4'000;
constexpr int64_t patience_ms = 60'000;
constexpr int64_t below_start_max = 5;
constexpr int64_t earliest = -2;  // ListOffsets' timestamp for where a log begins

}  // namespace

std::optional<std::string> Depot::home_of(const Account& account) {
    const std::pair key(account.topic_id(), account.index());
    const auto home = homes.find(key);
    for (const std::string& directory : directories) {
        const bool is_away = directories.size() > 1 && machine.disk.is_away(directory);
        if (is_away && home != homes.end() && home->second == directory) return directory;
        const std::string path =
            directory + "/" + account.name() + "/" + std::string(storage::partition_metadata_file);
        if (!machine.disk.exists(path)) continue;
        const Blob contents = machine.disk.contents(path);
        if (!storage::as_text(contents).contains(to_string(account.topic_id()))) continue;
        return homes[key] = directory;
    }
    homes.erase(key);
    return std::nullopt;
}

bool Depot::may_be_offline(const Account& account, uint64_t life) {
    // One that moves goes on after each start, and is somewhere else when the answer comes.
    const bool may_move = moved_in.contains({account.topic_id(), account.index()});
    const auto home = may_move ? std::nullopt : home_of(account);
    return std::ranges::any_of(directories, [&](const std::string& directory) {
        return machine.was_hurt_in(directory, life) && home.value_or(directory) == directory;
    });
}

bool Keeper::is_excused(const Account& account, uint64_t life, ErrorCode error) {
    if (error == ErrorCode::none) return false;
    const bool is_gone =
        error == ErrorCode::unknown_topic_id && depot_.archive.topic_of(account).is_leaving;
    const bool is_offline =
        error == ErrorCode::kafka_storage_error && depot_.may_be_offline(account, life);
    require(is_gone || is_offline,
            fmt::format("{} in {}: {} for no reason", account.name(),
                        depot_.home_of(account).value_or("nowhere"), protocol::name(error)));
    return true;
}

bool Keeper::is_metadata_offline(uint64_t life) {
    return machine().was_hurt_in(depot_.directories.front(), life);
}

Account* Keeper::any_account() {
    const auto accounts = depot_.archive.accounts();
    return accounts.empty() ? nullptr : accounts[dice().below(accounts.size())];
}

asio::awaitable<bool> Scribe::init() {
    const uint64_t life = machine().life();
    const auto answer = co_await ask<InitProducerIdResponse>(
        InitProducerIdRequest{.transactional_id = std::nullopt}, 5,
        [](const InitProducerIdResponse& response) { return response.error_code; },
        machine().clock.now_ms() + delivery_timeout_ms);
    if (!answer) co_return false;
    const ErrorCode error = (*answer)->error_code;
    require(error == ErrorCode::none || is_metadata_offline(life),
            "an idempotent producer is refused: " + std::string(name(error)));
    producer_id_ = (*answer)->producer_id;
    producer_epoch_ = (*answer)->producer_epoch;
    co_return error == ErrorCode::none;
}

asio::awaitable<void> Scribe::run() {
    bool goes_on = co_await init();
    for (int64_t left = dice().between(1, 30); goes_on && left > 0 && !depot_.is_over; --left) {
        Account* account = any_account();
        if (account && last_.contains(account) && dice().happens(40))
            co_await send_again(*account);
        else if (account)
            goes_on = co_await write(*account);
        co_await machine().pause(dice().between(0, 300));
    }
}

asio::awaitable<bool> Scribe::write(Account& account) {
    Sent sent{.batch = {.timestamp = machine().clock.now_ms()}};
    BatchBuilder builder({.producer_id = producer_id_,
                          .producer_epoch = producer_epoch_,
                          .base_sequence = sequences_[&account]});
    for (int64_t count = dice().between(1, 4); count > 0; --count) {
        sent.batch.entries.push_back({.writer = writer_, .number = ++last_number_});
        const Blob value = sent.batch.entries.back().encode();
        builder.add(sent.batch.timestamp, std::nullopt, Bytes(value));
    }
    sent.bytes = builder.build();
    sent.batch.bytes = static_cast<int64_t>(sent.bytes.size());
    account.send(sent.batch.bytes);
    const auto offset = co_await produce(account, sent);
    last_.erase(&account);
    if (!offset) co_return false;
    account.answer(sent.batch.bytes);
    sent.batch.base_offset = *offset;
    account.see(sent.batch, /*may_be_twice=*/false);
    sequences_[&account] += static_cast<int32_t>(sent.batch.entries.size());
    last_[&account] = std::move(sent);
    co_return true;
}

bool Scribe::may_be_forgotten(const Account::Batch& batch) {
    return machine().clock.now_ms() - batch.timestamp >= depot_.producer_expiration_ms;
}

asio::awaitable<void> Scribe::send_again(Account& account) {
    Sent& sent = last_.at(&account);
    if (depot_.archive.topic_of(account).is_leaving || may_be_forgotten(sent.batch)) co_return;
    const auto offset = co_await produce(account, sent);
    if (!offset || *offset == sent.batch.base_offset) co_return;
    require(may_be_forgotten(sent.batch),
            fmt::format("{}: what was written at {} is written again, at {}", account.name(),
                        sent.batch.base_offset, *offset));
    sent.batch.base_offset = *offset;
    account.see(sent.batch, /*may_be_twice=*/true);
}

asio::awaitable<void> Scribe::send_all_again() {
    std::vector<Account*> accounts;
    for (const auto& [account, sent] : last_) accounts.push_back(account);
    std::ranges::sort(accounts, {}, [](const Account* account) {
        return std::pair(account->topic_id(), account->index());
    });
    for (Account* account : accounts) co_await send_again(*account);
}

asio::awaitable<std::optional<int64_t>> Scribe::produce(Account& account, const Sent& sent) {
    ProduceRequest request{.acks = -1, .timeout_ms = 1'000};
    request.topic_data = {
        {.topic_id = account.topic_id(),
         .partition_data = {{.index = account.index(), .records = Records{sent.bytes}}}}};
    const Topic& topic = depot_.archive.topic_of(account);
    const int64_t until_ms = machine().clock.now_ms() + delivery_timeout_ms;
    while (true) {
        const uint64_t life = machine().life();
        const int64_t start = account.start();
        const bool is_deleted = topic.is_deleted;
        const auto answer = co_await call<ProduceResponse>(request, 13);
        if (answer) {
            const auto& answered = (*answer)->responses.at(0).partition_responses.at(0);
            if (!is_excused(account, life, answered.error_code)) {
                require(!is_deleted, topic.plan.name + " is deleted, and is written");
                if (life == machine().life())
                    account.tell_start(start, answered.log_start_offset, machine().clock.now_ms());
                co_return answered.base_offset;
            }
        }
        if (machine().clock.now_ms() >= until_ms || depot_.is_over || topic.is_leaving)
            co_return std::nullopt;
        co_await machine().pause(dice().between(10, 100));
    }
}

asio::awaitable<void> Auditor::run() {
    while (!depot_.is_over) {
        Account* account = any_account();
        if (account) {
            const int64_t begin = std::max<int64_t>(account->start() - below_start_max, 0);
            int64_t position = dice().between(begin, std::max(account->start(), account->end()));
            for (int64_t reads = dice().between(1, 5); reads > 0; --reads)
                co_await read(*account, position);
        }
        co_await machine().pause(dice().between(0, 400));
    }
}

asio::awaitable<Auditor::Outcome> Auditor::read(Account& account, int64_t& position) {
    const FetchRequest request{
        .max_wait_ms = static_cast<int32_t>(dice().between(0, 200)),
        .min_bytes = 1,
        .topics = {{.topic_id = account.topic_id(),
                    .partitions = {{.partition = account.index(),
                                    .fetch_offset = position,
                                    .partition_max_bytes =
                                        static_cast<int32_t>(dice().between(100, 4'000))}}}}};
    const uint64_t life = machine().life();
    const int64_t start = account.start();
    const int64_t end = account.end();
    const auto answer = co_await call<FetchResponse>(request, 13);
    if (!answer) co_return Outcome::no_answer;
    require((*answer)->error_code == ErrorCode::none, "a fetch was refused");
    const auto& answered = (*answer)->responses.at(0).partitions.at(0);
    if (answered.error_code == ErrorCode::offset_out_of_range) {
        const bool is_known = co_await find_start(account) && life == machine().life();
        require(!is_known || account.start() > position,
                fmt::format("{}: {} is out of range, and the log begins at {}", account.name(),
                            position, account.start()));
        co_return Outcome::too_early;
    }
    if (is_excused(account, life, answered.error_code)) co_return Outcome::no_answer;
    require(position >= answered.log_start_offset,
            fmt::format("{}: {} is read, and the log begins at {}", account.name(), position,
                        answered.log_start_offset));
    account.tell_end(end, answered.high_watermark);
    if (life == machine().life())
        account.tell_start(start, answered.log_start_offset, machine().clock.now_ms());
    see(account, answered, position);
    co_return position == answered.high_watermark ? Outcome::read_to_end : Outcome::read;
}

// The batches of an answer follow each other, and the first one has what was asked for.
void Auditor::see(Account& account, const Answered& answered, int64_t& position) {
    BatchCursor batches(answered.records ? answered.records->bytes : Bytes{});
    bool is_first = true;
    while (const auto view = batches.next()) {
        require(view->has_valid_crc(), account.name() + ": a batch is damaged");
        const int64_t base = view->base_offset();
        require(base == position || (is_first && base < position && view->next_offset() > position),
                fmt::format("{}: the batch at {} follows on {}", account.name(), base, position));
        Account::Batch batch{.base_offset = base,
                             .bytes = static_cast<int64_t>(view->size_bytes()),
                             .timestamp = view->max_timestamp()};
        const auto walked = for_each_record(*view, [&](const Record& record) {
            const auto entry = Entry::decode(record.value.value_or(Bytes{}));
            require(entry && record.offset == batch.next_offset(), "a record is another one");
            batch.entries.push_back(*entry);
            return true;
        });
        require(walked && batch.next_offset() == view->next_offset(), "records are missing");
        account.see(batch, depot_.forgets_producers());
        position = view->next_offset();
        is_first = false;
    }
    require(!is_first || position == answered.high_watermark,
            fmt::format("{}: nothing is at {}, and the log ends at {}", account.name(), position,
                        answered.high_watermark));
}

asio::awaitable<bool> Auditor::find_start(Account& account) {
    const Topic& topic = depot_.archive.topic_of(account);
    const uint64_t life = machine().life();
    const int64_t start = account.start();
    const ListOffsetsRequest request{
        .replica_id = -1,
        .topics = {{.name = account.plan().name,
                    .partitions = {{.partition_index = account.index(), .timestamp = earliest}}}}};
    const auto answer = co_await call<ListOffsetsResponse>(request, 7);
    // By then it may be another topic of the name.
    if (!answer || topic.is_leaving || life != machine().life()) co_return false;
    const auto& answered = (*answer)->topics.at(0).partitions.at(0);
    if (is_excused(account, life, answered.error_code)) co_return false;
    account.tell_start(start, answered.offset, machine().clock.now_ms());
    co_return true;
}

asio::awaitable<void> Auditor::read_all(Account& account) {
    int64_t position = account.start();
    const int64_t until_ms = machine().clock.now_ms() + patience_ms;
    while (true) {
        const Outcome outcome = co_await read(account, position);
        if (outcome == Outcome::read_to_end) co_return;
        if (outcome == Outcome::too_early) position = account.start();
        require(machine().clock.now_ms() < until_ms, account.name() + " cannot be read to its end");
    }
}

asio::awaitable<void> Auditor::find_served(Account& account) {
    int64_t position = account.start();
    const auto home = depot_.home_of(account);
    const int64_t until_ms = machine().clock.now_ms() + patience_ms;
    while (co_await read(account, position) == Outcome::no_answer) {
        if (depot_.archive.topic_of(account).is_leaving || depot_.home_of(account) != home)
            co_return;
        require(machine().clock.now_ms() < until_ms, account.name() + " is not served");
        co_await machine().pause(dice().between(10, 100));
    }
}

asio::awaitable<void> Custodian::run() {
    const auto& plans = depot_.archive.plans();
    while (!depot_.is_over) {
        co_await machine().pause(dice().between(0, 1'500));
        if (depot_.is_over) co_return;
        if (dice().happens(60))
            co_await delete_records();
        else if (dice().happens(40))
            co_await delete_topic(plans[dice().below(plans.size())]);
        else
            co_await create_topics();
    }
}

asio::awaitable<void> Custodian::create_topics() {
    for (const TopicPlan& plan : depot_.archive.plans())
        if (!depot_.archive.find(plan.name)) co_await create(plan);
}

asio::awaitable<void> Custodian::create(const TopicPlan& plan) {
    std::vector<std::pair<std::string_view, std::string>> configs{
        {"internal.segment.bytes", std::to_string(plan.segment_bytes)},
        {"segment.ms", std::to_string(plan.segment_ms)}};
    // Without them records are kept for a week, whatever their size, and files go at once.
    const auto set = [&](std::string_view name, int64_t value, int64_t unset) {
        if (value != unset) configs.emplace_back(name, std::to_string(value));
    };
    set("retention.ms", plan.retention_ms, -1);
    set("retention.bytes", plan.retention_bytes, -1);
    set("file.delete.delay.ms", plan.file_delete_delay_ms, 0);
    CreateTopicsRequest request{
        .topics = {
            {.name = plan.name, .num_partitions = plan.partition_count, .replication_factor = -1}}};
    for (const auto& [name, value] : configs)
        request.topics.front().configs.push_back({.name = name, .value = std::string_view(value)});
    const uint64_t life = machine().life();
    const auto created = co_await ask<CreateTopicsResponse>(
        request, 7,
        [](const CreateTopicsResponse& response) { return response.topics.at(0).error_code; },
        machine().clock.now_ms() + patience_ms);
    if (!created) co_return;
    const auto& answered = (*created)->topics.at(0);
    if (answered.error_code == ErrorCode::none) {
        depot_.archive.add(plan, answered.topic_id);
        co_return;
    }
    require(answered.error_code == ErrorCode::topic_already_exists || is_metadata_offline(life),
            "a topic cannot be made: " + std::string(name(answered.error_code)));
    co_await find(plan);
}

// One that was made, or was not deleted, without an answer.
asio::awaitable<void> Custodian::find(const TopicPlan& plan) {
    MetadataRequest request{.allow_auto_topic_creation = false};
    request.topics = {{.name = plan.name}};
    const auto answer = co_await ask<MetadataResponse>(
        request, 12,
        [](const MetadataResponse& response) { return response.topics.at(0).error_code; },
        machine().clock.now_ms() + delivery_timeout_ms);
    if (!answer) co_return;
    const auto& answered = (*answer)->topics.at(0);
    require(answered.error_code == ErrorCode::none, "a topic cannot be found");
    for (const auto& topic : depot_.archive.topics()) {
        if (topic->id != answered.topic_id) continue;
        require(!topic->is_deleted, plan.name + " is back");
        topic->is_leaving = false;
        co_return;
    }
    depot_.archive.add(plan, answered.topic_id);
}

asio::awaitable<void> Custodian::delete_topics() {
    for (const TopicPlan& plan : depot_.archive.plans()) co_await delete_topic(plan);
}

asio::awaitable<void> Custodian::delete_topic(const TopicPlan& plan) {
    Topic* topic = depot_.archive.find(plan.name);
    if (!topic) co_return;
    machine().tell("delete {} {}", topic->plan.name, to_string(topic->id));
    const uint64_t life = topic->left_in_life = machine().life();
    topic->is_leaving = true;
    const auto answer = co_await ask<DeleteTopicsResponse>(
        DeleteTopicsRequest{.topics = {{.name = std::nullopt, .topic_id = topic->id}}}, 6,
        [](const DeleteTopicsResponse& response) { return response.responses.at(0).error_code; },
        machine().clock.now_ms() + patience_ms);
    if (!answer) co_return;
    const ErrorCode error = (*answer)->responses.at(0).error_code;
    // A try before this one may have deleted it.
    topic->is_deleted = error == ErrorCode::none || error == ErrorCode::unknown_topic_id;
    require(topic->is_deleted || is_metadata_offline(life),
            "a topic cannot be deleted: " + std::string(name(error)));
}

asio::awaitable<void> Custodian::delete_records() {
    Account* account = any_account();
    if (!account) co_return;
    const bool all = dice().happens(10);
    const int64_t offset =
        all ? -1 : dice().between(account->start(), std::max(account->start(), account->end()));
    machine().tell("delete records of {} below {}", account->name(), offset);
    if (all)
        account->ask_to_delete_all();
    else
        account->ask_to_delete(offset);
    const DeleteRecordsRequest request{
        .topics = {{.name = account->plan().name,
                    .partitions = {{.partition_index = account->index(), .offset = offset}}}},
        .timeout_ms = 1'000};
    const int64_t until_ms = machine().clock.now_ms() + delivery_timeout_ms;
    while (machine().clock.now_ms() < until_ms && !depot_.is_over) {
        const uint64_t life = machine().life();
        const int64_t start = account->start();
        const auto answer = co_await call<DeleteRecordsResponse>(request, 2);
        if (!answer) continue;
        const auto& answered = (*answer)->topics.at(0).partitions.at(0);
        if (is_excused(*account, life, answered.error_code)) {
            co_await machine().pause(dice().between(10, 100));
            continue;
        }
        require(answered.low_watermark >= offset, "records that were to be deleted are left");
        if (all) account->ask_to_delete(answered.low_watermark);
        if (life == machine().life())
            account->tell_start(start, answered.low_watermark, machine().clock.now_ms());
        co_return;
    }
}

asio::awaitable<void> Custodian::check_deleted() {
    for (const auto& topic : depot_.archive.topics()) {
        if (!topic->is_deleted) continue;
        MetadataRequest request;
        request.topics = {{.topic_id = topic->id, .name = std::nullopt}};
        const auto answer = co_await ask<MetadataResponse>(
            request, 12, [](const MetadataResponse&) { return ErrorCode::none; },
            machine().clock.now_ms() + patience_ms);
        require(answer && (*answer)->topics.at(0).error_code == ErrorCode::unknown_topic_id,
                "a deleted topic is back: " + topic->plan.name);
    }
}

}  // namespace simulation
