// The visitors that run over a message's fields(): decode, size, encode, print.
//
// A message declares each field once, in Kafka's schema order:
//     static void fields(auto& f, auto& m) {
//         f("TimeoutMs", m.timeout_ms);                          // every version
//         f("TransactionalId", m.transactional_id, since(3));    // std::optional: nullable
//         f.tagged(0, "CurrentLeader", m.current_leader, since(10));
//     }
// Member initializers are the schema's defaults. Compact lengths and tag sections follow from
// the message's `flexible` versions; nothing here is written per message.
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "protocol/wire.h"

namespace protocol {

namespace detail {

// Accepts any visit; only used to recognise message structs.
struct NullVisitor {
    template <class T>
    void operator()(const char*, T&, Versions = always, Nullable = {}) {}
    template <class T>
    void tagged(uint32_t, const char*, T&, Versions, const std::type_identity_t<T>& = {}) {}
};

template <class T>
concept Struct = std::is_class_v<T> && requires(T& m, NullVisitor& f) { T::fields(f, m); };

template <class T>
concept Text = std::same_as<T, std::string> || std::same_as<T, std::string_view>;

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
inline constexpr bool is_array = false;
template <class T>
inline constexpr bool is_array<std::vector<T>> = true;
template <>
inline constexpr bool is_array<Blob> = false;

inline Bytes as_bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

// Whether `field` has the value that an absent tag stands for.
template <class T>
bool is_absent(const T& field, const T& absent) {
    if constexpr (is_array<T>)
        return field.empty() && absent.empty();
    else if constexpr (is_optional<T>)
        return !field && !absent;
    else
        return field == absent;
}

}  // namespace detail

class Decoder {
  public:
    Decoder(Reader& reader, int16_t version, bool flexible)
        : reader_(reader), version_(version), flexible_(flexible) {}

    template <class T>
    void operator()(const char*, T& field, Versions present = always,
                    Nullable = {}) {
        if (present.contains(version_)) read(field);
    }

    template <class T>
    void tagged(uint32_t, const char*, T&, Versions, const std::type_identity_t<T>& = {}) {
    }  // see TagDecoder

    template <class T>
    void read(T& field) {
        if constexpr (std::is_same_v<T, bool>)
            field = reader_.integer<uint8_t>() != 0;
        else if constexpr (std::is_enum_v<T>)
            field = static_cast<T>(reader_.integer<std::underlying_type_t<T>>());
        else if constexpr (std::is_integral_v<T>)
            field = reader_.integer<T>();
        else if constexpr (std::is_same_v<T, double>)
            field = std::bit_cast<double>(reader_.integer<uint64_t>());
        else if constexpr (std::is_same_v<T, Uuid>)
            read_uuid(field);
        else if constexpr (detail::is_optional<T>)
            read_nullable(field);
        else if constexpr (detail::Struct<T>)
            read_struct(field);
        else
            read_sized(field, read_length<T>());
    }

  private:
    static constexpr int64_t null_length = -1;

    template <class T>
    int64_t read_length() {
        if (flexible_) return int64_t{reader_.unsigned_varint()} - 1;
        if constexpr (detail::Text<T>)
            return reader_.integer<int16_t>();
        else
            return reader_.integer<int32_t>();
    }

    template <class T>
    void read_nullable(std::optional<T>& field) {
        if constexpr (detail::Struct<T>) {
            if (reader_.integer<int8_t>() < 0)
                field.reset();
            else
                read_struct(field.emplace());
        } else {
            const int64_t length = read_length<T>();
            if (length == null_length)
                field.reset();
            else
                read_sized(field.emplace(), length);
        }
    }

    void read_uuid(Uuid& field) {
        const Bytes raw = reader_.bytes(field.bytes.size());
        if (!raw.empty()) std::memcpy(field.bytes.data(), raw.data(), raw.size());
    }

    template <detail::Text T>
    void read_sized(T& field, int64_t length) {
        if (length < 0) return reader_.fail();
        const Bytes raw = reader_.bytes(static_cast<size_t>(length));
        field = T(reinterpret_cast<const char*>(raw.data()), raw.size());
    }

    void read_sized(Bytes& field, int64_t length) {
        if (length < 0) return reader_.fail();
        field = reader_.bytes(static_cast<size_t>(length));
    }

    void read_sized(Blob& field, int64_t length) {
        if (length < 0) return reader_.fail();
        const Bytes raw = reader_.bytes(static_cast<size_t>(length));
        field.assign(raw.begin(), raw.end());
    }

    void read_sized(Records& field, int64_t length) { read_sized(field.bytes, length); }

    template <class T>
    void read_sized(std::vector<T>& field, int64_t count) {
        // Every element takes at least one byte, so a larger count is malformed, not a reason
        // to reserve memory.
        if (count < 0 || static_cast<uint64_t>(count) > reader_.remaining()) return reader_.fail();
        field.reserve(static_cast<size_t>(count));
        for (int64_t i = 0; i < count && reader_.ok(); ++i) read(field.emplace_back());
    }

    template <class T>
    void read_struct(T& message) {
        T::fields(*this, message);
        if (flexible_) read_tags(message);
    }

    template <class T>
    void read_tags(T& message);

    Reader& reader_;
    int16_t version_;
    bool flexible_;
};

// Second pass over a struct's fields: fills in the one field that carries `tag`.
class TagDecoder {
  public:
    TagDecoder(Reader& body, int16_t version, uint32_t tag)
        : body_(body), version_(version), tag_(tag) {}

    template <class T>
    void operator()(const char*, T&, Versions = always, Nullable = {}) {}

    template <class T>
    void tagged(uint32_t tag, const char*, T& field, Versions present,
                const std::type_identity_t<T>& = {}) {
        if (tag == tag_ && present.contains(version_))
            Decoder(body_, version_, /*flexible=*/true).read(field);
    }

  private:
    Reader& body_;
    int16_t version_;
    uint32_t tag_;
};

template <class T>
void Decoder::read_tags(T& message) {
    for (uint32_t count = reader_.unsigned_varint(); count > 0 && reader_.ok(); --count) {
        const uint32_t tag = reader_.unsigned_varint();
        Reader body(reader_.bytes(reader_.unsigned_varint()));
        TagDecoder visitor(body, version_, tag);
        T::fields(visitor, message);
        if (!body.ok()) reader_.fail();
    }
}

// Writes to a sink: SizeSink measures, BufferSink writes, GatherSink leaves records in place.
template <class Sink>
class Encoder {
  public:
    Encoder(Sink& sink, int16_t version, bool flexible)
        : sink_(sink), version_(version), flexible_(flexible) {}

    template <class T>
    void operator()(const char*, const T& field, Versions present = always,
                    Nullable = {}) {
        if (present.contains(version_)) write(field);
    }

    template <class T>
    void tagged(uint32_t, const char*, const T& field, Versions present,
                const std::type_identity_t<T>& absent = {}) {
        if (present.contains(version_) && !detail::is_absent(field, absent)) ++tag_count_;
    }

    template <class T>
    void write(const T& field) {
        if constexpr (std::is_same_v<T, bool>)
            sink_.template integer<uint8_t>(field);
        else if constexpr (std::is_enum_v<T>)
            sink_.integer(static_cast<std::underlying_type_t<T>>(field));
        else if constexpr (std::is_integral_v<T>)
            sink_.integer(field);
        else if constexpr (std::is_same_v<T, double>)
            sink_.integer(std::bit_cast<uint64_t>(field));
        else if constexpr (std::is_same_v<T, Uuid>)
            sink_.bytes(field.bytes);
        else if constexpr (detail::is_optional<T>)
            write_nullable(field);
        else if constexpr (detail::Struct<T>)
            write_struct(field);
        else
            write_sized(field);
    }

  private:
    template <class T>
    void write_length(int64_t length) {
        if (flexible_)
            sink_.unsigned_varint(static_cast<uint32_t>(length + 1));
        else if constexpr (detail::Text<T>)
            sink_.integer(static_cast<int16_t>(length));
        else
            sink_.integer(static_cast<int32_t>(length));
    }

    template <class T>
    void write_nullable(const std::optional<T>& field) {
        if constexpr (detail::Struct<T>) {
            sink_.template integer<int8_t>(field ? 1 : -1);
            if (field) write_struct(*field);
        } else {
            if (field)
                write_sized(*field);
            else
                write_length<T>(-1);
        }
    }

    template <detail::Text T>
    void write_sized(const T& field) {
        write_length<T>(static_cast<int64_t>(field.size()));
        sink_.bytes(detail::as_bytes(field));
    }

    void write_sized(const Bytes& field) {
        write_length<Bytes>(static_cast<int64_t>(field.size()));
        sink_.bytes(field);
    }

    void write_sized(const Blob& field) { write_sized(Bytes(field)); }

    void write_sized(const Records& field) {
        write_length<Records>(static_cast<int64_t>(field.bytes.size()));
        sink_.records(field.bytes);
    }

    template <class T>
    void write_sized(const std::vector<T>& field) {
        write_length<std::vector<T>>(static_cast<int64_t>(field.size()));
        for (const T& element : field) write(element);
    }

    template <class T>
    void write_struct(const T& message);

    Sink& sink_;
    int16_t version_;
    bool flexible_;
    uint32_t tag_count_ = 0;  // of the struct being written
};

// Second pass over a struct's fields: writes those tagged fields that differ from their default.
template <class Sink>
class TagEncoder {
  public:
    TagEncoder(Sink& sink, int16_t version) : sink_(sink), version_(version) {}

    template <class T>
    void operator()(const char*, const T&, Versions = always, Nullable = {}) {}

    template <class T>
    void tagged(uint32_t tag, const char*, const T& field, Versions present,
                const std::type_identity_t<T>& absent = {}) {
        if (!present.contains(version_) || detail::is_absent(field, absent)) return;
        SizeSink body;
        Encoder<SizeSink>(body, version_, true).write(field);
        sink_.unsigned_varint(tag);
        sink_.unsigned_varint(static_cast<uint32_t>(body.size()));
        Encoder<Sink>(sink_, version_, true).write(field);
    }

  private:
    Sink& sink_;
    int16_t version_;
};

template <class Sink>
template <class T>
void Encoder<Sink>::write_struct(const T& message) {
    const uint32_t outer_count = std::exchange(tag_count_, 0);
    T::fields(*this, message);
    if (flexible_) {
        sink_.unsigned_varint(tag_count_);
        if (tag_count_ > 0) {
            TagEncoder<Sink> visitor(sink_, version_);
            T::fields(visitor, message);
        }
    }
    tag_count_ = outer_count;
}

// JSON with Kafka's names, as its request log prints it (KIP-673): records as their size only.
class JsonPrinter {
  public:
    JsonPrinter(std::string& out, int16_t version) : out_(out), version_(version) {}

    template <class T>
    [[gnu::cold, gnu::noinline]] void operator()(const char* name, const T& field,
                                                 Versions present = always,
                    Nullable = {}) {
        if (present.contains(version_)) print_member(name, field);
    }

    template <class T>
    void tagged(uint32_t, const char* name, const T& field, Versions present,
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
        else if constexpr (detail::is_optional<T>)
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

    void print_key(const char* name, const char* suffix = "") {
        if (!std::exchange(first_, false)) out_ += ',';
        out_ += '"';
        out_ += static_cast<char>(name[0] | 0x20);  // Kafka prints timeoutMs for TimeoutMs
        out_.append(name + 1).append(suffix).append("\":");
    }

    template <class T>
    void print_member(const char* name, const T& field) {
        print_key(name);
        print(field);
    }

    void print_member(const char* name, const Records& field) {
        print_key(name, "SizeInBytes");
        print_number(field.bytes.size());
    }

    void print_member(const char* name, const std::optional<Records>& field) {
        if (field) return print_member(name, *field);
        print_key(name);
        out_ += "null";
    }

    template <class T>
    void print_number(T value) {
        char digits[32];
        const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
        out_.append(digits, end);
    }

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
