// Simulation of the whole broker: its own shards, coordinators, logs and files, on a disk that
// fails and a clock moved by hand, with all of its threads played by one. Producers, transactions
// of both protocols, and loops that consume, transform and produce talk to it in bytes; zombies go
// on beside their successors; requests and answers are late, lost, repeated and overtaken.
//
//     broker_simulation FIRST_SEED COUNT
//
// A single seed tells what happens. Seeds are of two kinds:
// - the process is killed at any operation of the disk, and operations fail: what was written
//   stays, so that nothing that was acknowledged, or read, is ever lost;
// - the power is cut at any of them. As in Kafka what is acknowledged need not be on the disk
//   then, so these sync each append (flush.messages=1), or each answer (einmal.fsync=always), and
//   promise the same. With einmal.fsync=interval it is cut at the end, an interval after the last
//   answer.
//
// Checks while it runs: read-committed readers see no open and no aborted data, nothing twice, each
// writer's records in order, high watermark and last stable offset never going back; offsets of the
// group never go back; an epoch has one owner; whoever is not disturbed is not refused. At the end:
// everything comes to rest; nothing acknowledged is lost; each transaction is there on all its
// partitions, offsets included, or on none, as its client was told; each input has one copy; those
// who read along have seen the same; and neither a clean stop nor a crash changes any of it.
#include <spdlog/spdlog.h>

#include <cstdio>
#include <cstdlib>
#include <functional>

#include "tests/simulation/admin.h"
#include "tests/simulation/producers.h"
#include "tests/simulation/seeds.h"

namespace simulation {

namespace {

using Cast = std::function<std::unique_ptr<Client>()>;

struct Totals {
    uint64_t requests = 0, crashes = 0, committed = 0, aborted = 0, entries = 0;
};

constexpr int64_t fsync_interval_max_ms = 5'000;

Machine::Options options(uint64_t seed, bool narrates) {
    Dice dice(~seed);
    const bool cuts_power = dice.happens(40);
    broker::config::Values settings{
        {"einmal.threads", std::to_string(dice.between(1, 3))},
        {"offsets.topic.num.partitions", std::to_string(dice.between(1, 3))},
        {"transaction.state.log.num.partitions", std::to_string(dice.between(1, 3))},
        {"log.flush.offset.checkpoint.interval.ms", std::to_string(dice.between(500, 20'000))},
        {"metadata.log.max.record.bytes.between.snapshots",
         std::to_string(dice.between(500, 10'000))}};
    const bool syncs_each = cuts_power ? dice.happens(50) : dice.happens(20);
    if (syncs_each)
        settings["log.flush.interval.messages"] = "1";
    else if (cuts_power || dice.happens(20))
        settings["einmal.fsync"] = "always";
    else if (dice.happens(40))
        settings.merge(broker::config::Values{
            {"einmal.fsync", "interval"},
            {"einmal.fsync.interval.ms", std::to_string(dice.between(1, fsync_interval_max_ms))}});
    if (dice.happens(30)) {
        settings["producer.id.expiration.ms"] = "20000";
        settings["producer.id.expiration.check.interval.ms"] = "1000";
    }
    if (dice.happens(20)) settings["transactional.id.expiration.ms"] = "8000";
    if (dice.happens(50)) {
        // The internal topics are compacted while all this goes on.
        settings["log.roll.ms"] = std::to_string(dice.between(200, 5'000));
        settings["log.cleaner.min.cleanable.ratio"] = "0.01";
        settings["log.cleaner.delete.retention.ms"] = std::to_string(dice.between(0, 5'000));
    }
    return {.seed = seed,
            .narrates = narrates,
            .crash = cuts_power ? support::Crash::power_cut : support::Crash::process_kill,
            .settings = settings};
}

class Simulation {
  public:
    Simulation(uint64_t seed, bool narrates)
        : options_(options(seed, narrates)),
          machine_(options_),
          admin_(scene_, machine_.dice.between(400, 4'000)) {
        scene_.ids_expire = options_.settings.contains("transactional.id.expiration.ms");
        machine_.tell("{}", options_.crash == support::Crash::power_cut ? "power cuts" : "kills");
        for (const auto& [key, value] : options_.settings) machine_.tell("{}={}", key, value);
    }

    void run(Totals& totals) {
        machine_.start();
        machine_.wait_for(admin_.create_topics());
        raise_the_curtain();
        machine_.run_for(machine_.dice.between(10'000, 30'000));
        come_to_rest();
        finish_copies();
        if (options_.settings.contains("einmal.fsync.interval.ms")) cut_power_after_the_interval();
        check();
        totals.requests += network_.request_count();
        totals.crashes += machine_.crash_count();
        totals.committed += ledger_.committed_count();
        totals.aborted += ledger_.aborted_count();
        for (const auto& reader : readers_) totals.entries += reader->view().entries().size();
    }

  private:
    void raise_the_curtain();
    void come_to_rest();
    void finish_copies();
    void cut_power_after_the_interval();
    void check();
    Views read_all();

    // A client, and its successors.
    asio::awaitable<void> play(Cast cast);
    asio::awaitable<void> play_once(Cast cast);
    asio::awaitable<void> make_trouble();
    asio::awaitable<void> fail_disk();

    const Machine::Options options_;
    Ledger ledger_;
    Machine machine_;
    Network network_{machine_};
    Scene scene_{{machine_, network_}, ledger_};
    std::vector<std::unique_ptr<Client>> clients_;
    std::vector<std::unique_ptr<Reader>> readers_;
    std::vector<Cast> transactional_;
    Admin admin_;
    bool has_failed_ = false;  // an operation of the disk since the last start
};

void Simulation::raise_the_curtain() {
    const auto add = [this](bool is_transactional, Cast cast) {
        machine_.clients.spawn(play(cast));
        if (is_transactional) transactional_.push_back(std::move(cast));
    };
    Dice& dice = machine_.dice;
    for (int64_t count = dice.between(1, 2); count > 0; --count)
        add(false, [this] { return std::make_unique<IdempotentProducer>(scene_); });
    for (int64_t number = dice.between(1, 3); number > 0; --number) {
        add(true, [this, id = fmt::format("producer-{}", number)] {
            return std::make_unique<TransactionalProducer>(scene_, id, machine_.dice.happens(60));
        });
    }
    for (int32_t partition = 0; partition < input_partition_count; ++partition) {
        add(true, [this, partition] {
            return std::make_unique<Copier>(scene_, partition, machine_.dice.happens(60));
        });
    }
    for (const auto& [topic, count] : {std::pair{input_topic, input_partition_count},
                                       {output_topic, input_partition_count},
                                       {audit_topic, 1}})
        for (int32_t index = 0; index < count; ++index)
            readers_.push_back(
                std::make_unique<Reader>(scene_, Partition{topic, index}, /*lasts=*/true));
    for (const auto& reader : readers_) machine_.clients.spawn(reader->run());
    add(false, [this] {
        return std::make_unique<Reader>(scene_, Partition{scratch_topic, 0}, /*lasts=*/false);
    });
    if (dice.happens(40)) machine_.clients.spawn(admin_.run());
    machine_.clients.spawn(make_trouble());
}

asio::awaitable<void> Simulation::play_once(Cast cast) {
    Client& client = *clients_.emplace_back(cast());
    co_await client.run();
}

asio::awaitable<void> Simulation::play(Cast cast) {
    while (!scene_.is_over) {
        co_await play_once(cast);
        co_await machine_.pause(machine_.dice.between(0, 2'000));
    }
}

asio::awaitable<void> Simulation::make_trouble() {
    Dice& dice = machine_.dice;
    const int64_t calm_ms = dice.between(1'000, 15'000);
    for (;;) {
        co_await machine_.pause(dice.between(0, calm_ms));
        if (scene_.is_over) co_return;
        if (!machine_.broker()) continue;
        switch (dice.below(7)) {
            case 0: machine_.crash(); break;
            case 1: {
                if (dice.happens(30))
                    machine_.disk.die_at(static_cast<uint64_t>(dice.between(1, 60)));
                if (!machine_.stop()) break;
                co_await machine_.pause(dice.between(0, 1'000));
                machine_.start();
                break;
            }
            case 2:
            case 3: machine_.disk.die_at(static_cast<uint64_t>(dice.between(1, 200))); break;
            case 4: co_await fail_disk(); break;
            default: {
                // And the other one?
                machine_.tell("a rival");
                machine_.clients.spawn(
                    play_once(transactional_[dice.below(transactional_.size())]));
            }
        }
    }
}

asio::awaitable<void> Simulation::fail_disk() {
    Dice& dice = machine_.dice;
    if (dice.happens(50)) {
        machine_.tell("the disk is full");
        machine_.disk.limit_space(static_cast<uint64_t>(dice.between(0, 3'000)));
        co_await machine_.pause(dice.between(100, 3'000));
        machine_.tell("the disk has room");
        machine_.disk.heal();
        co_return;
    }
    machine_.tell("an operation fails");
    machine_.disk.fail_at(static_cast<uint64_t>(dice.between(1, 60)));
    has_failed_ = true;
    co_await machine_.pause(dice.between(100, 3'000));
    machine_.disk.heal();
    // A log that could not take something back refuses to be written until it is opened again.
    if (machine_.broker()) machine_.crash();
    has_failed_ = false;
}

// Nobody asks for anything any more, and nothing fails. Late requests arrive, and what is open
// comes to its timeout.
void Simulation::come_to_rest() {
    machine_.tell("rest");
    scene_.is_over = true;
    machine_.disk.heal();
    if (has_failed_ && machine_.broker()) machine_.crash();
    machine_.run_for(3 * transaction_timeout_max_ms);
    network_.calm();
    scene_.is_over = false;
    machine_.wait_for(admin_.create_topics());
    machine_.wait_for(admin_.check_rest());
}

void Simulation::finish_copies() {
    for (int32_t partition = 0; partition < input_partition_count; ++partition) {
        auto copier = std::make_unique<Copier>(scene_, partition, machine_.dice.happens(50));
        copier->finish();
        Client& client = *clients_.emplace_back(std::move(copier));
        machine_.wait_for(client.run());
    }
    machine_.wait_for(admin_.check_rest());
}

// What was answered an interval ago, and longer, is on the disk.
void Simulation::cut_power_after_the_interval() {
    machine_.run_for(2 * fsync_interval_max_ms);
    machine_.crash(support::Crash::power_cut);
    machine_.wait_for(admin_.check_rest());
}

// Everything, by readers of their own. Internal topics have to come to an end, too.
Views Simulation::read_all() {
    Views views;
    const auto read = [&](const Partition& partition) {
        Reader reader(scene_, partition, /*lasts=*/true);
        machine_.wait_for(reader.read_to_end());
        return reader.view();
    };
    for (const auto& reader : readers_) views[reader->partition()] = read(reader->partition());
    views[{scratch_topic, 0}] = read({scratch_topic, 0});
    for (const auto& [topic, key] :
         {std::pair{"__consumer_offsets", "offsets.topic.num.partitions"},
          {"__transaction_state", "transaction.state.log.num.partitions"}}) {
        const int count = std::stoi(options_.settings.at(key));
        for (int32_t index = 0; index < count; ++index) read({topic, index});
    }
    return views;
}

void Simulation::check() {
    const Views views = read_all();
    for (const auto& reader : readers_) {
        machine_.wait_for(reader->read_to_end());
        const Partition& partition = reader->partition();
        require(reader->view().entries() == views.at(partition).entries(),
                fmt::format("{}-{}: who read along saw {} entries, who reads now {}",
                            partition.topic, partition.index, reader->view().entries().size(),
                            views.at(partition).entries().size()));
    }
    ledger_.check(views);

    const auto check_again = [&](const char* after) {
        const Views again = read_all();
        for (const auto& [partition, view] : views)
            require(again.at(partition).entries() == view.entries(),
                    fmt::format("{}-{} changed by {}", partition.topic, partition.index, after));
        machine_.wait_for(admin_.check_rest());
        ledger_.check(views);
    };
    machine_.stop();
    machine_.start();
    check_again("a clean stop");
    machine_.crash();
    check_again("a crash");
}

}  // namespace

}  // namespace simulation

int main(int argc, char** argv) {
    using namespace simulation;
    spdlog::set_level(spdlog::level::off);
    Totals totals;
    const int status = run_seeds(
        argc, argv, [&](uint64_t seed, bool narrates) { Simulation(seed, narrates).run(totals); });
    if (status != 0) return status;
    fmt::print("{} requests, {} crashes, {} transactions committed, {} aborted, {} entries read\n",
               totals.requests, totals.crashes, totals.committed, totals.aborted, totals.entries);
    return 0;
}
