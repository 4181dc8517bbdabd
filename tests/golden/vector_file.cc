#include "tests/golden/vector_file.h"

#include <zlib.h>

#include <array>
#include <memory>
#include <string>

namespace golden {

namespace {

struct Close {
    void operator()(gzFile file) const { gzclose(file); }
};
using OpenFile = std::unique_ptr<gzFile_s, Close>;

}  // namespace

bool for_each_line(const std::filesystem::path& file,
                   const std::function<void(std::string_view line)>& visit) {
    const OpenFile input(gzopen(file.c_str(), "rb"));  // reads plain files as they are
    if (!input) return false;
    const auto visit_unless_empty = [&visit](std::string_view line) {
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (!line.empty()) visit(line);
    };
    std::array<char, 1 << 16> chunk;
    std::string pending;
    int read = 0;
    while ((read = gzread(input.get(), chunk.data(), chunk.size())) > 0) {
        pending.append(chunk.data(), static_cast<size_t>(read));
        size_t begin = 0;
        for (size_t end = 0; (end = pending.find('\n', begin)) != std::string::npos;
             begin = end + 1)
            visit_unless_empty(std::string_view(pending).substr(begin, end - begin));
        pending.erase(0, begin);
    }
    visit_unless_empty(pending);
    return read == 0 && gzeof(input.get()) != 0;
}

}  // namespace golden
