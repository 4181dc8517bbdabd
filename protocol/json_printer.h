// The visitor that prints a message as JSON, with Kafka's names and in the form of its
// JsonConverter: bytes, records and uuids in base64, tagged fields at their default left out.
#pragma once

#include <charconv>
#include <cmath>
#include <utility>

#include "protocol/visitors.h"

namespace protocol {

class JsonPrinter {
  public:
    JsonPrinter(std::string& out, int16_t version) : out_(out), version_(version) {}

    template <class T>
    [[gnu::cold, gnu::noinline]] void operator()(const char* name, const T& field,
                                                 Versions present = always, Nullable = {}) {
        if (present.contains(version_)) print_member(name, field);
    }

    template <class T>
    [[gnu::cold]] void tagged(uint32_t, const char* name, const T& field, Versions present,
                              const std::type_identity_t<T>& absent = {}) {
        if (present.contains(version_) && !detail::is_absent(field, absent))
            print_member(name, field);
    }

    template <class T>
    void print(const T& field) {
        if constexpr (std::is_same_v<T, bool>)
            out_ += field ? "true" : "false";
        else if constexpr (std::is_enum_v<T>)
            print(static_cast<std::underlying_type_t<T>>(field));
        else if constexpr (std::is_arithmetic_v<T>)
            print_number(field);
        else if constexpr (std::is_same_v<T, Uuid>)
            print_base64(field.bytes, url_alphabet, /*pad=*/false);
        else if constexpr (std::is_same_v<T, Bytes> || std::is_same_v<T, Blob>)
            print_base64(field, plain_alphabet, /*pad=*/true);
        else if constexpr (std::is_same_v<T, Records>)
            print(field.bytes);
        else if constexpr (detail::is_optional<T> || std::is_same_v<T, ShortText>)
            field ? print(*field) : void(out_ += "null");
        else if constexpr (detail::Struct<T>)
            print_struct(field);
        else if constexpr (detail::Text<T>)
            print_text(field);
        else
            print_array(field);
    }

  private:
    static constexpr const char* plain_alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    static constexpr const char* url_alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    void print_key(const char* name) {
        if (!std::exchange(first_, false)) out_ += ',';
        out_ += '"';
        out_ += static_cast<char>(name[0] | 0x20);  // Kafka prints timeoutMs for TimeoutMs
        out_.append(name + 1).append("\":");
    }

    template <class T>
    void print_member(const char* name, const T& field) {
        print_key(name);
        print(field);
    }

    template <class T>
    void print_number(T value) {
        if constexpr (std::is_floating_point_v<T>) {
            if (!std::isfinite(value)) return print_not_finite(value);
        }
        char digits[32];
        const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
        out_.append(digits, end);
    }

    void print_not_finite(double value);
    void print_text(std::string_view text);
    void print_base64(Bytes data, const char* alphabet, bool pad);

    template <class T>
    void print_array(const std::vector<T>& field) {
        out_ += '[';
        for (const char* separator = ""; const T& element : field) {
            out_ += std::exchange(separator, ",");
            print(element);
        }
        out_ += ']';
    }

    template <class T>
    void print_struct(const T& message) {
        const bool outer_first = std::exchange(first_, true);
        out_ += '{';
        T::fields(*this, message);
        out_ += '}';
        first_ = outer_first;
    }

    std::string& out_;
    int16_t version_;
    bool first_ = true;  // no member printed yet in the struct at hand
};

}  // namespace protocol
