#include "broker/coordinator/group/streams/partition_counts.h"

#include <algorithm>
#include <string>
#include <utility>

namespace broker::coordinator::group {

using protocol::ErrorCode;

namespace {

std::unexpected<PartitionCounts::Failure> invalid(std::string message) {
    return std::unexpected(PartitionCounts::Failure{
        .refusal = {ErrorCode::streams_invalid_topology, std::move(message)}, .is_problem = false});
}

std::unexpected<PartitionCounts::Failure> incorrectly_partitioned(std::string message) {
    return std::unexpected(PartitionCounts::Failure{
        .refusal = {ErrorCode::streams_invalid_topology, std::move(message)}, .is_problem = true});
}

// "{orders=3, users=4}"
std::string text(const std::map<std::string_view, int32_t>& counts) {
    std::string text = "{";
    for (const auto& [topic, count] : counts) {
        if (text.size() > 1) text += ", ";
        text += std::string(topic) + "=" + std::to_string(count);
    }
    return text + "}";
}

void raise_to(std::optional<int32_t>& most, int32_t count) {
    most = std::max(most.value_or(count), count);
}

// The repartition topics of a topology, whose counts follow from each other: what a subtopology
// writes to has the most partitions of what it reads. A subtopology waits until the count of one
// topic that it reads is known. Kafka looks at all subtopologies in turn, again and again; the
// order is the same here, but each is looked at only when one of its topics has become known.
class Derivation {
  public:
    using Subtopology = StreamsTopology::Subtopology;
    using Counts = std::map<std::string_view, int32_t>;

    Derivation(const StreamsTopology& topology, Counts& known) : known_(known) {
        for (const auto& [id, subtopology] : topology.subtopologies) {
            due_.insert({0, subtopologies_.size()});
            subtopologies_.push_back(&subtopology);
        }
        waits_.resize(subtopologies_.size());
    }

    // Whether each of them has got its count.
    bool run(auto&& widest_known) {
        while (!due_.empty()) {
            const auto [round, index] = due_.extract(due_.begin()).value();
            const Subtopology& subtopology = *subtopologies_[index];
            waits_[index] = false;
            if (has_all_known(subtopology)) continue;
            if (const std::optional<int32_t> count = widest_known(subtopology)) {
                for (const std::string& sink : subtopology.repartition_sink_topics)
                    if (known_.emplace(sink, *count).second) wake_readers(sink, round, index);
                continue;
            }
            waits_[index] = true;
            for (const auto& source : subtopology.repartition_source_topics)
                readers_[source.name].push_back(index);
        }
        for (size_t index = 0; index < subtopologies_.size(); ++index)
            if (waits_[index] && !has_all_known(*subtopologies_[index])) return false;
        return true;
    }

  private:
    bool has_all_known(const Subtopology& subtopology) const {
        return std::ranges::all_of(subtopology.repartition_sink_topics,
                                   [&](const std::string& sink) { return known_.contains(sink); });
    }

    void wake_readers(std::string_view topic, size_t round, size_t writer) {
        const auto readers = readers_.find(topic);
        if (readers == readers_.end()) return;
        for (const size_t reader : readers->second) {
            if (!waits_[reader]) continue;
            waits_[reader] = false;
            due_.insert({reader > writer ? round : round + 1, reader});
        }
        readers_.erase(readers);
    }

    Counts& known_;
    std::vector<const Subtopology*> subtopologies_;
    std::set<std::pair<size_t, size_t>> due_;  // round and subtopology
    std::vector<bool> waits_;
    std::map<std::string_view, std::vector<size_t>> readers_;
};

}  // namespace

std::expected<void, Refusal> PartitionCounts::find_copartitioned() {
    const auto is_index = [](int16_t index, size_t count) {
        return index >= 0 && static_cast<size_t>(index) < count;
    };
    for (const auto& [id, subtopology] : topology_.subtopologies)
        for (const auto& group : subtopology.copartition_groups) {
            TopicNames names;
            const auto& sources = subtopology.source_topics;
            const auto& repartition_sources = subtopology.repartition_source_topics;
            for (const int16_t index : group.source_topics) {
                if (!is_index(index, sources.size()))
                    return std::unexpected(
                        Refusal{ErrorCode::unknown_server_error,
                                "A copartition group names a topic that there is not."});
                names.insert(sources[static_cast<size_t>(index)]);
            }
            for (const int16_t index : group.repartition_source_topics) {
                if (!is_index(index, repartition_sources.size()))
                    return std::unexpected(
                        Refusal{ErrorCode::unknown_server_error,
                                "A copartition group names a topic that there is not."});
                names.insert(repartition_sources[static_cast<size_t>(index)].name);
            }
            copartition_groups_.push_back(std::move(names));
        }
    return {};
}

std::expected<void, PartitionCounts::Failure> PartitionCounts::decide() {
    for (const auto& [id, subtopology] : topology_.subtopologies)
        for (const auto& topic : subtopology.repartition_source_topics)
            (topic.partitions != 0 ? fixed_ : flexible_).insert(topic.name);
    if (auto done = decide_repartition_topics(); !done) return done;
    for (const TopicNames& group : copartition_groups_)
        if (auto done = enforce(group); !done) return done;
    return decide_changelogs();
}

int32_t PartitionCounts::decided(std::string_view topic) const {
    const auto count = decided_.find(topic);
    return count == decided_.end() ? 0 : count->second;
}

std::optional<int32_t> PartitionCounts::count(std::string_view topic) const {
    if (const auto there = cluster_.find_topic(topic)) return there->partition_count;
    const auto decided = decided_.find(topic);
    if (decided == decided_.end()) return std::nullopt;
    return decided->second;
}

std::optional<int32_t> PartitionCounts::widest_source(const Subtopology& subtopology) const {
    std::optional<int32_t> most;
    for (const std::string& topic : subtopology.source_topics)
        if (const auto partitions = count(topic)) raise_to(most, *partitions);
    for (const auto& topic : subtopology.repartition_source_topics)
        if (const auto partitions = count(topic.name)) raise_to(most, *partitions);
    return most;
}

std::expected<void, PartitionCounts::Failure> PartitionCounts::decide_repartition_topics() {
    Counts known;
    for (const auto& [id, subtopology] : topology_.subtopologies)
        for (const auto& topic : subtopology.repartition_source_topics)
            if (topic.partitions != 0) known.insert_or_assign(topic.name, topic.partitions);
    Derivation derivation(topology_, known);
    if (!derivation.run([&](const Subtopology& it) { return widest_known(it, known); }))
        return invalid(
            "Failed to compute number of partitions for all repartition topics. There may be loops "
            "in the topology that cannot be resolved.");
    for (const TopicNames* topics : {&fixed_, &flexible_})
        for (const std::string_view topic : *topics)
            if (!known.contains(topic))
                return invalid(
                    "Failed to compute number of partitions for all repartition topics, because a "
                    "repartition source topic is never used as a sink topic.");
    decided_ = std::move(known);
    return {};
}

// Here only what is known of repartition topics counts, whether they are there or not.
std::optional<int32_t> PartitionCounts::widest_known(const Subtopology& subtopology,
                                                     const Counts& known) const {
    std::optional<int32_t> most;
    for (const auto& topic : subtopology.repartition_source_topics)
        if (const auto found = known.find(topic.name); found != known.end())
            raise_to(most, found->second);
    for (const std::string& topic : subtopology.source_topics)
        if (const auto there = cluster_.find_topic(topic)) raise_to(most, there->partition_count);
    return most;
}

std::expected<void, PartitionCounts::Failure> PartitionCounts::enforce(
    const TopicNames& copartitioned) {
    if (copartitioned.empty()) return {};
    Counts repartition;
    Counts others;
    for (const std::string_view topic : copartitioned) {
        const bool is_repartition = fixed_.contains(topic) || flexible_.contains(topic);
        (is_repartition ? repartition : others).emplace(topic, count(topic).value_or(0));
    }
    const auto wanted = count_of_all(copartitioned, repartition, others);
    if (!wanted) return std::unexpected(wanted.error());
    for (const auto& [topic, partitions] : repartition) {
        decided_[topic] = *wanted;
        if (fixed_.contains(topic) && partitions != *wanted)
            return incorrectly_partitioned("Number of partitions [" + std::to_string(partitions) +
                                           "] of repartition topic [" + std::string(topic) +
                                           "] doesn't match number of partitions [" +
                                           std::to_string(*wanted) + "] of the source topic.");
    }
    return {};
}

std::expected<int32_t, PartitionCounts::Failure> PartitionCounts::count_of_all(
    const TopicNames& copartitioned, const Counts& repartition, const Counts& others) const {
    if (repartition.size() < copartitioned.size()) {
        const int32_t first = others.begin()->second;
        if (std::ranges::any_of(others, [&](const auto& it) { return it.second != first; }))
            return incorrectly_partitioned(
                "Following topics do not have the same number of partitions: [" + text(others) +
                "]");
        return first;
    }
    if (!fixed_.empty()) {
        // As in Kafka: all that the application fixed anywhere, not only those of this group.
        if (!have_fixed_topics_one_count())
            return incorrectly_partitioned(
                "Following topics do not have the same number of partitions: [" +
                text(repartition) + "]");
        return count(*fixed_.begin()).value_or(0);
    }
    int32_t most = 0;
    for (const auto& [topic, partitions] : repartition) most = std::max(most, partitions);
    if (most == 0)
        return invalid("All topics in the copartition group had undefined partition number.");
    return most;
}

// Their counts do not change as long as nothing is wrong with them.
bool PartitionCounts::have_fixed_topics_one_count() const {
    if (!have_fixed_topics_one_count_)
        have_fixed_topics_one_count_ = std::ranges::all_of(
            fixed_, [&, first = count(*fixed_.begin())](std::string_view topic) {
                return count(topic) == first;
            });
    return *have_fixed_topics_one_count_;
}

std::expected<void, PartitionCounts::Failure> PartitionCounts::decide_changelogs() {
    Counts changelogs;
    for (const auto& [id, subtopology] : topology_.subtopologies) {
        const auto partitions = widest_source(subtopology);
        if (!partitions) return invalid("No source topics found for subtopology " + id);
        for (const auto& topic : subtopology.state_changelog_topics)
            changelogs.insert_or_assign(topic.name, *partitions);
    }
    for (const auto& [topic, partitions] : changelogs) decided_.insert_or_assign(topic, partitions);
    return {};
}

}  // namespace broker::coordinator::group
