// A broker around the transaction coordinator for simulations: a log that survives, memory that
// does not, markers that fail and are tried again.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "broker/coordinator/transaction/transaction_coordinator.h"
#include "tests/simulation/transaction_partition.h"

namespace simulation {

namespace transaction = broker::coordinator::transaction;

// Virtual time, and everything that is left to chance.
class World {
  public:
    explicit World(uint64_t seed) : random_(seed) {}

    int64_t now_ms = 1'000'000;
    uint64_t events = 0;

    uint64_t below(uint64_t bound) { return random_() % bound; }
    bool happens(uint64_t percent) { return below(100) < percent; }
    void in(int64_t delay_ms, std::function<void()> event);
    // Runs what is due until `end_ms`; false: nothing is left.
    bool run_until(int64_t end_ms);

  private:
    std::mt19937_64 random_;
    std::multimap<int64_t, std::function<void()>> queue_;
};

struct Chances {
    uint64_t crash_percent = 0;  // at each point where it hurts
    uint64_t marker_failure_percent = 0;
    bool answers_early = false;  // like a cluster: after Prepare, and CONCURRENT_TRANSACTIONS
    bool clock_goes_back = false;
};

class Broker {
  public:
    static constexpr int partition_count = 4;

    using Operation = std::function<transaction::Effects(const transaction::TransactionCoordinator&,
                                                         int64_t now_ms, int64_t fresh_id)>;
    using Answer = std::function<void(const transaction::Effects&)>;

    Broker(World& world, transaction::Config config, Chances chances)
        : world_(world), config_(config), chances_(chances), machine_(config, 1) {}

    // Answers once the transaction that the operation ends, or waits for, is complete. No answer:
    // the broker crashed meanwhile.
    void run(const std::string& id, Operation operation, Answer answer);

    // A write, in the step in which the coordinator allows it.
    void produce(transaction::Producer producer, int partition, int16_t version, Batch batch,
                 Answer answer);

    void start_with(const std::string& id, const transaction::Transaction& transaction);
    void tick();  // what the timer does
    void delete_topic(int partition);
    void crash();
    void calm() { chances_ = {}; }

    static std::string topic(int partition) { return "t" + std::to_string(partition); }
    const transaction::TransactionCoordinator& machine() const { return machine_; }
    const std::vector<Partition>& partitions() const { return partitions_; }
    int generation(int partition) const { return generations_[static_cast<size_t>(partition)]; }
    size_t record_count() const { return log_.size(); }
    uint64_t crash_count() const { return boot_; }
    int64_t clock_ms();

  private:
    struct Waiting {
        Operation operation;
        Answer answer;
    };
    struct Job {
        transaction::WriteMarkers markers;
        size_t written = 0;
        transaction::Effects answer;
        std::optional<Waiting> waiting;
    };

    bool commit(const transaction::Effects& effects);
    void check_step(const std::string& id, const transaction::Transaction& before);
    bool crashes();
    void mark(const transaction::WriteMarkers& markers, size_t index);
    void work(Job job);
    void complete(Job job);

    World& world_;
    transaction::Config config_;
    Chances chances_;
    transaction::TransactionCoordinator machine_;
    std::vector<broker::coordinator::Record> log_;
    std::vector<Partition> partitions_{partition_count};
    std::vector<int> generations_ = std::vector<int>(partition_count);
    std::multimap<std::string, Waiting> waiting_;
    uint64_t boot_ = 0;
    int64_t fresh_producer_id_ = 1'000;
};

}  // namespace simulation
