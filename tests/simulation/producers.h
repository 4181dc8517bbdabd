// Simulated producers: an idempotent one, a transactional one of either protocol, and one that
// copies what it consumes, with the offsets in its transactions.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "protocol/record_batch.h"
#include "tests/simulation/client.h"

namespace simulation {

struct Producer {
    int64_t id = protocol::no_producer_id;
    int16_t epoch = protocol::no_producer_epoch;
};

// What a producer of any kind does with its batches.
class ProducerClient : public Client {
  public:
    using Client::Client;

  protected:
    struct Batch {
        Partition partition;
        std::vector<Entry> entries;
        std::optional<std::string> transactional_id = std::nullopt;
        int16_t version = 12;
        int64_t patience_ms = 0;
    };
    // Writes with the next sequence, until there is a definite answer. Nullopt: there was none.
    asio::awaitable<std::optional<ErrorCode>> produce(Batch batch);
    void become(Producer producer);
    Partition any_partition();

    Producer producer_;

  private:
    std::map<Partition, int32_t> sequences_;
};

class IdempotentProducer final : public ProducerClient {
  public:
    explicit IdempotentProducer(Scene& scene) : ProducerClient(scene, /*in_order=*/false) {}
    asio::awaitable<void> run() override;
};

// One incarnation of a transactional id. Modern: by KIP-890, with an epoch for each transaction.
class TransactionalClient : public ProducerClient {
  public:
    TransactionalClient(Scene& scene, std::string id, bool is_modern)
        : ProducerClient(scene, /*in_order=*/!is_modern),
          id_(std::move(id)),
          is_modern_(is_modern) {}

  protected:
    // True: it succeeded. Otherwise recover() is next.
    asio::awaitable<bool> init();
    void begin();
    asio::awaitable<bool> write(Partition partition, std::vector<Entry> entries);
    asio::awaitable<bool> commit_offset(int32_t input_partition, int64_t offset);
    asio::awaitable<bool> end(bool commit);
    // What a client may do after an error. True: it has no transaction, and goes on.
    asio::awaitable<bool> recover();
    Writer& transaction() { return ledger().writer(transaction_); }

    int32_t transaction_ = 0;

  private:
    bool accept(const char* what, std::optional<ErrorCode> error);
    bool is_undisturbed() const;
    asio::awaitable<bool> add_partition(Partition partition);
    asio::awaitable<bool> add_offsets();
    int64_t until_ms() { return machine().clock.now_ms() + timeout_ms_; }

    const std::string id_;
    const bool is_modern_;
    int32_t timeout_ms_ = 0;
    bool has_asked_twice_ = false;  // to begin, and the other one may be late
    int64_t began_ms_ = 0;
    bool writes_scratch_ = false;
    std::set<Partition> added_;  // by clients that are not modern
};

class TransactionalProducer final : public TransactionalClient {
  public:
    using TransactionalClient::TransactionalClient;
    asio::awaitable<void> run() override;

  private:
    asio::awaitable<bool> run_transaction();
    int64_t last_number_ = 0;
};

// Copies one partition of the input, and goes on where the group's offset is.
class Copier final : public TransactionalClient {
  public:
    Copier(Scene& scene, int32_t partition, bool is_modern)
        : TransactionalClient(scene, "copier-" + std::to_string(partition), is_modern),
          partition_(partition) {}
    asio::awaitable<void> run() override;
    // Until all of the input is copied.
    void finish() { is_finishing_ = true; }

  private:
    asio::awaitable<bool> find_position();
    asio::awaitable<bool> copy(Fetched fetched);

    const int32_t partition_;
    int64_t position_ = 0;
    bool is_finishing_ = false;
};

}  // namespace simulation
