// Simulation of transactions: random clients of both protocols, zombies, lost, late and repeated
// messages, timeouts, deleted topics, and crashes at every point, in virtual time.
//
//     transaction_simulation FIRST_SEED COUNT
//
// Checks that all of a transaction has one outcome, the one its client was told; that nobody gets
// another's epoch; that nothing stays open; that a log, compacted or not, is the state. A seed
// always does the same.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/transaction_broker.h"

namespace simulation {

namespace {

using broker::coordinator::TopicPartition;
using protocol::ErrorCode;
using transaction::ClientRequest;
using transaction::Effects;
using transaction::ProducerEpoch;
using transaction::State;

constexpr int64_t client_time_ms = 40'000;
constexpr int64_t request_timeout_ms = 1'000;

// What a client believes of one of its transactions.
struct ClientTransaction {
    Outcome told = Outcome::open;
    struct Acked {
        int partition, generation, number;
    };
    std::vector<Acked> acked;
};

struct Client {
    int number = 0;
    std::string id;
    bool is_modern = false;  // KIP-890
    bool is_dead = false;
    ProducerEpoch producer;
    int transaction = -1;
    int batches_left = 0;
    std::vector<int> added;  // partitions, for old clients
    int ask = 0;             // the number of the request that waits for its answer
    int connection = 0;
};

struct Totals {
    uint64_t events = 0, records = 0, crashes = 0, committed = 0, aborted = 0, fenced = 0;
};

bool is_retriable(ErrorCode error) {
    return error == ErrorCode::concurrent_transactions || error == ErrorCode::not_enough_replicas;
}

class Simulation {
  public:
    explicit Simulation(uint64_t seed)
        : world_(seed),
          max_version_(world_.happens(80) ? 2 : 0),
          broker_(world_, config(), chances()) {
        loss_percent_ = world_.below(15);
        const size_t id_count = 1 + world_.below(3);
        for (size_t i = 0; i < id_count; ++i) ids_.push_back("x" + std::to_string(i));
    }

    void run(Totals& totals) {
        for (const std::string& id : ids_) {
            if (world_.happens(50)) start_near_the_last_epoch(id);
            spawn(id);
        }
        every(100 + static_cast<int64_t>(world_.below(400)), [this] { broker_.tick(); });
        every(5'000, [this] {
            if (world_.happens(30)) spawn(ids_[world_.below(ids_.size())]);  // and the other one?
            if (world_.happens(10))
                broker_.delete_topic(static_cast<int>(world_.below(Broker::partition_count)));
            if (world_.happens(10)) broker_.crash();
        });
        const int64_t end_ms = world_.now_ms + client_time_ms;
        world_.run_until(end_ms);
        quiesce();
        check();
        totals.events += world_.events;
        totals.records += broker_.record_count();
        totals.crashes += broker_.crash_count();
        for (const auto& [number, told] : transactions_) {
            totals.committed += told.told == Outcome::committed;
            totals.aborted += told.told == Outcome::aborted;
        }
        totals.fenced += fenced_count_;
    }

  private:
    transaction::Config config() {
        return {.max_timeout_ms = 60'000,
                .id_expiration_ms = world_.happens(30) ? 8'000 : 1'000'000'000,
                .transaction_version = static_cast<int16_t>(max_version_)};
    }
    Chances chances() {
        return {.crash_percent = world_.happens(50) ? world_.below(4) : 0,
                .marker_failure_percent = world_.below(40),
                .answers_early = world_.happens(30),
                .clock_goes_back = world_.happens(20)};
    }

    void every(int64_t period_ms, std::function<void()> action) {
        world_.in(period_ms, [this, period_ms, action] {
            if (is_over_) return;
            action();
            every(period_ms, action);
        });
    }

    int64_t delay_ms() {
        return static_cast<int64_t>(world_.happens(3) ? world_.below(12'000) : world_.below(40));
    }

    void start_near_the_last_epoch(const std::string& id) {
        const auto epoch = static_cast<int16_t>(32'750 + world_.below(17));
        broker_.start_with(id, {.producer_id = 500 + static_cast<int64_t>(broker_.record_count()),
                                .producer_epoch = epoch,
                                .timeout_ms = 1'000,
                                .updated_ms = world_.now_ms});
    }

    // --- The network ---

    using Request = std::function<void(Broker::Answer)>;
    using OnAnswer = std::function<void(const Effects&)>;

    // Sends a request until it is answered. Old clients open a new connection for each try, and
    // nothing of the one before is executed any more; for those of KIP-890, late requests must not
    // matter.
    void ask(const std::shared_ptr<Client>& client, Request request, OnAnswer on_answer) {
        ++client->ask;
        attempt(client, client->ask, std::move(request), std::move(on_answer));
    }

    void attempt(const std::shared_ptr<Client>& client, int number, const Request& request,
                 const OnAnswer& on_answer) {
        if (client->is_dead || client->ask != number) return;
        ++client->connection;
        const int copies = client->is_modern && world_.happens(8) ? 2 : 1;
        for (int copy = 0; copy < copies; ++copy) {
            if (world_.happens(loss_percent_)) continue;
            world_.in(delay_ms(), [=, this, connection = client->connection] {
                if (!client->is_modern && client->connection != connection) return;
                request([=, this](const Effects& effects) {
                    if (world_.happens(loss_percent_)) return;
                    world_.in(delay_ms(), [=] {
                        if (client->is_dead || client->ask != number) return;
                        ++client->ask;  // answered: what else comes is ignored
                        on_answer(effects);
                    });
                });
            });
        }
        world_.in(request_timeout_ms, [=, this] { attempt(client, number, request, on_answer); });
    }

    // --- The clients ---

    void spawn(const std::string& id) {
        auto client = std::make_shared<Client>();
        client->number = ++client_count_;
        client->id = id;
        client->is_modern = max_version_ == 2 && world_.happens(60);
        init(client);
    }

    void die(const std::shared_ptr<Client>& client) {
        client->is_dead = true;
        world_.in(static_cast<int64_t>(world_.below(2'000)), [this, id = client->id] {
            if (!is_over_) spawn(id);
        });
    }

    void init(const std::shared_ptr<Client>& client) {
        const auto timeout_ms = static_cast<int32_t>(500 + world_.below(5'000));
        ask(
            client,
            [this, id = client->id, expected = client->producer,
             timeout_ms](Broker::Answer answer) {
                broker_.run(
                    id,
                    [=](const auto& machine, int64_t now_ms, int64_t fresh_id) {
                        return machine.init_producer_id({.transactional_id = id,
                                                         .transaction_timeout_ms = timeout_ms,
                                                         .producer_id = expected.producer_id,
                                                         .producer_epoch = expected.epoch},
                                                        5, now_ms, fresh_id);
                    },
                    std::move(answer));
            },
            [this, client](const Effects& effects) {
                if (is_retriable(effects.error)) return init(client);
                if (effects.error != ErrorCode::none) return give_up(client);
                take(client, {effects.producer_id, effects.producer_epoch});
                begin(client);
            });
    }

    // Nobody ever gets what another client has got.
    void take(const std::shared_ptr<Client>& client, ProducerEpoch producer) {
        require(producer.epoch >= 0 && producer.epoch <= transaction::last_epoch,
                "a client got an epoch that it must not have");
        const auto [at, is_new] =
            owners_.try_emplace({producer.producer_id, producer.epoch}, client->number);
        require(at->second == client->number, "two clients have the same producer epoch");
        client->producer = producer;
    }

    void begin(const std::shared_ptr<Client>& client) {
        client->transaction = ++transaction_count_;
        client->added.clear();
        client->batches_left = static_cast<int>(world_.below(4));
        next(client);
    }

    void next(const std::shared_ptr<Client>& client) {
        const int64_t pause_ms =
            static_cast<int64_t>(world_.happens(3) ? world_.below(8'000) : world_.below(30));
        world_.in(pause_ms, [this, client] {
            if (client->is_dead || is_over_) return;
            if (world_.happens(1)) return die(client);
            if (client->batches_left-- > 0)
                return write(client, static_cast<int>(world_.below(Broker::partition_count)));
            const bool is_empty = transactions_[client->transaction].acked.empty();
            // Old clients do not end what has not begun.
            if (is_empty && !client->is_modern) return begin(client);
            end(client, !is_empty && world_.happens(70));
        });
    }

    void write(const std::shared_ptr<Client>& client, int partition) {
        if (client->is_modern || std::ranges::find(client->added, partition) != client->added.end())
            return produce(client, partition, ++batch_count_);
        ask(
            client,
            [this, id = client->id, producer = client->producer, partition](Broker::Answer answer) {
                broker_.run(
                    id,
                    [=](const auto& machine, int64_t now_ms, int64_t) {
                        const std::array target{TopicPartition{Broker::topic(partition), 0}};
                        return machine.add_partitions(
                            {id, producer.producer_id, producer.epoch}, target,
                            ClientRequest::add_partitions_to_txn(3), now_ms);
                    },
                    std::move(answer));
            },
            [this, client, partition](const Effects& effects) {
                if (is_retriable(effects.error)) return write(client, partition);
                if (effects.error != ErrorCode::none) return give_up(client);
                client->added.push_back(partition);
                produce(client, partition, ++batch_count_);
            });
    }

    void produce(const std::shared_ptr<Client>& client, int partition, int number) {
        const Batch batch{.producer_id = client->producer.producer_id,
                          .producer_epoch = client->producer.epoch,
                          .transaction = client->transaction,
                          .number = number};
        const int16_t version = client->is_modern ? 12 : 11;
        // Which topic an answer is about is known when it is written, not when the answer arrives.
        auto generation = std::make_shared<int>(0);
        ask(
            client,
            [=, this, id = client->id](const Broker::Answer& answer) {
                broker_.produce({id, batch.producer_id, batch.producer_epoch}, partition, version,
                                batch, [=, this](const Effects& effects) {
                                    if (effects.error == ErrorCode::none) {
                                        *generation = broker_.generation(partition);
                                        check_writer(client, batch);
                                    }
                                    answer(effects);
                                });
            },
            [=, this](const Effects& effects) {
                if (is_retriable(effects.error)) return produce(client, partition, number);
                if (effects.error != ErrorCode::none) return give_up(client);
                transactions_[client->transaction].acked.push_back(
                    {partition, *generation, number});
                next(client);
            });
    }

    // An epoch belongs to one client, and with KIP-890 to one transaction.
    void check_writer(const std::shared_ptr<Client>& client, const Batch& batch) {
        const int writer = client->is_modern ? batch.transaction : -client->number;
        const auto [at, is_new] =
            writers_.try_emplace({batch.producer_id, batch.producer_epoch}, writer);
        require(at->second == writer, "an epoch was written with twice");
    }

    void end(const std::shared_ptr<Client>& client, bool commit) {
        const int16_t version = client->is_modern ? 5 : 4;
        ask(
            client,
            [this, id = client->id, producer = client->producer, commit,
             version](Broker::Answer answer) {
                broker_.run(
                    id,
                    [=](const auto& machine, int64_t now_ms, int64_t fresh_id) {
                        return machine.end({.transactional_id = id,
                                            .producer_id = producer.producer_id,
                                            .producer_epoch = producer.epoch,
                                            .committed = commit},
                                           version, now_ms, fresh_id);
                    },
                    std::move(answer));
            },
            [this, client, commit](const Effects& effects) {
                if (is_retriable(effects.error)) return end(client, commit);
                if (effects.error != ErrorCode::none) return give_up(client);
                transactions_[client->transaction].told =
                    commit ? Outcome::committed : Outcome::aborted;
                if (client->is_modern) take(client, {effects.producer_id, effects.producer_epoch});
                begin(client);
            });
    }

    // After an error a client dies, aborts, or asks to continue.
    void give_up(const std::shared_ptr<Client>& client) {
        ++fenced_count_;
        const uint64_t choice = world_.below(3);
        if (choice == 0 || client->producer == ProducerEpoch{}) return die(client);
        if (choice == 1 && client->is_modern && client->batches_left >= 0) {
            client->batches_left = -1;
            return end(client, /*commit=*/false);
        }
        init(client);
    }

    // --- The end ---

    void quiesce() {
        is_over_ = true;
        broker_.calm();
        loss_percent_ = 0;
        while (world_.run_until(world_.now_ms + 1'000))
            if (world_.now_ms > 10'000'000) throw Violation("it never comes to rest");
        world_.now_ms += 60'001;  // every transaction times out
        for (int i = 0; i < 100; ++i) {
            broker_.tick();
            world_.run_until(world_.now_ms + 1'000);
        }
        for (const auto& [id, entry] : broker_.machine().transactions())
            require(entry.can_expire(), "a transaction hangs");
        require(broker_.machine().unfinished().empty(), "a prepared transaction never completed");
        broker_.crash();
    }

    void check() {
        std::map<int, Outcome> outcomes;
        std::map<int, Outcome> batches;
        for (const Partition& partition : broker_.partitions())
            for (const Batch& batch : partition.batches()) {
                require(batch.outcome != Outcome::open, "a batch stays open");
                const auto [at, is_new] = outcomes.try_emplace(batch.transaction, batch.outcome);
                require(at->second == batch.outcome, "a transaction is torn");
                batches[batch.number] = batch.outcome;
            }
        for (const auto& [number, client] : transactions_) {
            const auto outcome = outcomes.find(number);
            if (client.told == Outcome::open) continue;
            require(outcome == outcomes.end() || outcome->second == client.told,
                    "a client was told what did not happen");
            for (const auto& [partition, generation, batch] : client.acked)
                require(generation != broker_.generation(partition) ||
                            (batches.contains(batch) && batches[batch] == client.told),
                        "an acknowledged batch is lost");
        }
    }

    World world_;
    int max_version_;
    Broker broker_;
    uint64_t loss_percent_ = 0;
    bool is_over_ = false;
    std::vector<std::string> ids_;
    int client_count_ = 0, transaction_count_ = 0, batch_count_ = 0;
    uint64_t fenced_count_ = 0;
    std::map<int, ClientTransaction> transactions_;
    std::map<std::pair<int64_t, int16_t>, int> owners_;
    std::map<std::pair<int64_t, int16_t>, int> writers_;
};

}  // namespace

}  // namespace simulation

int main(int argc, char** argv) {
    const uint64_t first = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1;
    const uint64_t count = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 200;
    const auto start = std::chrono::steady_clock::now();
    simulation::Totals totals;
    for (uint64_t seed = first; seed < first + count; ++seed) {
        try {
            simulation::Simulation(seed).run(totals);
        } catch (const simulation::Violation& violation) {
            std::printf("seed %llu: %s\nagain: %s %llu 1\n", static_cast<unsigned long long>(seed),
                        violation.what(), argv[0], static_cast<unsigned long long>(seed));
            return 1;
        }
    }
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    std::printf("seeds %llu to %llu: %llu events, %llu records, %llu crashes, %llu commits, "
                "%llu aborts, %llu errors; everything held; %.1f s\n",
                static_cast<unsigned long long>(first),
                static_cast<unsigned long long>(first + count - 1),
                static_cast<unsigned long long>(totals.events),
                static_cast<unsigned long long>(totals.records),
                static_cast<unsigned long long>(totals.crashes),
                static_cast<unsigned long long>(totals.committed),
                static_cast<unsigned long long>(totals.aborted),
                static_cast<unsigned long long>(totals.fenced), taken.count());
    return 0;
}
