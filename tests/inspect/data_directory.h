// A small and sound data directory, as a broker leaves it when it stops: what the tests of
// dump-log read, and damage.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "protocol/types.h"
#include "storage/log.h"
#include "tests/support/simulated_file_system.h"

namespace data_directory {

using protocol::Blob;

inline constexpr int64_t now_ms = 10'000'000;

// Where the things are.
inline const std::string path = "/data";
inline const std::string partition = "/data/t-0/";
inline const std::string first = "/data/t-0/00000000000000000000";
inline const std::string second = "/data/t-0/00000000000000000010";
inline const std::string third = "/data/t-0/00000000000000000017";
inline constexpr int64_t end_offset = 23;

// Of the metadata log. Its first segment ends where the newer snapshot does.
inline const std::string metadata = "/data/__cluster_metadata-0/";
inline const std::string formatted = metadata + "00000000000000000000-0000000000.checkpoint";
inline const std::string older = metadata + "00000000000000000010-0000000001.checkpoint";
inline const std::string newer = metadata + "00000000000000000015-0000000002.checkpoint";

// `t-0` of three segments and two leader epochs, with idempotent producer 7, and producers 8 and 9,
// who abort transactions, the second time at once; the metadata log, which knows t with two
// partitions, and has snapshots; properties and checkpoints. `add` may append more to t-0, leader
// epoch 1.
void make(
    support::SimulatedFileSystem& files,
    const std::function<void(storage::Log&)>& add = [](storage::Log&) {});

// The broker's other data directory, with t-1.
inline const std::string other_path = "/other";
void make_other(support::SimulatedFileSystem& files);

// Ids in it: of the topic t, and of the two data directories.
protocol::Uuid uuid(uint8_t number);
inline const protocol::Uuid topic_id = uuid(9);
inline const protocol::Uuid directory_id = uuid(3);
inline const protocol::Uuid other_directory_id = uuid(4);

// The next batch gets a later time than all before.
void append(storage::Log& log, Blob batch, int32_t leader_epoch = 1);

// Changes a file.
void edit(support::SimulatedFileSystem& files, const std::string& file,
          const std::function<void(Blob&)>& change);

// Every file, with the directories' in front.
std::vector<std::string> all_files(const storage::FileSystem& files);

}  // namespace data_directory
