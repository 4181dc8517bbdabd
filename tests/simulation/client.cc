#include "tests/simulation/client.h"

#include <limits>
#include <set>

#include "protocol/messages/find_coordinator.h"
#include "protocol/messages/offset_fetch.h"
#include "protocol/record_batch.h"

namespace simulation {

using namespace protocol;

namespace {

constexpr int64_t patience_ms = 20'000;

// Takes out what was aborted, as consumers do: by the answer's list, and the markers in the log.
class CommittedReader {
  public:
    CommittedReader(const FetchResponse::FetchableTopicResponse::PartitionData& data,
                    int64_t offset, bool is_internal)
        : offset_(offset), is_internal_(is_internal) {
        if (data.aborted_transactions)
            for (const auto& aborted : *data.aborted_transactions)
                aborted_.emplace(aborted.first_offset, aborted.producer_id);
        BatchCursor batches(data.records ? data.records->bytes : Bytes{});
        while (const auto batch = batches.next()) read(*batch);
    }

    int64_t next_offset() const { return offset_; }
    std::vector<std::pair<int64_t, Entry>> entries;

  private:
    void read(const BatchView& batch) {
        require(batch.has_valid_crc(), "a batch is damaged");
        while (!aborted_.empty() && aborted_.begin()->first <= batch.last_offset()) {
            aborting_.insert(aborted_.begin()->second);
            aborted_.erase(aborted_.begin());
        }
        const int64_t first = offset_;
        offset_ = std::max(offset_, batch.next_offset());
        if (batch.is_control()) {
            const auto marker = control_record(batch);
            require(marker.has_value(), "a marker cannot be read");
            if (marker->type == ControlType::abort) aborting_.erase(batch.producer_id());
            return;
        }
        if (is_internal_ || (batch.is_transactional() && aborting_.contains(batch.producer_id())))
            return;
        const auto walked = for_each_record(batch, [&](const Record& record) {
            const auto entry = Entry::decode(record.value.value_or(Bytes{}));
            if (entry && record.offset >= first) entries.emplace_back(record.offset, *entry);
            return true;
        });
        require(walked.has_value(), "a record cannot be read");
    }

    int64_t offset_;
    bool is_internal_;  // what is in there is not the clients'
    std::multimap<int64_t, int64_t> aborted_;
    std::set<int64_t> aborting_;
};

}  // namespace

asio::awaitable<bool> Client::find_coordinator(std::string key, int8_t key_type) {
    const auto found = co_await ask<FindCoordinatorResponse>(
        FindCoordinatorRequest{.key_type = key_type, .coordinator_keys = {key}}, 6,
        [](const FindCoordinatorResponse& response) {
            return response.coordinators.at(0).error_code;
        },
        machine().clock.now_ms() + patience_ms);
    co_return found && (*found)->coordinators.at(0).error_code == ErrorCode::none;
}

asio::awaitable<std::optional<Fetched>> Client::fetch(Partition partition, int64_t offset,
                                                      int32_t max_wait_ms) {
    const FetchRequest request{
        .max_wait_ms = max_wait_ms,
        .min_bytes = 1,
        .isolation_level = 1,
        .topics = {{.topic = partition.topic,
                    .partitions = {{.partition = partition.index,
                                    .fetch_offset = offset,
                                    .partition_max_bytes =
                                        static_cast<int32_t>(dice().between(100, 4'000))}}}}};
    auto answer = co_await call<FetchResponse>(request, 12);
    if (!answer) co_return std::nullopt;
    require((*answer)->error_code == ErrorCode::none, "a fetch was refused");
    const auto& data = (*answer)->responses.at(0).partitions.at(0);
    if (data.error_code != ErrorCode::none) {
        require(is_retriable(data.error_code) || partition.topic == scratch_topic,
                "a partition cannot be read: " + std::string(name(data.error_code)));
        co_return std::nullopt;
    }
    CommittedReader reader(data, offset, partition.topic.starts_with("__"));
    co_return Fetched{.high_watermark = data.high_watermark,
                      .last_stable_offset = data.last_stable_offset,
                      .next_offset = reader.next_offset(),
                      .entries = std::move(reader.entries)};
}

asio::awaitable<std::optional<int64_t>> Client::committed_offset(int32_t input_partition) {
    const int64_t at_least = ledger().known_offset(input_partition);
    OffsetFetchRequest request{.require_stable = true};
    auto& wanted = request.groups.emplace_back();
    wanted.group_id = group;
    wanted.topics = {{{.name = input_topic, .partition_indexes = {input_partition}}}};
    const auto answer = co_await ask<OffsetFetchResponse>(
        request, 9,
        [](const OffsetFetchResponse& response) {
            const auto& answered = response.groups.at(0);
            if (answered.error_code != ErrorCode::none) return answered.error_code;
            return answered.topics.at(0).partitions.at(0).error_code;
        },
        machine().clock.now_ms() + patience_ms);
    if (!answer) co_return std::nullopt;
    const auto& answered = (*answer)->groups.at(0);
    require(answered.error_code == ErrorCode::none, "offsets cannot be read");
    const int64_t offset = answered.topics.at(0).partitions.at(0).committed_offset;
    ledger().see_offset(input_partition, at_least, offset);
    co_return offset;
}

asio::awaitable<void> Reader::run() {
    while (!scene_.is_over) {
        const auto is_new = co_await read();
        if (!is_new.value_or(false)) co_await machine().pause(dice().between(10, 400));
        if (!lasts_) view_ = {};
    }
}

asio::awaitable<void> Reader::read_to_end() {
    constexpr int idle_max = 10;  // longer than a broker is down
    for (int idle = 0; idle < idle_max;) {
        const auto is_new = co_await read();
        if (is_new && view_.position == view_.high_watermark) co_return;
        idle = is_new.value_or(false) ? 0 : idle + 1;
    }
    throw Violation(fmt::format("{}-{} is stable up to {} of {} only", partition_.topic,
                                partition_.index, view_.last_stable_offset, view_.high_watermark));
}

asio::awaitable<std::optional<bool>> Reader::read() {
    const auto fetched =
        co_await fetch(partition_, view_.position, static_cast<int32_t>(dice().between(0, 500)));
    if (!fetched) co_return std::nullopt;
    view_.move(partition_, fetched->high_watermark, fetched->last_stable_offset);
    require(fetched->next_offset <= fetched->last_stable_offset,
            "a read-committed reader got beyond the last stable offset");
    for (const auto& [offset, entry] : fetched->entries) {
        ledger().see(partition_, entry);
        view_.add(partition_, entry, offset);
    }
    const bool is_new = fetched->next_offset > view_.position;
    view_.position = fetched->next_offset;
    co_return is_new;
}

}  // namespace simulation
