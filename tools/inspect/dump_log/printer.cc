#include "tools/inspect/dump_log/printer.h"

#include <fmt/format.h>

#include <iterator>
#include <ostream>

#include "storage/file_system.h"
#include "tools/inspect/hex.h"
#include "tools/inspect/names.h"

namespace inspect {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

// What a lead byte says of the character it begins; `length` 0: it begins none.
struct Lead {
    size_t length = 0;
    unsigned char second_min = 0x80;
    unsigned char second_max = 0xBF;
};

Lead lead_of(unsigned char byte) {
    if (byte < 0x80) return {1};
    if (byte < 0xC2 || byte > 0xF4) return {};
    if (byte < 0xE0) return {2};
    if (byte == 0xE0) return {3, 0xA0};
    if (byte == 0xED) return {3, 0x80, 0x9F};  // surrogates
    if (byte < 0xF0) return {3};
    if (byte == 0xF0) return {4, 0x90};
    if (byte == 0xF4) return {4, 0x80, 0x8F};
    return {4};
}

struct Character {
    size_t length = 1;  // of the malformed part, otherwise
    bool is_whole = false;
};

// Requires: `bytes` is not empty.
Character first_character(std::string_view bytes) {
    const Lead lead = lead_of(static_cast<unsigned char>(bytes[0]));
    for (size_t at = 1; at < lead.length; ++at) {
        const auto byte = at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0;
        const bool fits = at == 1 ? byte >= lead.second_min && byte <= lead.second_max
                                  : byte >= 0x80 && byte <= 0xBF;
        if (!fits) return {at, false};
    }
    return {std::max<size_t>(lead.length, 1), lead.length > 0};
}

// How many of the bytes come before the first malformed character.
size_t sound_bytes(std::string_view bytes) {
    size_t at = 0;
    while (at < bytes.size()) {
        if (static_cast<unsigned char>(bytes[at]) < 0x80) {
            ++at;
            continue;
        }
        const auto [length, is_whole] = first_character(bytes.substr(at));
        if (!is_whole) return at;
        at += length;
    }
    return at;
}

}  // namespace

void append_utf8(std::string& target, std::string_view bytes) {
    while (!bytes.empty()) {
        const size_t sound = sound_bytes(bytes);
        target += bytes.substr(0, sound);
        bytes.remove_prefix(sound);
        if (bytes.empty()) return;
        target += replacement;
        bytes.remove_prefix(first_character(bytes).length);
    }
}

bool is_utf8(std::string_view bytes) { return sound_bytes(bytes) == bytes.size(); }

Printer& Printer::begin(std::string_view type, std::string_view mark) {
    is_sentence_ = false;
    is_first_ = format_ == Format::text;
    if (format_ == Format::text)
        buffer_ += mark;
    else
        fmt::format_to(std::back_inserter(buffer_), R"({{"type":"{}")", type);
    return *this;
}

Printer& Printer::begin_sentence(std::string_view type, std::string_view sentence) {
    begin(type);
    if (format_ == Format::json) return *this;
    append_utf8(buffer_, sentence);
    is_sentence_ = true;
    return *this;
}

void Printer::end() {
    buffer_ += format_ == Format::text ? "\n" : "}\n";
    if (buffer_.size() >= buffer_bytes) flush();
}

void Printer::flush() {
    out_.write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    out_.flush();
    buffer_.clear();
}

bool Printer::open(std::string_view name, std::string_view text_separator) {
    if (is_sentence_) return false;
    if (!is_first_) buffer_ += format_ == Format::text ? ' ' : ',';
    is_first_ = false;
    if (format_ == Format::text) {
        buffer_ += name;
        buffer_ += text_separator;
    } else {
        quote(name);
        buffer_ += ':';
    }
    return true;
}

void Printer::quote(std::string_view bytes) {
    const size_t start = buffer_.size();
    buffer_ += '"';
    for (const char byte : bytes) {
        if (byte == '"' || byte == '\\') {
            buffer_ += '\\';
            buffer_ += byte;
        } else if (static_cast<unsigned char>(byte) < 0x20) {
            fmt::format_to(std::back_inserter(buffer_), "\\u{:04x}", static_cast<int>(byte));
        } else {
            buffer_ += byte;
        }
    }
    if (!is_utf8(bytes)) {
        const std::string quoted = buffer_.substr(start);
        buffer_.resize(start);
        append_utf8(buffer_, quoted);
    }
    buffer_ += '"';
}

Printer& Printer::number(std::string_view name, int64_t value) {
    if (open(name)) fmt::format_to(std::back_inserter(buffer_), "{}", value);
    return *this;
}

Printer& Printer::bare(std::string_view name, std::string_view value) {
    if (open(name)) buffer_ += value;
    return *this;
}

Printer& Printer::fact(std::string_view name, std::string_view value) {
    if (!open(name)) return *this;
    if (format_ == Format::text)
        append_utf8(buffer_, value);
    else
        quote(value);
    return *this;
}

Printer& Printer::fact(std::string_view name, const std::optional<int64_t>& value) {
    if (format_ == Format::json) return value ? number(name, *value) : bare(name, "null");
    return value ? bare(name, fmt::format("OptionalLong[{}]", *value))
                 : bare(name, "OptionalLong.empty");
}

Printer& Printer::list(std::string_view name, std::span<const std::string_view> values) {
    if (!open(name)) return *this;
    buffer_ += '[';
    for (size_t i = 0; i < values.size(); ++i) {
        if (i > 0) buffer_ += ',';
        if (format_ == Format::text)
            append_utf8(buffer_, values[i]);
        else
            quote(values[i]);
    }
    buffer_ += ']';
    return *this;
}

Printer& Printer::payload(std::string_view name, protocol::Bytes value) {
    const auto text = storage::as_text(value);
    if (format_ == Format::text || is_utf8(text)) return fact(name, text);
    return fact(fmt::format("{}Hex", name), to_hex(value));
}

Printer& Printer::json(std::string_view name, std::string_view value,
                       std::string_view text_separator) {
    if (open(name, text_separator)) append_utf8(buffer_, value);
    return *this;
}

Printer& Printer::timestamp(std::string_view type, int64_t value) {
    if (format_ == Format::text) return number(type, value);
    return fact("timestampType", type).number("timestamp", value);
}

}  // namespace inspect
