#include "storage/leader_epochs.h"

#include <doctest/doctest.h>

using namespace storage;
using Entries = std::vector<LeaderEpochStart>;
using EpochEnd = LeaderEpochs::EpochEnd;

namespace {

LeaderEpochs epochs_of(const Entries& entries) {
    LeaderEpochs epochs;
    for (const auto& entry : entries) epochs.assign(entry.epoch, entry.start_offset);
    return epochs;
}

}  // namespace

TEST_CASE("an epoch is noted once, where it starts") {
    LeaderEpochs epochs;
    CHECK(epochs.latest() == -1);
    CHECK(epochs.assign(0, 0));
    CHECK_FALSE(epochs.assign(0, 5));
    CHECK(epochs.assign(2, 10));
    CHECK(epochs.latest() == 2);
    CHECK(epochs.entries() == Entries{{0, 0}, {2, 10}});
}

TEST_CASE("an epoch that starts at the same offset replaces one that wrote nothing") {
    auto epochs = epochs_of({{0, 0}, {1, 10}});
    CHECK(epochs.assign(2, 10));
    CHECK(epochs.entries() == Entries{{0, 0}, {2, 10}});
}

TEST_CASE("what contradicts a new entry goes") {
    auto epochs = epochs_of({{0, 0}, {3, 10}, {5, 20}});
    CHECK(epochs.assign(2, 15));
    CHECK(epochs.entries() == Entries{{0, 0}, {2, 15}});
    CHECK(epochs.assign(2, 12));
    CHECK(epochs.entries() == Entries{{0, 0}, {2, 12}});
}

TEST_CASE("the end of an epoch is the start of the next, or the end of the log") {
    const auto epochs = epochs_of({{2, 10}, {4, 20}, {7, 30}});
    CHECK(epochs.end_offset_of(2, 99) == EpochEnd{2, 20});
    CHECK(epochs.end_offset_of(3, 99) == EpochEnd{2, 20});
    CHECK(epochs.end_offset_of(4, 99) == EpochEnd{4, 30});
    CHECK(epochs.end_offset_of(7, 99) == EpochEnd{7, 99});
}

TEST_CASE("the end of an epoch before all known ones is the start of the first") {
    CHECK(epochs_of({{2, 10}}).end_offset_of(1, 99) == EpochEnd{1, 10});
}

TEST_CASE("nothing is known of a later epoch, of none, and in an empty log") {
    const auto epochs = epochs_of({{2, 10}});
    CHECK(epochs.end_offset_of(3, 99) == EpochEnd{-1, -1});
    CHECK(epochs.end_offset_of(-1, 99) == EpochEnd{-1, -1});
    CHECK(LeaderEpochs().end_offset_of(0, 99) == EpochEnd{-1, -1});
}

TEST_CASE("an offset has the epoch that wrote it") {
    const auto epochs = epochs_of({{2, 10}, {4, 20}});
    CHECK(epochs.epoch_of(9) == std::nullopt);
    CHECK(epochs.epoch_of(10) == 2);
    CHECK(epochs.epoch_of(19) == 2);
    CHECK(epochs.epoch_of(1'000) == 4);
}

TEST_CASE("cutting the log's end forgets epochs that start there") {
    auto epochs = epochs_of({{2, 10}, {4, 20}, {5, 30}});
    CHECK_FALSE(epochs.truncate_from_end(31));
    CHECK(epochs.truncate_from_end(20));
    CHECK(epochs.entries() == Entries{{2, 10}});
}

TEST_CASE("cutting the log's start moves the start of the epoch it cuts") {
    auto epochs = epochs_of({{2, 10}, {4, 20}, {5, 30}});
    CHECK_FALSE(epochs.truncate_from_start(5));
    CHECK_FALSE(epochs.truncate_from_start(10));
    CHECK(epochs.truncate_from_start(25));
    CHECK(epochs.entries() == Entries{{4, 25}, {5, 30}});
    CHECK(epochs.truncate_from_start(30));
    CHECK(epochs.entries() == Entries{{5, 30}});
}

TEST_CASE("the file is Kafka's leader-epoch-checkpoint") {
    const auto epochs = epochs_of({{0, 0}, {12, 34567}});
    CHECK(epochs.encode() == "0\n2\n0 0\n12 34567\n");
    CHECK(LeaderEpochs::decode(epochs.encode())->entries() == epochs.entries());
    CHECK(LeaderEpochs().encode() == "0\n0\n");
    CHECK(LeaderEpochs::decode("0\n0\n")->entries().empty());
}

TEST_CASE("a damaged leader-epoch-checkpoint is recognised") {
    for (const auto* text :
         {"", "0", "0\n", "1\n0\n", "0\nx\n", "0\n-1\n", "0\n2\n0 0\n", "0\n1\n0 0\n1 1\n",
          "0\n1\n0\n", "0\n1\n0 \n", "0\n1\n 0\n", "0\n1\n0 0 0\n", "0\n1\n-1 0\n", "0\n1\n0 -1\n",
          "0\n2\n1 10\n1 20\n", "0\n2\n1 10\n2 10\n", "0\n1\n99999999999 0\n"})
        CHECK_MESSAGE(!LeaderEpochs::decode(text), text);
}
