// Prints lines of facts: as Apache Kafka's dump tool does, "name: value name: value", or one JSON
// object a line.
#pragma once

#include <concepts>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "protocol/record_batch.h"

namespace inspect {

enum class Format : uint8_t { text, json };

// Appends bytes as UTF-8: what is malformed becomes U+FFFD, as Java's strings have it.
void append_utf8(std::string& target, std::string_view bytes);
bool is_utf8(std::string_view bytes);

class Printer {
  public:
    Printer(std::ostream& out, Format format) : out_(out), format_(format) {}
    ~Printer() { flush(); }
    Printer(const Printer&) = delete;
    Printer& operator=(const Printer&) = delete;

    Format format() const { return format_; }

    // Starts a line. JSON gets the type as its first member, text the mark.
    Printer& begin(std::string_view type, std::string_view mark = {});
    // The same where text is a sentence, and has none of the facts that follow.
    Printer& begin_sentence(std::string_view type, std::string_view sentence);
    void end();

    template <class T>
        requires std::integral<T>
    Printer& fact(std::string_view name, T value) {
        if constexpr (std::is_same_v<T, bool>)
            return bare(name, value ? "true" : "false");
        else
            return number(name, static_cast<int64_t>(value));
    }
    // Any bytes.
    Printer& fact(std::string_view name, std::string_view value);
    Printer& fact(std::string_view name, const char* value) {
        return fact(name, std::string_view(value));
    }
    // Text has Java's names for it: OptionalLong[5], OptionalLong.empty.
    Printer& fact(std::string_view name, const std::optional<int64_t>& value);
    Printer& list(std::string_view name, std::span<const std::string_view> values);
    // A key or a value. In JSON what is no UTF-8 goes by the name of `name`Hex, in hexadecimal.
    Printer& payload(std::string_view name, protocol::Bytes value);
    // `value` is JSON in both formats.
    Printer& json(std::string_view name, std::string_view value,
                  std::string_view text_separator = ": ");
    // In text the type is the name.
    Printer& timestamp(std::string_view type, int64_t value);

    void flush();

  private:
    Printer& number(std::string_view name, int64_t value);
    Printer& bare(std::string_view name, std::string_view value);
    // Writes what stands before a value; returns whether there is a place for one.
    bool open(std::string_view name, std::string_view text_separator = ": ");
    void quote(std::string_view bytes);

    static constexpr size_t buffer_bytes = 64 << 10;

    std::ostream& out_;
    Format format_;
    std::string buffer_;
    bool is_sentence_ = false;
    bool is_first_ = true;
};

}  // namespace inspect
