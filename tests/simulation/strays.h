// Directories of partitions that somebody has put among those of a simulated broker, by mistake or
// from another one: of topics that its metadata does not know. Nothing of them may ever be lost.
#pragma once

#include <string>
#include <vector>

#include "tests/simulation/dice.h"
#include "tests/support/simulated_file_system.h"

namespace simulation {

class Strays {
  public:
    // Puts one, of this topic's name and another id, into the directory, unless one of its name is
    // there. Requires: no broker is running.
    void plant(support::SimulatedFileSystem& disk, Dice& dice, const std::string& directory,
               const std::string& topic);
    // Each is where it was put, or set aside beside it; and is whole.
    void check(support::SimulatedFileSystem& disk) const;
    // The name, in the same directory, under which a log that belongs to no topic is kept.
    static std::string set_aside(const std::string& name, const protocol::Uuid& topic_id);
    // Whether it is one of these, by its path.
    bool contains(const std::string& path) const;
    // Whether the violation says that one has the name of a topic which has not needed it yet.
    bool explain(const std::string& violation) const;
    size_t count() const { return planted_.size(); }

  private:
    struct Planted {
        std::string path, path_set_aside;
        protocol::Blob log;
    };
    std::vector<Planted> planted_;
};

}  // namespace simulation
