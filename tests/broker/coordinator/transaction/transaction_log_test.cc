// Transactions as records: Kafka's bytes, and logs that are damaged or from elsewhere.
#include "broker/coordinator/transaction/transaction_log.h"

#include <doctest/doctest.h>

#include <string_view>

#include "tests/broker/coordinator/transaction/test_host.h"

namespace broker::coordinator::transaction {

namespace {

// Spaces part the fields.
protocol::Blob hex(std::initializer_list<std::string_view> parts) {
    std::string digits;
    for (const std::string_view part : parts) digits += part;
    std::erase(digits, ' ');
    protocol::Blob bytes;
    for (size_t i = 0; i + 1 < digits.size(); i += 2)
        bytes.push_back(static_cast<std::byte>(std::stoi(digits.substr(i, 2), nullptr, 16)));
    return bytes;
}

const Transaction ongoing{.producer_id = 4,
                          .previous_producer_id = 4,
                          .producer_epoch = 2,
                          .timeout_ms = 60'000,
                          .state = State::ongoing,
                          .partitions = {{"t", 0}, {"t", 1}},
                          .started_ms = 5,
                          .updated_ms = 6,
                          .client_transaction_version = 2};

}  // namespace

TEST_CASE("an ongoing transaction is stored as Kafka stores it: TransactionLogValue v1") {
    const Record record = to_record("x", ongoing);
    CHECK(record.key == hex({"0000 0001 78"}));
    CHECK(*record.value ==
          hex({"0001 0000000000000004 0002 0000ea60 01", "02 02 74 03 00000000 00000001 00",
               "0000000000000006 0000000000000005", "02 00 08 0000000000000004 02 02 0002"}));
}

TEST_CASE("an empty transaction is stored with null partitions, as Kafka does") {
    const Record record = to_record("x", {.producer_id = 4,
                                          .previous_producer_id = 4,
                                          .producer_epoch = 0,
                                          .timeout_ms = 1,
                                          .updated_ms = 6});
    CHECK(*record.value == hex({"0001 0000000000000004 0000 00000001 00 00",
                                "0000000000000006 ffffffffffffffff", "01 00 08 0000000000000004"}));
}

TEST_CASE("every field of a transaction comes back from its record") {
    Transaction transaction = ongoing;
    transaction.next_producer_id = 9;
    transaction.previous_producer_id = 3;
    transaction.last_producer_epoch = 1;
    for (const State state : {State::ongoing, State::prepare_commit, State::prepare_abort,
                              State::complete_commit, State::complete_abort}) {
        transaction.state = state;
        const Record record = to_record("x", transaction);
        CHECK(read_key(record.key) == "x");
        CHECK(read_value(*record.value) == transaction);
    }
}

TEST_CASE("the value of an older broker, version 0, is understood") {
    const auto read = read_value(
        hex({"0000 0000000000000004 0002 0000ea60 01",
             "00000001 0001 74 00000002 00000000 00000001", "0000000000000006 0000000000000005"}));
    REQUIRE(read);
    Transaction expected = ongoing;
    expected.previous_producer_id = no_producer_id;
    expected.client_transaction_version = 0;
    CHECK(*read == expected);
}

TEST_CASE("records that are unknown or damaged are reported and change nothing") {
    TestHost host;
    host.put("x", ongoing);
    const Record record = to_record("x", ongoing);
    for (const auto unknown : {"", "00", "0001 0001 78", "0000", "0000 0005 78"})
        CHECK_FALSE(host.machine.replay(hex({unknown}), *record.value));
    for (size_t size = 0; size < record.value->size(); ++size)
        CHECK_FALSE(host.machine.replay(record.key, protocol::Bytes(*record.value).first(size)));
    protocol::Blob future = *record.value;
    future[1] = std::byte{2};
    CHECK_FALSE(host.machine.replay(record.key, future));
    protocol::Blob impossible = *record.value;
    impossible[16] = std::byte{6};  // Dead is never stored
    CHECK_FALSE(host.machine.replay(record.key, impossible));
    CHECK(host.state("x") == ongoing);
}

TEST_CASE("a tombstone removes the id, also one that is not there") {
    TestHost host;
    host.put("x", ongoing);
    const Record gone = tombstone("x");
    CHECK(host.machine.replay(gone.key, std::nullopt));
    CHECK(host.machine.find("x") == nullptr);
    CHECK_FALSE(host.machine.next_deadline_ms());
    CHECK(host.machine.replay(gone.key, std::nullopt));
}

TEST_CASE("absurd times in a damaged log do not overflow") {
    TestHost host;
    Transaction absurd = ongoing;
    absurd.started_ms = std::numeric_limits<int64_t>::max();
    absurd.updated_ms = std::numeric_limits<int64_t>::max();
    host.put("x", absurd);
    CHECK(host.machine.next_deadline_ms());
    absurd.state = State::complete_commit;
    host.put("y", absurd);
    CHECK(host.machine.expire_transactional_ids(host.now_ms).records.empty());
}

}  // namespace broker::coordinator::transaction
