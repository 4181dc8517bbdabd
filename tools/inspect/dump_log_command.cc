#include "tools/inspect/dump_log_command.h"

#include <fmt/format.h>

#include <chrono>
#include <ostream>

#include "storage/partition_metadata.h"
#include "tools/inspect/dump_log/dump_file.h"
#include "tools/inspect/verify/verify_directory.h"

namespace inspect {

namespace {

using storage::FileSystem;

constexpr int failure_status = 1;

PayloadDecoder decoder_of_directory(const std::string& path) {
    const auto partition = storage::parse_directory_name(name_of_directory(path));
    return partition ? decoder_of_topic(partition->topic) : PayloadDecoder::strings;
}

int64_t wall_clock_ms() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

bool verify(FileSystem& files, const DumpOptions& options, Printer& printer) {
    Findings findings(printer);
    std::vector<NamedDirectory> directories;
    for (const auto& path : options.paths)
        directories.push_back({.path = path, .is_in_use = is_in_use(path)});
    verify_directories(
        files, directories,
        {.now_ms = wall_clock_ms(), .producer_expiration_ms = options.producer_expiration_ms},
        findings);
    findings.summarise();
    return findings.violation_count() == 0;
}

class Dump {
  public:
    Dump(FileSystem& files, const DumpOptions& options, Printer& printer, std::ostream& error)
        : files_(files), options_(options), printer_(printer), error_(error) {}

    // Whether everything could be read.
    bool dump(const std::string& path) {
        if (files_.is_directory(path)) return dump_directory(path, /*partitions_too=*/true);
        return dump_file(path, options_.decoder.value_or(PayloadDecoder::strings));
    }

  private:
    bool dump_directory(const std::string& path, bool partitions_too) {
        const auto names = files_.list(path);
        if (!names) {
            error_ << "Could not read " << path << ": " << names.error().message() << '\n';
            return false;
        }
        const auto decoder = options_.decoder.value_or(decoder_of_directory(path));
        bool is_good = true;
        for (const auto& name : *names) {
            const auto inside = fmt::format("{}/{}", path, name);
            if (files_.is_directory(inside)) {
                if (partitions_too) is_good = dump_directory(inside, false) && is_good;
                continue;
            }
            if (parse_file_name(name).kind == FileKind::lock) continue;
            is_good = dump_file(inside, decoder) && is_good;
        }
        return is_good;
    }

    bool dump_file(const std::string& path, PayloadDecoder decoder) {
        const auto name = parse_file_name(file_name_of(path));
        const DumpContext context{files_, options_, decoder, printer_, error_};
        printer_.begin_sentence("file", fmt::format("Dumping {}", path)).fact("file", path).end();
        if (!name.leftover.empty()) return ignore(path);
        switch (name.kind) {
            case FileKind::log:
            case FileKind::metadata_snapshot:
            case FileKind::bootstrap: return dump_batches(context, path);
            case FileKind::index: return dump_index(context, path, name.offset);
            case FileKind::time_index: return dump_time_index(context, path, name.offset);
            case FileKind::transaction_index: return dump_transaction_index(context, path);
            case FileKind::producer_snapshot: return dump_producer_snapshot(context, path);
            case FileKind::unknown:
            case FileKind::lock: return ignore(path);
            default: return dump_side_file(context, path, name.kind);
        }
    }

    // As in Kafka it is no failure.
    bool ignore(const std::string& path) {
        printer_.flush();
        error_ << "Ignoring unknown file " << path << '\n';
        return true;
    }

    FileSystem& files_;
    const DumpOptions& options_;
    Printer& printer_;
    std::ostream& error_;
};

}  // namespace

int run_dump_log(FileSystem& files, std::vector<std::string> arguments, std::ostream& out,
                 std::ostream& error) {
    const auto options = parse_dump_options(std::move(arguments));
    if (!options) {
        (options.error().status == 0 ? out : error) << options.error().text;
        return options.error().status;
    }
    bool is_good = true;
    {
        Printer printer(out, options->format);
        if (options->verify) {
            is_good = verify(files, *options, printer);
        } else {
            Dump dump(files, *options, printer, error);
            for (const auto& path : options->paths) is_good = dump.dump(path) && is_good;
        }
    }
    return is_good && out.good() ? 0 : failure_status;
}

}  // namespace inspect
