#include "tools/inspect/dump_log/dump_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

namespace inspect {

namespace {

constexpr int usage_status = 2;

// What CLI11 fills in.
struct Parsed {
    DumpOptions options;
    std::string files;
    std::vector<std::string> paths;
    std::string format = "text";
    std::string key_decoder_class;
    std::string value_decoder_class;
};

std::unexpected<DumpRefusal> refuse(std::string_view reason) {
    return std::unexpected(DumpRefusal{
        usage_status, fmt::format("einmal dump-log: {} (see einmal dump-log --help)\n", reason)});
}

void describe_kafkas(CLI::App& app, Parsed& parsed) {
    DumpOptions& options = parsed.options;
    app.add_option("--files", parsed.files, "the files to dump, with commas between them")
        ->type_name("FILE,FILE...");
    app.add_flag("--print-data-log", options.print_data_log,
                 "print keys and values; so does any decoder");
    app.add_flag("--deep-iteration", options.deep_iteration,
                 "print each record; so does --print-data-log");
    app.add_flag("--skip-record-metadata", options.skip_record_metadata,
                 "of records print keys and values only, and of control records nothing");
    app.add_option("--max-bytes", options.bytes_max, "read so much of each .log file")
        ->type_name("N")
        ->check(CLI::NonNegativeNumber);
    app.add_option("--max-message-size", options.message_bytes_max,
                   "the largest batch that an index may point at, default 5242880")
        ->type_name("N")
        ->check(CLI::NonNegativeNumber);
    app.add_flag("--index-sanity-check", options.index_sanity_check,
                 "say only whether a start would take the indexes as they are");
    app.add_flag("--verify-index-only", options.verify_index_only,
                 "compare indexes with their logs, without printing them");
    const auto add_decoder = [&](const char* flag, PayloadDecoder decoder, const char* text) {
        app.add_flag_callback(flag, [&options, decoder] { options.decoder = decoder; }, text);
    };
    add_decoder("--offsets-decoder", PayloadDecoder::offsets, "decode __consumer_offsets");
    add_decoder("--transaction-log-decoder", PayloadDecoder::transaction_log,
                "decode __transaction_state");
    add_decoder("--cluster-metadata-decoder", PayloadDecoder::cluster_metadata,
                "decode __cluster_metadata, its .checkpoint files too");
    add_decoder("--share-group-state-decoder", PayloadDecoder::share_group_state,
                "decode __share_group_state");
    app.add_option("--key-decoder-class", parsed.key_decoder_class,
                   "Kafka's StringDecoder is the only one there is without Java")
        ->type_name("CLASS")
        ->expected(0, 1);
    app.add_option("--value-decoder-class", parsed.value_decoder_class, "the same for values")
        ->type_name("CLASS")
        ->expected(0, 1);
}

void describe_own(CLI::App& app, Parsed& parsed) {
    app.add_option("paths", parsed.paths, "files, partitions' directories or data directories");
    app.add_flag("--verify", parsed.options.verify,
                 "print nothing but what is wrong, in all files and between them");
    app.add_option("--producer-id-expiration-ms", parsed.options.producer_expiration_ms,
                   "--verify: producers that were idle for so long may be missing in snapshots, "
                   "default 86400000")
        ->type_name("N")
        ->check(CLI::NonNegativeNumber);
    app.add_option("--format", parsed.format, "text, or json: one object a line")
        ->type_name("FORMAT")
        ->check(CLI::IsMember({"text", "json"}));
    app.footer(
        "Without a decoder, directories of internal topics are decoded as what they are.\n"
        "Exit status: 0, 1 when a file could not be read or --verify found something, 2 for a "
        "mistake in flags.");
}

bool is_string_decoder(std::string_view name) {
    return name.empty() || name.ends_with(".StringDecoder") || name == "StringDecoder";
}

std::expected<DumpOptions, DumpRefusal> interpret(const CLI::App& app, Parsed& parsed) {
    DumpOptions& options = parsed.options;
    for (const auto& name : {parsed.key_decoder_class, parsed.value_decoder_class})
        if (!is_string_decoder(name))
            return refuse(fmt::format("{} is a class of Java's, which is not here", name));
    options.format = parsed.format == "json" ? Format::json : Format::text;
    const bool has_class = app.count("--key-decoder-class") + app.count("--value-decoder-class");
    if (has_class && !options.decoder) options.decoder = PayloadDecoder::strings;
    options.print_data_log = options.print_data_log || options.decoder;
    options.deep_iteration = options.deep_iteration || options.print_data_log;
    options.paths = parsed.paths;
    for (size_t at = 0; at < parsed.files.size();) {
        const size_t end = std::min(parsed.files.find(',', at), parsed.files.size());
        if (end > at) options.paths.push_back(parsed.files.substr(at, end - at));
        at = end + 1;
    }
    if (options.paths.empty()) return refuse("no file is named: --files, or plain paths");
    if (options.verify && (options.deep_iteration || options.index_sanity_check ||
                           options.verify_index_only || options.skip_record_metadata))
        return refuse("--verify looks at everything, and goes with no flag that chooses");
    return std::move(options);
}

}  // namespace

std::expected<DumpOptions, DumpRefusal> parse_dump_options(std::vector<std::string> arguments) {
    CLI::App app("Prints what is in the files of a data directory, or what is wrong with them.",
                 "einmal dump-log");
    Parsed parsed;
    describe_kafkas(app, parsed);
    describe_own(app, parsed);
    app.add_flag("--remote-log-metadata-decoder")->group("");
    std::ranges::reverse(arguments);  // CLI11 takes them from the back.
    try {
        app.parse(std::move(arguments));
    } catch (const CLI::CallForHelp&) {
        return std::unexpected(DumpRefusal{0, app.help()});
    } catch (const CLI::ParseError& error) {
        return refuse(error.what());
    }
    if (app.count("--remote-log-metadata-decoder") > 0)
        return refuse("there is no tiered storage here, nor a decoder for its records");
    return interpret(app, parsed);
}

}  // namespace inspect
