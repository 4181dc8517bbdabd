// The visitor that reads a message. It accepts and refuses exactly what Kafka's own parser does.
#pragma once

#include <algorithm>

#include "protocol/visitors.h"
#include "protocol/wire.h"

namespace protocol {

// Kafka's bound, checked before anything is allocated.
inline constexpr uint32_t tags_max = 10'000;

class Decoder {
  public:
    Decoder(Reader& reader, int16_t version, bool flexible)
        : reader_(reader), version_(version), flexible_(flexible) {}

    template <class T>
    void operator()(const char*, T& field, Versions present = always, Nullable null = {}) {
        if (!present.contains(version_)) return;
        if constexpr (detail::is_optional<T>)
            read_optional(field, null.versions.contains(version_));
        else
            read(field);
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
        else if constexpr (std::is_same_v<T, ShortText>)
            read_short_text(field);
        else if constexpr (detail::Struct<T>)
            read_struct(field);
        else
            read_sized(field, read_length<T>());
    }

    template <class T>
    void read_optional(std::optional<T>& field, bool nullable) {
        if constexpr (detail::Struct<T>) {
            if (nullable && reader_.integer<int8_t>() < 0)
                field.reset();
            else
                read_struct(field.emplace(T{}));
        } else {
            const int32_t length = read_length<T>();
            if (length < 0 && nullable)
                field.reset();
            else
                read_sized(field.emplace(), length);
        }
    }

  private:
    // Below zero, not only -1, stands for null. A compact length is one more than the length, and
    // wraps as Java's int does.
    template <class T>
    int32_t read_length() {
        if (flexible_) return static_cast<int32_t>(reader_.unsigned_varint() - 1);
        if constexpr (detail::Text<T>)
            return reader_.integer<int16_t>();
        else
            return reader_.integer<int32_t>();
    }

    void read_uuid(Uuid& field) {
        const Bytes raw = reader_.bytes(field.bytes.size());
        if (!raw.empty()) std::memcpy(field.bytes.data(), raw.data(), raw.size());
    }

    void read_short_text(ShortText& field) {
        const auto length = reader_.integer<int16_t>();
        if (length < 0)
            field.reset();
        else
            read_sized(field.emplace(), length);
    }

    template <detail::Text T>
    void read_sized(T& field, int32_t length) {
        if (length < 0 || static_cast<size_t>(length) > detail::text_bytes_max)
            return reader_.fail();
        const Bytes raw = reader_.bytes(static_cast<size_t>(length));
        field = T(reinterpret_cast<const char*>(raw.data()), raw.size());
    }

    void read_sized(Bytes& field, int32_t length) {
        if (length < 0) return reader_.fail();
        field = reader_.bytes(static_cast<size_t>(length));
    }

    void read_sized(Blob& field, int32_t length) {
        if (length < 0) return reader_.fail();
        const Bytes raw = reader_.bytes(static_cast<size_t>(length));
        field.assign(raw.begin(), raw.end());
    }

    void read_sized(Records& field, int32_t length) { read_sized(field.bytes, length); }

    template <class T>
    void read_sized(std::vector<T>& field, int32_t count) {
        if (count < 0 || count > reader_.array_elements_max() ||
            static_cast<size_t>(count) > reader_.remaining())
            return reader_.fail();
        // A claimed count buys no memory before its elements have been read.
        field.reserve(static_cast<size_t>(std::min(count, reserved_elements_max)));
        for (int32_t i = 0; i < count && reader_.ok(); ++i) read(field.emplace_back());
    }

    template <class T>
    void read_struct(T& message) {
        T::fields(*this, message);
        if (flexible_) read_tags(message);
    }

    template <class T>
    void read_tags(T& message);

    static constexpr int32_t reserved_elements_max = 1024;

    Reader& reader_;
    int16_t version_;
    bool flexible_;
};

// Second pass over a struct's fields: fills in the one field that carries `tag`.
class TagDecoder {
  public:
    TagDecoder(Reader& reader, int16_t version, uint32_t tag)
        : reader_(reader), version_(version), tag_(tag) {}

    // Whether the struct declares the tag.
    bool is_known() const { return is_known_; }

    template <class T>
    void operator()(const char*, T&, Versions = always, Nullable = {}) {}

    template <class T>
    void tagged(uint32_t tag, const char*, T& field, Versions present,
                const std::type_identity_t<T>& = {}) {
        if (tag != tag_) return;
        is_known_ = true;
        if (!present.contains(version_)) return reader_.fail();
        read(field);
    }

  private:
    template <class T>
    void read(T& field) {
        Decoder decoder(reader_, version_, /*flexible=*/true);
        if constexpr (!detail::is_optional<T>) {
            decoder.read(field);
        } else if constexpr (!detail::Struct<typename T::value_type>) {
            decoder.read_optional(field, /*nullable=*/true);
        } else {
            // The marker of a nullable struct is an unsigned varint here, an int8 elsewhere.
            if (static_cast<int32_t>(reader_.unsigned_varint()) <= 0)
                field.reset();
            else
                decoder.read(field.emplace(typename T::value_type{}));
        }
    }

    Reader& reader_;
    int16_t version_;
    uint32_t tag_;
    bool is_known_ = false;
};

template <class T>
void Decoder::read_tags(T& message) {
    uint32_t count = reader_.unsigned_varint();
    if (count > tags_max) return reader_.fail();
    int32_t last_unknown_tag = -1;
    for (; count > 0 && reader_.ok(); --count) {
        const uint32_t tag = reader_.unsigned_varint();
        const uint32_t size = reader_.unsigned_varint();
        TagDecoder visitor(reader_, version_, tag);
        T::fields(visitor, message);
        // As in Kafka, a known field itself says where it ends, and may come in any order and
        // twice; only the tags that nobody knows are skipped by their size and must rise.
        if (visitor.is_known()) continue;
        if (static_cast<int32_t>(tag) <= last_unknown_tag) return reader_.fail();
        last_unknown_tag = static_cast<int32_t>(tag);
        reader_.bytes(size);
    }
}

}  // namespace protocol
