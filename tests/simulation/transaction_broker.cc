#include "tests/simulation/transaction_broker.h"

#include <algorithm>
#include <array>
#include <utility>

#include "broker/coordinator/transaction/transaction_log.h"

namespace simulation {

using broker::coordinator::Record;
using broker::coordinator::TopicPartition;
using protocol::ErrorCode;
using transaction::Effects;
using transaction::State;
using transaction::Transaction;
using transaction::TransactionCoordinator;
using transaction::WriteMarkers;

void World::in(int64_t delay_ms, std::function<void()> event) {
    queue_.emplace(now_ms + delay_ms, std::move(event));
}

bool World::run_until(int64_t end_ms) {
    while (!queue_.empty() && queue_.begin()->first <= end_ms) {
        const auto next = queue_.extract(queue_.begin());
        now_ms = std::max(now_ms, next.key());
        ++events;
        next.mapped()();
    }
    now_ms = std::max(now_ms, end_ms);
    return !queue_.empty();
}

int64_t Broker::clock_ms() {
    const bool is_back = chances_.clock_goes_back && world_.happens(10);
    return world_.now_ms - (is_back ? static_cast<int64_t>(world_.below(3'000)) : 0);
}

bool Broker::crashes() {
    if (!world_.happens(chances_.crash_percent)) return false;
    crash();
    return true;
}

// False: the broker crashed, maybe between two records.
bool Broker::commit(const Effects& effects) {
    if (effects.fresh_producer_id_used) ++fresh_producer_id_;
    for (const Record& record : effects.records) {
        if (crashes()) return false;
        const std::string id = *transaction::read_key(record.key);
        const Transaction* found = machine_.find(id);
        const Transaction before = found ? *found : Transaction{};
        log_.push_back(record);
        require(machine_.replay(record.key, record.value), "a record cannot be replayed");
        check_step(id, before);
    }
    return !crashes();
}

void Broker::check_step(const std::string& id, const Transaction& before) {
    const Transaction* after = machine_.find(id);
    if (after == nullptr) return require(before.can_expire(), "a transaction was forgotten");
    if (before.producer_id == transaction::no_producer_id) return;  // the first record
    const auto from = before.state, to = after->state;
    using enum State;
    if (from == prepare_commit)
        require(to == prepare_commit || to == complete_commit, "a prepared commit went elsewhere");
    if (from == prepare_abort)
        require(to == prepare_abort || to == complete_abort, "a prepared abort went elsewhere");
    if (to == complete_commit) require(from == prepare_commit, "committed without being prepared");
    if (to == complete_abort) require(from == prepare_abort, "aborted without being prepared");
    if (to == prepare_commit && from != to) require(from == ongoing, "committed nothing");
    require(after->updated_ms >= before.updated_ms, "a time went back");
    require(after->producer_epoch >= 0, "an epoch overflowed");
    if (after->producer_id == before.producer_id)
        require(after->producer_epoch >= before.producer_epoch, "an epoch went back");
    else
        require(after->producer_epoch == 0, "a producer id began with a later epoch");
}

void Broker::run(const std::string& id, Operation operation, Answer answer) {
    if (crashes()) return;
    Effects effects = operation(machine_, clock_ms(), fresh_producer_id_);
    if (!commit(effects)) return;
    const bool waits = effects.retry_after_markers && !chances_.answers_early;
    if (effects.markers) {
        Job job{.markers = *effects.markers, .answer = effects};
        if (chances_.answers_early)
            answer(effects);
        else
            job.waiting = Waiting{std::move(operation), std::move(answer)};
        work(std::move(job));
    } else if (waits) {
        waiting_.emplace(id, Waiting{std::move(operation), std::move(answer)});
    } else {
        answer(effects);
    }
}

void Broker::produce(transaction::Producer producer, int partition, int16_t version, Batch batch,
                     Answer answer) {
    const std::string id(producer.transactional_id);
    const auto request = transaction::ClientRequest::produce(version);
    const auto append = [this, partition, batch, answer](const Effects& effects) {
        Effects appended = effects;
        if (effects.error == ErrorCode::none)
            appended.error = partitions_[static_cast<size_t>(partition)].append(batch);
        answer(appended);
    };
    run(
        id,
        [=](const TransactionCoordinator& machine, int64_t now_ms, int64_t) {
            const transaction::Producer named{id, batch.producer_id, batch.producer_epoch};
            const std::array target{TopicPartition{topic(partition), 0}};
            if (request.adds_implicitly())
                return machine.add_partitions(named, target, request, now_ms);
            return Effects{.error = machine.verify_partitions(named, target, request).at(0)};
        },
        append);
}

void Broker::mark(const WriteMarkers& markers, size_t index) {
    const TopicPartition& target = markers.partitions[index];
    const int partition = target.topic.back() - '0';
    partitions_[static_cast<size_t>(partition)].mark(markers.producer_id, markers.producer_epoch,
                                                     markers.commit,
                                                     markers.transaction_version >= 2);
}

// Writes one marker after the other, some twice, some late.
void Broker::work(Job job) {
    if (job.written == job.markers.partitions.size()) return complete(std::move(job));
    world_.in(static_cast<int64_t>(world_.below(30)), [this, boot = boot_, job]() mutable {
        if (boot != boot_ || crashes()) return;
        if (!world_.happens(chances_.marker_failure_percent)) mark(job.markers, job.written);
        if (!world_.happens(chances_.marker_failure_percent)) {
            mark(job.markers, job.written);
            ++job.written;
        }
        work(std::move(job));
    });
}

void Broker::complete(Job job) {
    const Effects done = machine_.markers_written(job.markers, clock_ms());
    require(!done.records.empty(), "written markers completed nothing");
    if (!commit(done)) return;
    if (world_.happens(20))  // an acknowledgement that comes once more, at some time
        world_.in(static_cast<int64_t>(world_.below(3'000)),
                  [this, boot = boot_, markers = job.markers] {
                      if (boot == boot_)
                          require(machine_.markers_written(markers, clock_ms()).records.empty(),
                                  "markers were acknowledged twice");
                  });
    const auto [first, last] = waiting_.equal_range(job.markers.transactional_id);
    std::vector<Waiting> ready;
    for (auto at = first; at != last; ++at) ready.push_back(std::move(at->second));
    waiting_.erase(first, last);
    if (job.waiting && !job.answer.retry_after_markers) job.waiting->answer(job.answer);
    if (job.waiting && job.answer.retry_after_markers) ready.push_back(std::move(*job.waiting));
    const uint64_t boot = boot_;
    for (Waiting& waiting : ready)
        if (boot == boot_)
            run(job.markers.transactional_id, std::move(waiting.operation),
                std::move(waiting.answer));
}

void Broker::start_with(const std::string& id, const Transaction& transaction) {
    commit({.records = {transaction::to_record(id, transaction)}});  // or it is lost in a crash
}

void Broker::tick() {
    const auto deadline = machine_.next_deadline_ms();
    if (!deadline || *deadline > world_.now_ms) return;
    const auto nobody = [](const Effects&) {};
    run(
        {},
        [](const auto& machine, int64_t now_ms, int64_t fresh_id) {
            return machine.expire_transaction(now_ms, fresh_id);
        },
        nobody);
    run(
        {},
        [](const auto& machine, int64_t now_ms, int64_t) {
            return machine.expire_transactional_ids(now_ms);
        },
        nobody);
}

void Broker::delete_topic(int partition) {
    partitions_[static_cast<size_t>(partition)] = {};
    ++generations_[static_cast<size_t>(partition)];
    run(
        {},
        [name = topic(partition)](const auto& machine, int64_t, int64_t) {
            return machine.topic_deleted(name);
        },
        [](const Effects&) {});
}

// Loads the log, then the log as compaction leaves it; finishes what was prepared.
void Broker::crash() {
    ++boot_;
    waiting_.clear();
    std::map<protocol::Blob, Record> latest;
    TransactionCoordinator loaded(config_, 1), compacted(config_, 1);
    for (const Record& record : log_) {
        require(loaded.replay(record.key, record.value), "a record cannot be replayed");
        latest[record.key] = record;
    }
    for (const auto& [key, record] : latest)
        require(compacted.replay(record.key, record.value), "a record cannot be replayed");
    require(loaded.transactions() == machine_.transactions(), "the log is not the state");
    require(compacted.transactions() == machine_.transactions(),
            "the compacted log is not the state");
    require(compacted.next_deadline_ms() == machine_.next_deadline_ms(), "a deadline is lost");
    machine_ = std::move(compacted);
    const Chances chances = std::exchange(chances_, {});
    for (const WriteMarkers& markers : machine_.unfinished()) {
        for (size_t i = 0; i < markers.partitions.size(); ++i) mark(markers, i);
        commit(machine_.markers_written(markers, world_.now_ms));
    }
    chances_ = chances;
}

}  // namespace simulation
