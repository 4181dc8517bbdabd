// What tests say to a broker over and over, each one request and the part of its answer that
// matters.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/record_batch.h"
#include "protocol/types.h"
#include "tests/broker/client.h"

namespace broker_fixture {

struct Partition {
    std::string topic;
    int32_t index = 0;
};

struct Producer {
    int64_t id = protocol::no_producer_id;
    int16_t epoch = protocol::no_producer_epoch;
    bool operator==(const Producer&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Producer& producer);

// Topics. All but a try must succeed.
protocol::Uuid create_topic(Client& client, const std::string& name, int32_t partition_count = 1,
                            const std::map<std::string, std::string>& configs = {});
ErrorCode try_to_create_topic(Client& client, const std::string& name);
void delete_topic(Client& client, const std::string& name);

// As the broker's clock shows it.
int64_t now_ms();
// Batches of the present time.
Blob plain_batch(int32_t record_count = 1, size_t value_bytes = 8);
Blob idempotent_batch(Producer producer, int32_t sequence, int32_t record_count = 1);
Blob transactional_batch(Producer producer, int32_t sequence, int32_t record_count = 1);

struct Produced {
    ErrorCode error = ErrorCode::none;
    int64_t base_offset = -1;
    bool operator==(const Produced&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Produced& produced);
inline Produced stored_at(int64_t base_offset) { return {ErrorCode::none, base_offset}; }
inline Produced refused(ErrorCode error) { return {error, -1}; }

struct ProduceOptions {
    std::optional<std::string> transactional_id = std::nullopt;
    int16_t version = 12;
    int16_t acks = -1;
};
Produced produce(Client& client, const Partition& partition, Bytes batch,
                 const ProduceOptions& options = {});

void send_produce(Client& client, const Partition& partition, Bytes batch,
                  const ProduceOptions& options = {});
Produced receive_produced(Client& client, int16_t version = ProduceOptions{}.version);

struct Fetched {
    ErrorCode error = ErrorCode::none;
    int64_t high_watermark = -1;
    int64_t last_stable_offset = -1;
    int64_t log_start_offset = -1;
    std::vector<std::pair<int64_t, int64_t>> aborted;  // producer id, first offset
    std::vector<int64_t> base_offsets;                 // of the batches
    int64_t record_count = 0;                          // markers not counted
    Blob records;
};
inline constexpr int8_t read_uncommitted = 0;
inline constexpr int8_t read_committed = 1;
struct FetchOptions {
    int8_t isolation = read_uncommitted;
    int32_t max_wait_ms = 0;
    int32_t min_bytes = 1;
    int32_t max_bytes = 1 << 20;
    int32_t partition_max_bytes = 1 << 20;
    int32_t current_leader_epoch = -1;
    int32_t last_fetched_epoch = -1;
};
// Version 12, which names topics by name.
Fetched fetch(Client& client, const Partition& partition, int64_t offset,
              const FetchOptions& options = {});
void send_fetch(Client& client, const Partition& partition, int64_t offset,
                const FetchOptions& options);
Fetched receive_fetched(Client& client);

// Coordinators. The first makes their topics.
void find_coordinators(Client& client, const std::string& group, const std::string& id);

struct Initialised {
    ErrorCode error = ErrorCode::none;
    Producer producer;
};
struct InitOptions {
    Producer expected = {};
    int32_t timeout_ms = 60'000;
    int16_t version = 5;
};
Initialised init_producer_id(Client& client, const std::optional<std::string>& transactional_id,
                             const InitOptions& options = {});
// A new producer; must succeed. Finds the coordinator first.
Producer start_producer(Client& client, const std::string& transactional_id,
                        const InitOptions& options = {});
Producer start_idempotent_producer(Client& client);

// One error per partition, in the order of their names.
std::vector<ErrorCode> add_partitions(Client& client, const std::string& transactional_id,
                                      Producer producer, const std::vector<Partition>& partitions,
                                      int16_t version = 3);
ErrorCode add_offsets(Client& client, const std::string& transactional_id, Producer producer,
                      const std::string& group);

enum class Outcome { commit, abort };
struct Ended {
    ErrorCode error = ErrorCode::none;
    Producer next;  // from version 5 on
};
Ended end_transaction(Client& client, const std::string& transactional_id, Producer producer,
                      Outcome outcome, int16_t version = 5);

struct Committed {
    ErrorCode error = ErrorCode::none;
    int64_t offset = -1;
    bool operator==(const Committed&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Committed& committed);
ErrorCode commit_offset_in_transaction(Client& client, const std::string& transactional_id,
                                       Producer producer, const std::string& group,
                                       const Partition& partition, int64_t offset,
                                       int16_t version = 5);
void send_commit_offset(Client& client, const std::string& group, const Partition& partition,
                        int64_t offset);
ErrorCode commit_offset(Client& client, const std::string& group, const Partition& partition,
                        int64_t offset);
Committed committed_offset(Client& client, const std::string& group, const Partition& partition,
                           bool require_stable = false);

// The partition's low watermark afterwards.
Committed delete_records(Client& client, const Partition& partition, int64_t before_offset);

// Asks until the answer is yes. The test fails where that takes longer than some seconds.
void wait_until(const std::function<bool()>& is_so);

// The state's name as DescribeTransactions tells it; empty for an id that is not there.
std::string transaction_state(Client& client, const std::string& transactional_id);

}  // namespace broker_fixture
