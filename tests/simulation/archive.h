// What is known of the logs of a simulated broker, from all that it has answered: where each
// begins, what stands at which offset, and what may be gone. Whatever contradicts itself is a
// violation.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "protocol/types.h"
#include "tests/simulation/ledger.h"

namespace simulation {

// A topic as it is made each time; one that was deleted comes back with another id.
struct TopicPlan {
    std::string name;
    int32_t partition_count = 1;
    int64_t segment_bytes = 1'000;
    int64_t segment_ms = 5'000;
    int64_t retention_ms = -1;
    int64_t retention_bytes = -1;
    int64_t file_delete_delay_ms = 0;
};

// One partition of one topic, for as long as the topic has this id.
class Account {
  public:
    Account(const TopicPlan& plan, const protocol::Uuid& topic_id, int32_t index)
        : plan_(plan), topic_id_(topic_id), index_(index) {}

    const TopicPlan& plan() const { return plan_; }
    const protocol::Uuid& topic_id() const { return topic_id_; }
    int32_t index() const { return index_; }
    std::string name() const { return plan_.name + "-" + std::to_string(index_); }

    // As far as anybody was told.
    int64_t start() const { return start_; }
    int64_t end() const { return end_; }

    // DeleteRecords was asked for; of everything, which ends when it is known where that was.
    void ask_to_delete(int64_t offset) {
        asked_start_ = std::max(asked_start_, offset);
        asked_for_all_ = false;
    }
    void ask_to_delete_all() { asked_for_all_ = true; }
    // The log begins there, said an answer to who knew that it begins at `at_least`. It begins
    // later only for a reason: what is neither too old nor too much goes when that was asked for.
    void tell_start(int64_t at_least, int64_t start, int64_t now_ms);
    // The log ends there, said an answer to who knew that it ends at `at_least`.
    void tell_end(int64_t at_least, int64_t end) const;

    // A batch is sent, and nobody knows whether the log has it until it is answered.
    void send(int64_t bytes) { bytes_sent_ += bytes; }
    void answer(int64_t bytes) { bytes_sent_ -= bytes; }
    // A batch stands there: its entries have these offsets and no others, and no other entry has
    // them. `may_be_twice`: its producer may have been forgotten in between.
    struct Batch {
        int64_t base_offset = 0;
        std::vector<Entry> entries;
        int64_t bytes = 0;
        int64_t timestamp = 0;
        int64_t next_offset() const { return base_offset + static_cast<int64_t>(entries.size()); }
    };
    void see(const Batch& batch, bool may_be_twice);

    // The process is gone. What was told until then of the start is on the disk: the log does not
    // begin earlier again.
    void end_life(int64_t told_until_ms);

  private:
    bool may_begin_at(int64_t start, int64_t now_ms) const;
    int64_t bytes_from(int64_t offset) const;

    const TopicPlan& plan_;
    const protocol::Uuid topic_id_;
    const int32_t index_;
    int64_t start_ = 0;
    int64_t end_ = 0;
    std::map<int64_t, int64_t> told_starts_;  // in this life, by when
    int64_t start_for_good_ = 0;
    int64_t start_max_ = 0;  // of all lives
    int64_t asked_start_ = 0;
    bool asked_for_all_ = false;
    std::map<int64_t, Batch> batches_;  // by base offset
    std::map<int64_t, Entry> entries_;  // by offset
    std::set<Entry> known_;
    int64_t bytes_sent_ = 0;
};

struct Topic {
    const TopicPlan& plan;
    protocol::Uuid id;
    std::vector<std::unique_ptr<Account>> partitions;
    bool is_leaving = false;    // its deletion was asked for
    uint64_t left_in_life = 0;  // of the broker
    bool is_deleted = false;    // and done
};

class Archive {
  public:
    explicit Archive(std::vector<TopicPlan> plans) : plans_(std::move(plans)) {}

    const std::vector<TopicPlan>& plans() const { return plans_; }
    // Every one there ever was.
    const std::vector<std::unique_ptr<Topic>>& topics() const { return topics_; }
    Topic& add(const TopicPlan& plan, const protocol::Uuid& id);
    // Null: there is none of this name, or it is leaving.
    Topic* find(const std::string& name) const;
    Topic& topic_of(const Account& account) const;
    // Of the topics that are not leaving.
    std::vector<Account*> accounts() const;

  private:
    const std::vector<TopicPlan> plans_;
    std::vector<std::unique_ptr<Topic>> topics_;
};

}  // namespace simulation
