#include "tests/simulation/strays.h"

#include <fmt/format.h>

#include <algorithm>

#include "storage/partition_metadata.h"
#include "storage/segment_files.h"
#include "tests/support/batches.h"

namespace simulation {

namespace {

const std::string log_name = storage::segment_file_name(0, storage::SegmentFile::log);

}  // namespace

std::string Strays::set_aside(const std::string& name, const protocol::Uuid& topic_id) {
    std::string hex;
    for (const std::byte byte : topic_id.bytes) hex += fmt::format("{:02x}", byte);
    return name + "." + hex + "-stray";
}

void Strays::plant(support::SimulatedFileSystem& disk, Dice& dice, const std::string& directory,
                   const std::string& topic) {
    const auto index = static_cast<int32_t>(dice.below(2));
    const std::string path = directory + "/" + storage::directory_name({topic, index});
    if (disk.exists(path)) return;
    protocol::Uuid id;
    for (std::byte& byte : id.bytes) byte = static_cast<std::byte>(dice.between(1, 255));
    Planted planted{.path = path,
                    .path_set_aside = set_aside(path, id),
                    .log = support::build_batch({.record_count = 3})};
    const auto write = [&] {
        if (!disk.create_directories(path) || !storage::write_topic_id(disk, path, id))
            return false;
        const auto file = disk.open(path + "/" + log_name, storage::FileSystem::Open::create);
        return file && (*file)->write_at(planted.log, 0) && (*file)->sync() &&
               disk.sync_directory(path) && disk.sync_directory(directory);
    };
    require(write(), "a directory cannot be made");
    planted_.push_back(std::move(planted));
}

void Strays::check(support::SimulatedFileSystem& disk) const {
    for (const Planted& planted : planted_) {
        // A new log may have its place.
        const bool is_set_aside = disk.exists(planted.path_set_aside);
        const std::string file =
            (is_set_aside ? planted.path_set_aside : planted.path) + "/" + log_name;
        require(disk.exists(file) && disk.contents(file) == planted.log, planted.path + " is lost");
    }
}

bool Strays::explain(const std::string& violation) const {
    return violation.contains("topic-id") &&
           std::ranges::any_of(planted_, [&](const Planted& planted) {
               return violation.contains(planted.path + "/");
           });
}

bool Strays::contains(const std::string& path) const {
    return std::ranges::any_of(planted_, [&](const Planted& planted) {
        return planted.path == path || planted.path_set_aside == path;
    });
}

}  // namespace simulation
