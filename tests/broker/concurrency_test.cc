// Many clients at a time, each with transactions of its own over the same partitions.
#include <doctest/doctest.h>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "tests/broker/broker_fixture.h"
#include "tests/broker/conversation.h"

using namespace broker_fixture;
using protocol::ErrorCode;

namespace {

constexpr int partition_count = 4;
constexpr int transaction_count = 15;

Partition numbers(int32_t index) { return {"numbers", index}; }

// Runs transactions until it has committed so many; the first error ends it.
class Worker {
  public:
    Worker(uint16_t port, int number)
        : client_(port),
          id_(fmt::format("worker-{}", number)),
          random_(static_cast<uint64_t>(number)) {
        producer_ = start_producer(client_, id_);
    }

    void work() {
        for (int i = 0; i < transaction_count && error == ErrorCode::none; ++i) transact();
    }

    ErrorCode error = ErrorCode::none;
    std::map<int32_t, int64_t> committed;  // records, by partition
    int64_t last_offset = -1;              // committed in the last transaction

  private:
    void transact() {
        std::map<int32_t, int64_t> written;
        std::map<int32_t, int32_t> next_sequence;
        const auto write_count = 1 + random_() % 5;
        for (size_t i = 0; i < write_count; ++i) {
            const auto partition = static_cast<int32_t>(random_() % partition_count);
            const auto records = static_cast<int32_t>(1 + random_() % 3);
            note(produce(client_, numbers(partition),
                         transactional_batch(producer_, next_sequence[partition], records),
                         {.transactional_id = id_})
                     .error);
            next_sequence[partition] += records;
            written[partition] += records;
        }
        const auto offset = static_cast<int64_t>(random_() % 1000);
        note(commit_offset_in_transaction(client_, id_, producer_, id_, numbers(0), offset));
        const auto outcome = random_() % 3 == 0 ? Outcome::abort : Outcome::commit;
        const auto ended = end_transaction(client_, id_, producer_, outcome);
        note(ended.error);
        producer_ = ended.next;
        if (outcome == Outcome::abort) return;
        for (const auto& [partition, records] : written) committed[partition] += records;
        last_offset = offset;
    }
    void note(ErrorCode found) {
        if (error == ErrorCode::none) error = found;
    }

    Client client_;
    std::string id_;
    std::mt19937_64 random_;
    Producer producer_;
};

// Counts as a consumer with read_committed does: aborted transactions are left out.
int64_t committed_records(Client& client, int32_t partition) {
    const auto fetched = fetch(
        client, numbers(partition), 0,
        {.isolation = read_committed, .max_bytes = 50 << 20, .partition_max_bytes = 50 << 20});
    REQUIRE(fetched.last_stable_offset == fetched.high_watermark);
    std::multimap<int64_t, int64_t> begins;  // of aborted transactions: first offset, producer
    for (const auto& [producer, first_offset] : fetched.aborted)
        begins.emplace(first_offset, producer);
    std::set<int64_t> aborting;
    int64_t count = 0;
    protocol::BatchCursor batches(fetched.records);
    while (const auto batch = batches.next()) {
        while (!begins.empty() && begins.begin()->first <= batch->last_offset()) {
            aborting.insert(begins.begin()->second);
            begins.erase(begins.begin());
        }
        if (batch->is_control())
            aborting.erase(batch->producer_id());
        else if (!aborting.contains(batch->producer_id()))
            count += batch->record_count();
    }
    return count;
}

}  // namespace

TEST_CASE(
    "transactions of many clients at a time are each visible as a whole or not at all (Jepsen)") {
    TestBroker broker(on_one_and_three_threads());
    Client client(broker.port());
    create_topic(client, "numbers", partition_count);
    std::vector<std::unique_ptr<Worker>> workers;
    for (int number = 0; number < 6; ++number)
        workers.push_back(std::make_unique<Worker>(broker.port(), number));
    {
        std::vector<std::jthread> threads;
        for (auto& worker : workers) threads.emplace_back([&worker] { worker->work(); });
    }
    std::map<int32_t, int64_t> expected;
    for (int number = 0; number < 6; ++number) {
        const Worker& worker = *workers[static_cast<size_t>(number)];
        CAPTURE(number);
        CHECK(worker.error == ErrorCode::none);
        for (const auto& [partition, records] : worker.committed) expected[partition] += records;
        CHECK(committed_offset(client, fmt::format("worker-{}", number), numbers(0), true) ==
              Committed{ErrorCode::none, worker.last_offset});
    }
    for (int32_t partition = 0; partition < partition_count; ++partition) {
        CAPTURE(partition);
        CHECK(committed_records(client, partition) == expected[partition]);
    }
}

TEST_CASE("of many who start with one transactional id, the last alone goes on") {
    TestBroker broker(on_one_and_three_threads());
    Client client(broker.port());
    create_topic(client, "numbers", partition_count);
    find_coordinators(client, "a-group", "contested");
    constexpr int rival_count = 5;
    struct Rival {
        Producer producer;
        Produced produced;
        int16_t epoch() const { return producer.epoch; }
    };
    std::vector<Rival> rivals(rival_count);
    {
        std::vector<std::jthread> threads;
        for (Rival& rival : rivals)
            threads.emplace_back([&rival, &broker] {
                Client own(broker.port());
                rival.producer = init_producer_id(own, "contested").producer;
                rival.produced = produce(own, numbers(0), transactional_batch(rival.producer, 0),
                                         {.transactional_id = "contested"});
            });
    }
    std::ranges::sort(rivals, {}, &Rival::epoch);
    std::set<int16_t> epochs;
    for (const Rival& rival : rivals) epochs.insert(rival.epoch());
    CHECK(epochs.size() == rival_count);
    const Rival& last = rivals.back();
    CHECK(last.produced.error == ErrorCode::none);
    for (const Rival& rival : rivals) {
        const auto ended = end_transaction(client, "contested", rival.producer, Outcome::commit);
        CHECK(ended.error == (&rival == &last ? ErrorCode::none : ErrorCode::producer_fenced));
    }
    CHECK(committed_records(client, 0) == 1);
}
