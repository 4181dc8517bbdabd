#include "tests/support/simulated_file_system.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "tests/support/simulated_node.h"

namespace support {

using std::expected;
using std::unexpected;
using storage::Blob;
using storage::Bytes;
using storage::MutableBytes;

using Node = SimulatedNode;
using Done = expected<void, std::error_code>;

// A disk of its own, at a path of one name.
struct SimulatedMount {
    Node::Pointer root = std::make_shared<Node>(true);
    std::optional<Outage> outage;
    uint64_t operations_left = 0;  // until the next outage; 0: none is to come
    Outage next_outage = Outage::errors;
    uint64_t began_at = 0;  // the operation in which it went away
    uint64_t outage_count = 0;
};

struct SimulatedDisk {
    explicit SimulatedDisk(uint64_t seed) : random(seed) {}

    // A broker syncs on a thread of its own.
    std::recursive_mutex mutex;

    static constexpr uint64_t never = std::numeric_limits<uint64_t>::max();

    // Counts an operation on this mount (null: on the first disk). The error it meets, if any: that
    // of a mount which is away only where the operation is on an open file, or finds errors there.
    std::optional<std::error_code> begin(Operation kind, SimulatedMount* mount, bool is_on_file);
    std::optional<std::error_code> begin(Operation kind, const std::string& path) {
        return begin(kind, mount_of(path), /*is_on_file=*/false);
    }
    SimulatedMount* mount_of(const std::string& path);
    // Where the path begins, and how many of its parts lead there. Null: nowhere.
    std::pair<Node::Pointer, size_t> top_of(const std::vector<std::string>& parts) const;
    void take_away(const std::string& path, Outage how);
    void heal();
    // The process died in an operation before this one, which therefore does nothing.
    bool is_dead() const { return count > dies_at; }

    Node::Pointer root = std::make_shared<Node>(true);
    std::map<std::string, SimulatedMount> mounts;
    Node::Random random;
    uint64_t process = 0;  // the how many crashes there were
    std::set<const Node*> locked;

    std::array<uint64_t, operation_kinds> counts{};
    uint64_t count = 0;
    uint64_t synced_bytes = 0;

    uint64_t fails_at = never;
    std::errc failure = std::errc::io_error;
    uint64_t dies_at = never;
    std::map<Operation, std::errc> failing;
    uint64_t space_bytes = never;
};

namespace {

unexpected<std::error_code> refused(std::errc error) {
    return unexpected(std::make_error_code(error));
}

std::vector<std::string> split(std::string_view path) {
    std::vector<std::string> parts;
    while (!path.empty()) {
        const size_t end = std::min(path.find('/'), path.size());
        if (end > 0 && path.substr(0, end) != ".") parts.emplace_back(path.substr(0, end));
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    return parts;
}

// Null: not there.
Node::Pointer find(const SimulatedDisk& disk, const std::string& path) {
    const auto parts = split(path);
    auto [node, depth] = disk.top_of(parts);
    for (; depth < parts.size() && node; ++depth) {
        const auto entry = node->entries.find(parts[depth]);
        node = entry == node->entries.end() ? nullptr : entry->second;
    }
    return node;
}

// The directory that holds `path` (null: not there) and the name in it.
std::pair<Node::Pointer, std::string> locate(const SimulatedDisk& disk, const std::string& path) {
    auto parts = split(path);
    assert(!parts.empty());
    const std::string name = parts.back();
    parts.pop_back();
    auto [directory, depth] = disk.top_of(parts);
    for (; depth < parts.size() && directory; ++depth) {
        const auto entry = directory->entries.find(parts[depth]);
        directory = entry == directory->entries.end() ? nullptr : entry->second;
    }
    if (directory && !directory->is_directory) directory = nullptr;
    return {directory, name};
}

class SimulatedFile final : public storage::File {
  public:
    SimulatedFile(std::shared_ptr<SimulatedDisk> disk, SimulatedMount* mount, Node::Pointer node)
        : disk_(std::move(disk)), mount_(mount), node_(std::move(node)), process_(disk_->process) {}

    expected<size_t, std::error_code> read_at(MutableBytes target,
                                              uint64_t position) const override {
        const std::lock_guard lock(disk_->mutex);
        if (const auto error = begin(Operation::read)) return unexpected(*error);
        const Blob& contents = node_->contents;
        if (position >= contents.size()) return 0;
        const size_t size = std::min<uint64_t>(target.size(), contents.size() - position);
        std::copy_n(contents.begin() + static_cast<ptrdiff_t>(position), size, target.begin());
        return size;
    }

    Done write_at(Bytes data, uint64_t position) override {
        const std::lock_guard lock(disk_->mutex);
        if (const auto error = begin(Operation::write)) {
            if (is_current() && !disk_->is_dead() && !is_away())
                node_->write(data.first(disk_->random() % (data.size() + 1)), position);
            return unexpected(*error);
        }
        const uint64_t end = position + data.size();
        const uint64_t growth = end - std::min<uint64_t>(end, node_->contents.size());
        if (growth <= disk_->space_bytes) {
            if (disk_->space_bytes != SimulatedDisk::never) disk_->space_bytes -= growth;
            node_->write(data, position);
            return {};
        }
        node_->write(data.first(data.size() - std::min(growth - disk_->space_bytes, data.size())),
                     position);
        disk_->space_bytes = 0;
        return refused(std::errc::no_space_on_device);
    }

    Done truncate(uint64_t size) override {
        const std::lock_guard lock(disk_->mutex);
        if (const auto error = begin(Operation::truncate)) return unexpected(*error);
        node_->truncate(size);
        return {};
    }

    Done sync() override {
        const std::lock_guard lock(disk_->mutex);
        if (const auto error = begin(Operation::sync)) return unexpected(*error);
        disk_->synced_bytes += node_->sync();
        return {};
    }

    expected<uint64_t, std::error_code> size() const override {
        const std::lock_guard lock(disk_->mutex);
        if (!is_current()) return refused(std::errc::bad_file_descriptor);
        return node_->contents.size();
    }

  private:
    // A file of a process that is gone reads and writes nothing more.
    bool is_current() const { return process_ == disk_->process; }
    std::optional<std::error_code> begin(Operation kind) const {
        if (!is_current()) return std::make_error_code(std::errc::bad_file_descriptor);
        return disk_->begin(kind, mount_, /*is_on_file=*/true);
    }
    // Since before this operation.
    bool is_away() const { return mount_ && mount_->outage && mount_->began_at != disk_->count; }

    std::shared_ptr<SimulatedDisk> disk_;
    SimulatedMount* mount_;  // null: on the first disk
    Node::Pointer node_;
    uint64_t process_;
};

class SimulatedLock final : public storage::FileLock {
  public:
    SimulatedLock(std::shared_ptr<SimulatedDisk> disk, Node::Pointer node)
        : disk_(std::move(disk)), node_(std::move(node)), process_(disk_->process) {}
    ~SimulatedLock() override {
        const std::lock_guard lock(disk_->mutex);
        if (process_ == disk_->process) disk_->locked.erase(node_.get());
    }

  private:
    std::shared_ptr<SimulatedDisk> disk_;
    Node::Pointer node_;
    uint64_t process_;
};

}  // namespace

std::optional<std::error_code> SimulatedDisk::begin(Operation kind, SimulatedMount* mount,
                                                    bool is_on_file) {
    ++count;
    ++counts[static_cast<size_t>(kind)];
    if (count >= dies_at) return std::make_error_code(std::errc::io_error);
    if (mount && mount->operations_left > 0 && --mount->operations_left == 0) {
        for (const auto& [path, other] : mounts)
            if (&other == mount) take_away(path, mount->next_outage);
    }
    if (mount && mount->outage && (is_on_file || mount->outage == Outage::errors))
        return std::make_error_code(std::errc::io_error);
    if (count == fails_at) return std::make_error_code(failure);
    if (const auto found = failing.find(kind); found != failing.end())
        return std::make_error_code(found->second);
    return std::nullopt;
}

SimulatedMount* SimulatedDisk::mount_of(const std::string& path) {
    const auto parts = split(path);
    const auto found = parts.empty() ? mounts.end() : mounts.find(parts.front());
    return found == mounts.end() ? nullptr : &found->second;
}

std::pair<Node::Pointer, size_t> SimulatedDisk::top_of(
    const std::vector<std::string>& parts) const {
    const auto found = parts.empty() ? mounts.end() : mounts.find(parts.front());
    if (found == mounts.end()) return {root, 0};
    const SimulatedMount& mount = found->second;
    if (!mount.outage) return {mount.root, 1};
    if (mount.outage == Outage::errors) return {nullptr, 1};
    return {root, 0};
}

void SimulatedDisk::take_away(const std::string& path, Outage how) {
    SimulatedMount& mount = mounts.at(path);
    mount.outage = how;
    mount.operations_left = 0;
    mount.began_at = count;
    ++mount.outage_count;
    if (how == Outage::unmounted)
        root->change_entries({.added = path, .node = std::make_shared<Node>(true)});
    root->sync();
}

void SimulatedDisk::heal() {
    fails_at = dies_at = space_bytes = never;
    failing.clear();
}

SimulatedFileSystem::SimulatedFileSystem(uint64_t seed)
    : disk_(std::make_shared<SimulatedDisk>(seed)) {}
SimulatedFileSystem::~SimulatedFileSystem() = default;

expected<std::shared_ptr<storage::File>, std::error_code> SimulatedFileSystem::open(
    const std::string& path, Open mode) {
    const std::lock_guard lock(disk_->mutex);
    if (const auto error = disk_->begin(Operation::open, path)) return unexpected(*error);
    const auto [directory, name] = locate(*disk_, path);
    if (!directory) return refused(std::errc::no_such_file_or_directory);
    Node::Pointer node = find(*disk_, path);
    if (node && node->is_directory) return refused(std::errc::is_a_directory);
    if (!node) {
        if (mode != Open::create) return refused(std::errc::no_such_file_or_directory);
        node = std::make_shared<Node>(false);
        directory->change_entries({.added = name, .node = node});
    }
    return std::make_shared<SimulatedFile>(disk_, disk_->mount_of(path), std::move(node));
}

bool SimulatedFileSystem::exists(const std::string& path) const {
    const std::lock_guard lock(disk_->mutex);
    return find(*disk_, path) != nullptr;
}

bool SimulatedFileSystem::is_directory(const std::string& path) const {
    const std::lock_guard lock(disk_->mutex);
    const auto node = find(*disk_, path);
    return node && node->is_directory;
}

expected<std::vector<std::string>, std::error_code> SimulatedFileSystem::list(
    const std::string& directory) const {
    const std::lock_guard lock(disk_->mutex);
    if (const auto error = disk_->begin(Operation::list, directory)) return unexpected(*error);
    const auto node = find(*disk_, directory);
    if (!node) return refused(std::errc::no_such_file_or_directory);
    if (!node->is_directory) return refused(std::errc::not_a_directory);
    std::vector<std::string> names;
    for (const auto& [name, entry] : node->entries) names.push_back(name);
    return names;
}

Done SimulatedFileSystem::create_directories(const std::string& path) {
    const std::lock_guard lock(disk_->mutex);
    if (const auto error = disk_->begin(Operation::create_directories, path))
        return unexpected(*error);
    const auto parts = split(path);
    auto [node, depth] = disk_->top_of(parts);
    for (; depth < parts.size(); ++depth) {
        const std::string& part = parts[depth];
        if (!node->entries.contains(part))
            node->change_entries({.added = part, .node = std::make_shared<Node>(true)});
        node = node->entries.at(part);
        if (!node->is_directory) return refused(std::errc::not_a_directory);
    }
    return {};
}

Done SimulatedFileSystem::rename(const std::string& from, const std::string& to) {
    const std::lock_guard lock(disk_->mutex);
    if (const auto error = disk_->begin(Operation::rename, from)) return unexpected(*error);
    if (disk_->mount_of(from) != disk_->mount_of(to)) return refused(std::errc::cross_device_link);
    const auto [source, old_name] = locate(*disk_, from);
    const auto [target, new_name] = locate(*disk_, to);
    const auto node = find(*disk_, from);
    if (!node || !target) return refused(std::errc::no_such_file_or_directory);
    if (const auto replaced = find(*disk_, to); replaced == node) {
        return {};
    } else if (replaced) {
        if (replaced->is_directory && !node->is_directory)
            return refused(std::errc::is_a_directory);
        if (node->is_directory && !replaced->is_directory)
            return refused(std::errc::not_a_directory);
        if (!replaced->entries.empty()) return refused(std::errc::directory_not_empty);
    }
    if (source == target) {
        source->change_entries({.removed = old_name, .added = new_name, .node = node});
        return {};
    }
    source->change_entries({.removed = old_name});
    target->change_entries({.added = new_name, .node = node});
    return {};
}

Done SimulatedFileSystem::remove(const std::string& path) {
    const std::lock_guard lock(disk_->mutex);
    if (const auto error = disk_->begin(Operation::remove, path)) return unexpected(*error);
    const auto node = find(*disk_, path);
    if (!node) return refused(std::errc::no_such_file_or_directory);
    if (!node->entries.empty()) return refused(std::errc::directory_not_empty);
    const auto [directory, name] = locate(*disk_, path);
    directory->change_entries({.removed = name});
    return {};
}

Done SimulatedFileSystem::remove_all(const std::string& path) {
    const std::lock_guard lock(disk_->mutex);
    const auto node = find(*disk_, path);
    if (!node) return {};
    // One by one, as the operating system does: a crash in between leaves some of them.
    for (const auto& [name, entry] : Node::Entries(node->entries))
        if (auto done = remove_all(path + "/" + name); !done) return done;
    return remove(path);
}

expected<storage::FileSystem::Volume, std::error_code> SimulatedFileSystem::volume(
    const std::string& directory) const {
    constexpr uint64_t gigabyte = 1 << 30;
    if (!is_directory(directory)) return refused(std::errc::no_such_file_or_directory);
    return Volume{.total_bytes = 2 * gigabyte, .usable_bytes = gigabyte};
}

Done SimulatedFileSystem::sync_directory(const std::string& path) {
    const std::lock_guard lock(disk_->mutex);
    if (const auto error = disk_->begin(Operation::sync_directory, path)) return unexpected(*error);
    const auto node = find(*disk_, path);
    if (!node) return refused(std::errc::no_such_file_or_directory);
    if (!node->is_directory) return refused(std::errc::not_a_directory);
    node->sync();
    return {};
}

expected<std::unique_ptr<storage::FileLock>, std::error_code> SimulatedFileSystem::lock(
    const std::string& path) {
    const std::lock_guard lock(disk_->mutex);
    if (const auto error = disk_->begin(Operation::lock, path)) return unexpected(*error);
    if (const auto opened = open(path, Open::create); !opened) return unexpected(opened.error());
    auto node = find(*disk_, path);
    if (!disk_->locked.insert(node.get()).second)
        return refused(std::errc::resource_unavailable_try_again);
    return std::make_unique<SimulatedLock>(disk_, std::move(node));
}

void SimulatedFileSystem::fail_at(uint64_t nth, std::errc error) {
    const std::lock_guard lock(disk_->mutex);
    disk_->fails_at = disk_->count + nth;
    disk_->failure = error;
}

void SimulatedFileSystem::die_at(uint64_t nth) {
    const std::lock_guard lock(disk_->mutex);
    disk_->dies_at = disk_->count + nth;
}
bool SimulatedFileSystem::has_died() const {
    const std::lock_guard lock(disk_->mutex);
    return disk_->count >= disk_->dies_at;
}

void SimulatedFileSystem::fail_every(Operation kind, std::errc error) {
    const std::lock_guard lock(disk_->mutex);
    disk_->failing[kind] = error;
}

void SimulatedFileSystem::limit_space(uint64_t bytes) {
    const std::lock_guard lock(disk_->mutex);
    disk_->space_bytes = bytes;
}

void SimulatedFileSystem::heal() {
    const std::lock_guard lock(disk_->mutex);
    disk_->heal();
}

void SimulatedFileSystem::crash(Crash how) {
    const std::lock_guard lock(disk_->mutex);
    disk_->heal();
    disk_->locked.clear();
    ++disk_->process;
    if (how != Crash::power_cut) return;
    disk_->root->cut_power(disk_->random);
    for (auto& [path, mount] : disk_->mounts) mount.root->cut_power(disk_->random);
}

void SimulatedFileSystem::mount(const std::string& path) {
    const std::lock_guard lock(disk_->mutex);
    assert(split(path) == std::vector{path});
    disk_->mounts[path];
}

void SimulatedFileSystem::take_away(const std::string& path, Outage how, uint64_t nth) {
    const std::lock_guard lock(disk_->mutex);
    SimulatedMount& mount = disk_->mounts.at(path);
    assert(!mount.outage);
    mount.next_outage = how;
    mount.operations_left = nth;
    if (nth == 0) disk_->take_away(path, how);
}

bool SimulatedFileSystem::is_away(const std::string& path) const {
    const std::lock_guard lock(disk_->mutex);
    return disk_->mounts.at(path).outage.has_value();
}

uint64_t SimulatedFileSystem::outage_count(const std::string& path) const {
    const std::lock_guard lock(disk_->mutex);
    return disk_->mounts.at(path).outage_count;
}

void SimulatedFileSystem::bring_back(const std::string& path) {
    const std::lock_guard lock(disk_->mutex);
    SimulatedMount& mount = disk_->mounts.at(path);
    mount.outage.reset();
    mount.operations_left = 0;
    disk_->root->change_entries({.removed = path});
    disk_->root->sync();
}

uint64_t SimulatedFileSystem::operation_count() const {
    const std::lock_guard lock(disk_->mutex);
    return disk_->count;
}

uint64_t SimulatedFileSystem::operation_count(Operation kind) const {
    const std::lock_guard lock(disk_->mutex);
    return disk_->counts[static_cast<size_t>(kind)];
}

uint64_t SimulatedFileSystem::synced_bytes() const {
    const std::lock_guard lock(disk_->mutex);
    return disk_->synced_bytes;
}

Blob SimulatedFileSystem::contents(const std::string& path) const {
    const std::lock_guard lock(disk_->mutex);
    const auto node = find(*disk_, path);
    assert(node && !node->is_directory);
    return node->contents;
}

void SimulatedFileSystem::overwrite(const std::string& path, Bytes contents) {
    const std::lock_guard lock(disk_->mutex);
    const auto [directory, name] = locate(*disk_, path);
    assert(directory);
    if (!directory->entries.contains(name))
        directory->change_entries({.added = name, .node = std::make_shared<Node>(false)});
    const auto node = directory->entries.at(name);
    node->truncate(0);
    node->write(contents, 0);
}

void SimulatedFileSystem::flip_bits(const std::string& path, uint64_t position, std::byte mask) {
    const std::lock_guard lock(disk_->mutex);
    const auto node = find(*disk_, path);
    assert(node && position < node->contents.size());
    const std::byte flipped = node->contents[position] ^ mask;
    node->write(Bytes(&flipped, 1), position);
    node->sync();
}

}  // namespace support
