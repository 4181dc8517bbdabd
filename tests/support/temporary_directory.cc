#include "tests/support/temporary_directory.h"

#include <cstdlib>
#include <system_error>

namespace support {

TemporaryDirectory::TemporaryDirectory()
    : path_(std::filesystem::temp_directory_path() / "einmal-test-XXXXXX") {
    if (!::mkdtemp(path_.data()))
        throw std::system_error(errno, std::generic_category(), "mkdtemp " + path_);
}

TemporaryDirectory::~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace support
