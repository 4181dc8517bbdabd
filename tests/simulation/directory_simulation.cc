// Simulation of data directories under a whole broker: what retention, DeleteRecords and the
// deletion of topics take, what they leave, and what becomes of it in crashes and when a disk goes.
//
//     directory_simulation FIRST_SEED COUNT
//
// A single seed tells what happens. Logs are short, their topics are deleted and made anew, strange
// directories turn up beside them, and the process is killed, or the power cut, at any operation of
// the disk; then what is acknowledged is synced before. Many seeds have two directories, each on a
// disk of its own that goes away and comes back, at any operation.
//
// Checks while it runs: no log begins later than DeleteRecords and retention allow, nor earlier
// than before, or, after a crash, than what a checkpoint could keep; whatever is above that is
// there, without a gap; no offset is given twice; a batch that is sent again is not written again,
// though its records be deleted; whoever is deleted stays deleted; a broker starts, whatever is
// half deleted; a disk that goes takes its own partitions with it, and no others. Logs move from
// disk to disk meanwhile, at any pace, and minds are changed about that. At the end, with all disks
// back: all of it again, over a stop and a crash; what retention is to take is gone, and so are the
// files of all that is deleted, and in the end all is; every log gets where it is to be; nothing
// else goes.
#include <spdlog/spdlog.h>

#include <functional>
#include <limits>

#include "storage/partition_metadata.h"
#include "tests/simulation/keepers.h"
#include "tests/simulation/mover.h"
#include "tests/simulation/seeds.h"
#include "tests/simulation/strays.h"

namespace simulation {

namespace {

constexpr int64_t checkpoint_interval_max_ms = 3'000;
constexpr int64_t retention_interval_max_ms = 2'000;
constexpr int64_t retention_max_ms = 6'000;
constexpr int64_t segment_max_ms = 3'000;
constexpr int64_t file_delete_delay_max_ms = 3'000;
constexpr int64_t late_max_ms = 15'000;  // of a request

struct Totals {
    uint64_t requests = 0, crashes = 0, outages = 0, strays = 0, deleted_topics = 0, moves = 0;
};

Machine::Options options(uint64_t seed, bool narrates) {
    Dice dice(~seed);
    const bool cuts_power = dice.happens(40);
    broker::config::Values settings{
        {"einmal.threads", std::to_string(dice.between(1, 3))},
        {"log.flush.offset.checkpoint.interval.ms",
         std::to_string(dice.between(500, checkpoint_interval_max_ms))},
        {"log.index.interval.bytes", "100"},
        {"log.retention.check.interval.ms",
         std::to_string(dice.between(300, retention_interval_max_ms))},
        {"metadata.log.max.record.bytes.between.snapshots",
         std::to_string(dice.between(500, 10'000))},
        {"producer.id.expiration.ms", dice.happens(20) ? "15000" : "86400000"},
        {"producer.id.expiration.check.interval.ms", "1000"}};
    if (dice.happens(cuts_power ? 50 : 20))
        settings["log.flush.interval.messages"] = "1";
    else if (cuts_power || dice.happens(20))
        settings["einmal.fsync"] = "always";
    Machine::Options options{
        .seed = seed,
        .narrates = narrates,
        .crash = cuts_power ? support::Crash::power_cut : support::Crash::process_kill,
        .settings = settings};
    if (dice.happens(60)) options.directories = {"data-a", "data-b"};
    if (dice.happens(50))
        options.settings["replica.alter.log.dirs.io.max.bytes.per.second"] =
            std::to_string(dice.between(500, 20'000));
    return options;
}

std::vector<TopicPlan> plans(Dice& dice) {
    std::vector<TopicPlan> plans;
    for (const char* name : {"ales", "beers", "ciders", "drams"}) {
        TopicPlan plan{.name = name,
                       .partition_count = static_cast<int32_t>(dice.between(1, 2)),
                       .segment_bytes = dice.between(400, 3'000),
                       .segment_ms = dice.between(200, segment_max_ms)};
        if (dice.happens(40)) plan.retention_ms = dice.between(500, retention_max_ms);
        if (dice.happens(40)) plan.retention_bytes = dice.between(0, 4'000);
        if (dice.happens(50)) plan.file_delete_delay_ms = dice.between(1, file_delete_delay_max_ms);
        plans.push_back(plan);
    }
    return plans;
}

class Simulation {
  public:
    Simulation(uint64_t seed, bool narrates)
        : options_(options(seed, narrates)),
          machine_(options_),
          archive_(plans(machine_.dice)),
          depot_{{machine_, network_},
                 archive_,
                 options_.directories,
                 number("producer.id.expiration.ms")},
          custodian_(depot_),
          auditor_(depot_),
          mover_(depot_) {
        machine_.tolerates = [this](const std::string& violation) {
            // What comes so late that its producer is forgotten is written again.
            const bool is_late = depot_.forgets_producers() && violation.contains("rule: sequence");
            return is_late || strays_.explain(violation);
        };
        machine_.at_end = [this](bool is_clean) { end_life(is_clean); };
        machine_.tell("{}", options_.crash == support::Crash::power_cut ? "power cuts" : "kills");
        for (const auto& [key, value] : options_.settings) machine_.tell("{}={}", key, value);
    }

    void run(Totals& totals) {
        machine_.start();
        machine_.wait_for(custodian_.create_topics());
        raise_the_curtain();
        machine_.run_for(machine_.dice.between(4'000, 15'000));
        come_to_rest();
        check("at rest");
        restart(/*cleanly=*/true);
        check("after a clean stop");
        restart(/*cleanly=*/false);
        check("after a crash");
        move_all();
        check("elsewhere");
        restart(machine_.dice.happens(50));
        check("elsewhere, after a start");
        grow_old();
        check_space();
        restart(machine_.dice.happens(50));
        check("grown old");
        machine_.disk.heal();
        machine_.wait_for(custodian_.delete_topics());
        machine_.run_for(file_delete_delay_max_ms + 2 * checkpoint_interval_max_ms);
        check_space();
        totals.requests += network_.request_count();
        totals.crashes += machine_.crash_count();
        totals.strays += strays_.count();
        totals.moves += mover_.moved_count();
        totals.deleted_topics +=
            static_cast<uint64_t>(std::ranges::count_if(archive_.topics(), &Topic::is_deleted));
        if (has_two_disks())
            for (const auto& directory : options_.directories)
                totals.outages += machine_.disk.outage_count(directory);
    }

  private:
    int64_t number(const std::string& key) const { return std::stoll(options_.settings.at(key)); }
    bool has_two_disks() const { return options_.directories.size() > 1; }
    void end_life(bool is_clean);
    void raise_the_curtain();
    void come_to_rest();
    void restart(bool cleanly);
    void check(std::string_view when);
    void move_all();
    void grow_old();
    void check_space();
    void check_directory(const std::string& directory);
    bool may_be_left(const std::string& directory, const std::string& name) const;
    void check_partition(const std::string& path, const Account& account);
    Account* account_of(const storage::PartitionName& name) const;

    asio::awaitable<void> play(std::function<std::unique_ptr<Keeper>()> cast);
    asio::awaitable<void> make_trouble();
    asio::awaitable<void> stop_for_a_while();
    asio::awaitable<void> take_away_a_disk();
    asio::awaitable<void> live_without(std::string directory);
    void plant_strays();

    const Machine::Options options_;
    Machine machine_;
    Network network_{machine_};
    Archive archive_;
    Depot depot_;
    Custodian custodian_;
    Auditor auditor_;
    Mover mover_;
    Strays strays_;
    std::vector<std::unique_ptr<Keeper>> keepers_;
    std::vector<Scribe*> scribes_;
    bool is_in_trouble_ = true;
};

// A checkpoint was written within the interval before; in a directory that was away, perhaps none.
void Simulation::end_life(bool is_clean) {
    const auto is_hurt = [this](const std::string& directory) {
        return machine_.is_hurt(directory);
    };
    const bool closes = is_clean && std::ranges::none_of(options_.directories, is_hurt);
    const int64_t now_ms = machine_.clock.now_ms();
    const int64_t checkpoint_ms =
        closes ? now_ms : now_ms - number("log.flush.offset.checkpoint.interval.ms") - 1;
    for (const auto& topic : archive_.topics()) {
        for (const auto& account : topic->partitions) {
            const bool may_be_hurt = depot_.may_be_offline(*account, machine_.life());
            account->end_life(may_be_hurt ? -1 : checkpoint_ms);
        }
    }
}

asio::awaitable<void> Simulation::play(std::function<std::unique_ptr<Keeper>()> cast) {
    while (!depot_.is_over) {
        Keeper& keeper = *keepers_.emplace_back(cast());
        if (auto* scribe = dynamic_cast<Scribe*>(&keeper)) scribes_.push_back(scribe);
        co_await keeper.run();
        co_await machine_.pause(machine_.dice.between(0, 500));
    }
}

void Simulation::raise_the_curtain() {
    for (int64_t count = machine_.dice.between(1, 3); count > 0; --count)
        machine_.clients.spawn(play([this] { return std::make_unique<Scribe>(depot_); }));
    machine_.clients.spawn(play([this] { return std::make_unique<Auditor>(depot_); }));
    machine_.clients.spawn(custodian_.run());
    if (has_two_disks()) machine_.clients.spawn(mover_.run());
    machine_.clients.spawn(make_trouble());
}

asio::awaitable<void> Simulation::make_trouble() {
    Dice& dice = machine_.dice;
    const int64_t calm_ms = dice.between(1'000, 10'000);
    for (;;) {
        co_await machine_.pause(dice.between(0, calm_ms));
        if (depot_.is_over) break;
        if (!machine_.broker()) continue;
        switch (dice.below(has_two_disks() ? 6 : 4)) {
            case 0:
                machine_.crash();
                plant_strays();
                break;
            case 1: co_await stop_for_a_while(); break;
            case 2:
            case 3: machine_.disk.die_at(static_cast<uint64_t>(dice.between(1, 200))); break;
            default: co_await take_away_a_disk(); break;
        }
    }
    is_in_trouble_ = false;
}

void Simulation::plant_strays() {
    Dice& dice = machine_.dice;
    if (!dice.happens(30)) return;
    const std::string& directory = options_.directories[dice.below(options_.directories.size())];
    if (has_two_disks() && machine_.disk.is_away(directory)) return;
    const auto& topic = archive_.plans()[dice.below(archive_.plans().size())].name;
    machine_.tell("a strange directory of {} in {}", topic, directory);
    strays_.plant(machine_.disk, dice, directory, topic);
}

asio::awaitable<void> Simulation::stop_for_a_while() {
    Dice& dice = machine_.dice;
    if (dice.happens(30)) machine_.disk.die_at(static_cast<uint64_t>(dice.between(1, 60)));
    if (!machine_.stop()) co_return;
    machine_.disk.heal();
    plant_strays();
    co_await machine_.pause(dice.between(0, 1'000));
    machine_.start();
}

asio::awaitable<void> Simulation::take_away_a_disk() {
    using support::Outage;
    Dice& dice = machine_.dice;
    const std::string directory = options_.directories[dice.below(2)];
    // While it is in use it cannot be unmounted.
    const Outage how = dice.happens(60) ? Outage::errors : Outage::missing;
    const auto nth = dice.happens(70) ? dice.below(300) : 0;
    machine_.tell("{} goes away in operation {}", directory, nth);
    // Without the first one nothing starts: what is to come must not end the process meanwhile.
    if (directory == options_.directories.front()) machine_.disk.heal();
    machine_.disk.take_away(directory, how, nth);
    co_await machine_.pause(dice.between(0, 4'000));
    if (directory != options_.directories.front()) co_await live_without(directory);
    machine_.tell("{} is back", directory);
    machine_.disk.bring_back(directory);
    if (!machine_.broker()) co_return;
    if (dice.happens(50))
        machine_.crash();
    else
        co_await stop_for_a_while();
}

// The other one goes on, over restarts, too.
asio::awaitable<void> Simulation::live_without(std::string directory) {
    Dice& dice = machine_.dice;
    if (dice.happens(50) && machine_.broker() && machine_.disk.is_away(directory)) {
        machine_.crash();
        if (dice.happens(50)) {
            machine_.disk.bring_back(directory);
            machine_.disk.take_away(directory, support::Outage::unmounted);
        }
    }
    for (Account* account : archive_.accounts()) {
        const auto home = depot_.home_of(*account);
        if (home && *home != directory) co_await auditor_.find_served(*account);
    }
    co_await machine_.pause(dice.between(0, 4'000));
}

// Nobody asks for anything any more, nothing fails, and late requests arrive.
void Simulation::come_to_rest() {
    machine_.tell("rest");
    depot_.is_over = true;
    machine_.disk.heal();
    while (is_in_trouble_) machine_.run_for(1'000);
    machine_.run_for(late_max_ms);
    machine_.disk.heal();
    for (const std::string& directory : options_.directories)
        if (has_two_disks()) machine_.disk.bring_back(directory);
    restart(/*cleanly=*/false);
    network_.calm();
    depot_.is_over = false;
    machine_.wait_for(custodian_.create_topics());
}

void Simulation::restart(bool cleanly) {
    if (cleanly) {
        machine_.stop();
        return machine_.start();
    }
    if (machine_.broker()) machine_.crash();
    while (!machine_.broker() || machine_.disk.has_died()) {
        machine_.run_for(100);
        machine_.disk.heal();
    }
}

void Simulation::check(std::string_view when) {
    machine_.tell("check {}", when);
    machine_.disk.heal();  // a start may have brought it a death to come
    for (Account* account : archive_.accounts()) machine_.wait_for(auditor_.read_all(*account));
    for (Scribe* scribe : scribes_) machine_.wait_for(scribe->send_all_again());
    machine_.wait_for(custodian_.check_deleted());
    strays_.check(machine_.disk);
}

void Simulation::move_all() {
    if (!has_two_disks()) return;
    for (Account* account : archive_.accounts()) machine_.wait_for(mover_.move_for_sure(*account));
}

// Until retention has had its way with all that is there, and with what it deleted.
void Simulation::grow_old() {
    machine_.disk.heal();
    machine_.run_for(retention_max_ms + 2 * retention_interval_max_ms + segment_max_ms);
    machine_.run_for(file_delete_delay_max_ms + 2 * checkpoint_interval_max_ms);
    for (Account* account : archive_.accounts()) {
        machine_.wait_for(auditor_.read_all(*account));
        require(account->plan().retention_ms < 0 || account->start() >= account->end(),
                account->name() + " has records that are too old");
    }
}

Account* Simulation::account_of(const storage::PartitionName& name) const {
    const Topic* topic = archive_.find(name.topic);
    const auto index = static_cast<size_t>(name.partition);
    return topic && index < topic->partitions.size() ? topic->partitions[index].get() : nullptr;
}

void Simulation::check_space() {
    for (const std::string& directory : options_.directories) check_directory(directory);
}

// What is in there is a topic's, or nobody knows whose it is.
void Simulation::check_directory(const std::string& directory) {
    const auto names = machine_.disk.list(directory);
    require(names.has_value(), "a directory cannot be looked at");
    for (const std::string& name : *names) {
        const std::string path = directory + "/" + name;
        if (!machine_.disk.is_directory(path) || name == "__cluster_metadata-0") continue;
        const auto partition = storage::parse_directory_name(name);
        // A power cut may leave a copy of what nobody was told of, and nothing else.
        const auto copied = storage::parse_future_directory_name(name);
        const Account* original = copied ? account_of(*copied) : nullptr;
        if (original && !depot_.home_of(*original)) continue;
        const Account* account = partition ? account_of(*partition) : nullptr;
        if (account && depot_.home_of(*account) == directory)
            check_partition(path, *account);
        else
            require(strays_.contains(path) || may_be_left(directory, name), path + " is left");
    }
}

// A log whose directory was not there when its topic was deleted, nor perhaps when the broker
// started that knew of it: nobody knows any more whose it is.
bool Simulation::may_be_left(const std::string& directory, const std::string& name) const {
    return std::ranges::any_of(archive_.topics(), [&](const auto& topic) {
        if (!topic->is_leaving || !machine_.was_hurt_in(directory, topic->left_in_life))
            return false;
        return std::ranges::any_of(topic->partitions, [&](const auto& account) {
            const bool is_copy =
                name.starts_with(account->name() + ".") && name.ends_with("-future");
            return is_copy || name == account->name() ||
                   name == Strays::set_aside(account->name(), topic->id);
        });
    });
}

void Simulation::check_partition(const std::string& path, const Account& account) {
    const auto names = machine_.disk.list(path);
    require(names.has_value(), "a directory cannot be looked at");
    int64_t bytes = 0;
    for (const std::string& name : *names) {
        require(!name.ends_with(".deleted"), path + "/" + name + " is left");
        if (name.ends_with(".log"))
            bytes += static_cast<int64_t>(machine_.disk.contents(path + "/" + name).size());
    }
    const TopicPlan& plan = account.plan();
    require(plan.retention_ms < 0 || bytes == 0, path + " has too old records");
    require(plan.retention_bytes < 0 || bytes <= plan.retention_bytes + plan.segment_bytes,
            path + " is too large");
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
    fmt::print(
        "{} requests, {} crashes, {} outages, {} topics deleted, {} strange directories, "
        "{} logs moved at rest\n",
        totals.requests, totals.crashes, totals.outages, totals.deleted_topics, totals.strays,
        totals.moves);
    return 0;
}
