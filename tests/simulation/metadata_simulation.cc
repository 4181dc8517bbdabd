// Simulation of the metadata log: a controller makes and deletes topics, sets configs and gives out
// producer ids, takes snapshots often, and dies at any operation of a disk that also fails; with
// the process what it wrote stays, with the power only what it synced.
//
//     metadata_simulation FIRST_SEED COUNT
//
// Checks at each start: the directory opens; the image has every change that was reported as done,
// and of the one that was under way all or nothing; no leader epoch comes twice; the log is as
// small as its snapshots make it, and these say what it says. What is left out of a snapshot would
// be missed at once.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <vector>

#include "broker/metadata/cluster_image.h"
#include "broker/metadata/metadata_log.h"
#include "broker/metadata/registration.h"
#include "tests/simulation/dice.h"
#include "tests/simulation/left_behind.h"
#include "tests/simulation/seeds.h"
#include "tests/support/simulated_file_system.h"

namespace simulation {

namespace {

using namespace broker::metadata;
using namespace protocol;

const std::string directory = "data";
constexpr Uuid directory_id{{std::byte{7}}};
constexpr int16_t metadata_version = 30;
// Room for one batch and the roll's files beyond what makes a snapshot due.
constexpr uint64_t overhead_bytes = 6'000;

struct Totals {
    uint64_t starts = 0, changes = 0, snapshots = 0;
};

using Facts = std::vector<Blob>;

Facts facts_of(const ClusterImage& image) {
    Facts facts;
    image.for_each_record(
        [&](const MetadataRecord& record) { facts.push_back(encode(record, metadata_version)); });
    return facts;
}

class Simulation {
  public:
    explicit Simulation(uint64_t seed)
        : dice_(seed),
          disk_(seed),
          crash_(dice_.happens(50) ? support::Crash::power_cut : support::Crash::process_kill),
          options_{.node_id = 1,
                   .directory_id = directory_id,
                   .snapshots = {.bytes_max = dice_.between(100, 4'000),
                                 .interval_max_ms = dice_.happens(50) ? 5'000 : 0}},
          done_(facts_of(ClusterImage(values_))) {
        require(disk_.create_directories(directory) && disk_.sync_directory("."), "no directory");
    }

    void run(Totals& totals) {
        totals_ = &totals;
        for (int64_t lives = dice_.between(2, 8); lives > 0; --lives) {
            if (dice_.happens(70)) disk_.die_at(dice_.below(120) + 1);
            if (dice_.happens(15)) disk_.fail_at(dice_.below(60) + 1);
            live();
            log_.reset();
            disk_.crash(crash_);
            check_snapshots();
        }
        require(start(), "it does not start");
        check_snapshots();
    }

  private:
    // Until the disk fails, or it has had enough.
    void live();
    bool start();
    bool change();
    std::vector<MetadataRecord> some_change();
    bool append(const std::vector<MetadataRecord>& records);
    bool take_snapshot();
    void check_size();
    void check_snapshots() {
        const std::string wrong =
            violations_in_metadata(disk_, directory + "/__cluster_metadata-0");
        require(wrong.empty(), wrong);
    }
    Uuid uuid() {
        Uuid id;
        for (std::byte& byte : id.bytes) byte = static_cast<std::byte>(dice_.below(256));
        return id;
    }

    Dice dice_;
    support::SimulatedFileSystem disk_;
    const support::Crash crash_;
    broker::config::BrokerValues values_;
    MetadataLog::OpenOptions options_;
    std::optional<MetadataLog> log_;
    std::optional<ClusterImage> image_;
    std::vector<Uuid> topics_;
    Facts done_;                    // what was reported as done
    std::optional<Facts> perhaps_;  // with what was under way when the disk failed
    bool has_changed_ = false;      // so that partitions may be there
    int32_t last_epoch_ = 0;
    int64_t now_ms_ = 1'700'000'000'000;
    Totals* totals_ = nullptr;
};

bool Simulation::start() {
    ++totals_->starts;
    image_.emplace(values_);
    options_.has_partitions = has_changed_;
    options_.now_ms = now_ms_ += 10;
    auto opened = MetadataLog::open(disk_, directory, options_,
                                    [&](const MetadataRecord& record) { image_->replay(record); });
    if (!opened) {
        // Only because the disk failed: it opens when nothing fails.
        disk_.crash(crash_);
        image_.emplace(values_);
        opened = MetadataLog::open(disk_, directory, options_,
                                   [&](const MetadataRecord& record) { image_->replay(record); });
        require(opened.has_value(), opened ? "" : opened.error());
    }
    log_ = std::move(*opened);
    const Facts found = facts_of(*image_);
    require(found == done_ || found == perhaps_, "the image is another one");
    done_ = found;
    perhaps_.reset();
    topics_.clear();
    image_->for_each_topic([&](const TopicRef& topic) { topics_.push_back(topic->id); });
    if (!log_->begin_epoch(now_ms_)) return false;
    require(log_->epoch() > last_epoch_, "the epoch came before");
    last_epoch_ = log_->epoch();
    return true;
}

void Simulation::live() {
    if (!start()) return;
    if (image_->metadata_version() == 0) {
        const auto records = log_->bootstrap_records();
        if (!records || !append(bootstrap_cluster(*records))) return;
    }
    if (!append(register_broker({.directory_ids = {directory_id}}, log_->end_offset()))) return;
    for (int64_t changes = dice_.between(0, 60); changes > 0; --changes)
        if (!change()) return;
    if (dice_.happens(50)) (void)log_->close();
}

std::vector<MetadataRecord> Simulation::some_change() {
    const auto text = [&] { return fmt::format("name-{}", dice_.below(20)); };
    switch (dice_.below(6)) {
        case 0:
        case 1: {
            const Uuid id = uuid();
            std::vector<MetadataRecord> records{TopicRecord{.name = text(), .topic_id = id}};
            if (image_->find(std::get<TopicRecord>(records[0]).name)) return {};
            for (int32_t index = 0; index < dice_.between(1, 4); ++index)
                records.emplace_back(PartitionRecord{.partition_id = index,
                                                     .topic_id = id,
                                                     .replicas = {1},
                                                     .isr = {1},
                                                     .leader = 1,
                                                     .leader_epoch = 0,
                                                     .partition_epoch = 0,
                                                     .directories = {directory_id}});
            topics_.push_back(id);
            return records;
        }
        case 2: {
            if (topics_.empty()) return {};
            const size_t index = dice_.below(topics_.size());
            const Uuid id = topics_[index];
            topics_.erase(topics_.begin() + static_cast<ptrdiff_t>(index));
            return {RemoveTopicRecord{.topic_id = id}};
        }
        case 3:
            return {
                ConfigRecord{.resource_type = static_cast<int8_t>(ConfigResource::group),
                             .resource_name = text(),
                             .name = text(),
                             .value = dice_.happens(70) ? std::optional(text()) : std::nullopt}};
        case 4: return {ProducerIdsRecord{.next_producer_id = dice_.between(1, 1'000'000)}};
        default: {
            if (topics_.empty()) return {};
            return {PartitionChangeRecord{.partition_id = 0,
                                          .topic_id = topics_[dice_.below(topics_.size())],
                                          .leader = static_cast<int32_t>(dice_.between(-1, 1))}};
        }
    }
}

bool Simulation::append(const std::vector<MetadataRecord>& records) {
    if (records.empty()) return true;
    now_ms_ += dice_.between(0, 500);
    ClusterImage after = *image_;
    for (const MetadataRecord& record : records) after.replay(record);
    const auto appended = log_->append(records, metadata_version, now_ms_);
    if (!appended) {
        perhaps_ = facts_of(after);
        return false;
    }
    image_ = std::move(after);
    done_ = facts_of(*image_);
    has_changed_ = true;
    ++totals_->changes;
    return true;
}

bool Simulation::take_snapshot() {
    ++totals_->snapshots;
    auto job = log_->begin_snapshot(now_ms_);
    if (!job) return false;
    image_->for_each_record(
        [&](const MetadataRecord& record) { job->snapshot.records.push_back(record); });
    // Before it is written, and after, more is appended.
    if (dice_.happens(40) && !append(some_change())) return false;
    if (!job->write(disk_)) return !disk_.has_died();
    if (dice_.happens(40) && !append(some_change())) return false;
    log_->end_snapshot(*job);
    if (disk_.has_died()) return false;
    check_size();
    return true;
}

void Simulation::check_size() {
    if (disk_.has_died()) return;
    uint64_t bytes = 0;
    const auto names = disk_.list(directory + "/__cluster_metadata-0");
    if (!names) return;
    for (const std::string& name : *names)
        if (name.ends_with(".log"))
            bytes += disk_.contents(directory + "/__cluster_metadata-0/" + name).size();
    require(bytes <= static_cast<uint64_t>(options_.snapshots.bytes_max) + overhead_bytes,
            fmt::format("the log has {} bytes after a snapshot", bytes));
}

bool Simulation::change() {
    const auto records = some_change();
    if (!records.empty() && !append(records)) return false;
    return !log_->is_snapshot_due(now_ms_) || take_snapshot();
}

}  // namespace

}  // namespace simulation

int main(int argc, char** argv) {
    using namespace simulation;
    spdlog::set_level(spdlog::level::off);
    Totals totals;
    const int status =
        run_seeds(argc, argv, [&](uint64_t seed, bool) { Simulation(seed).run(totals); });
    if (status != 0) return status;
    fmt::print("{} starts, {} changes, {} snapshots\n", totals.starts, totals.changes,
               totals.snapshots);
    return 0;
}
