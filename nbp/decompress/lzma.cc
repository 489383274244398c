// SPDX-License-Identifier: Apache-2.0
// LZMA is a stream of bits, each coded with the probability that its context has learned (a range coder), and a model that says what
// the bits mean: a literal, a match at a new distance, or a match at one of the last four distances. Written from the specification
// (Pavlov, "LZMA specification", draft of 2015); the section names below are that document's.
#include "nbp/decompress/lzma.h"

#include <bit>

namespace undine {
namespace {

// "Range Decoder"
constexpr int probability_bits = 11;
constexpr int probability_shift = 5;  // how quickly a context learns
constexpr std::uint32_t range_min = std::uint32_t{1} << 24;
// "The main loop"
constexpr std::uint32_t literal_states = 7;  // states below it: the last thing was a literal
constexpr std::uint32_t match_length_min = 2;
constexpr std::uint32_t no_distance = 0xffffffff;  // means the end marker in "Distance decoding"

class Decoder {
public:
  Decoder(std::span<const std::uint8_t> input, std::span<std::uint8_t> output, LzmaWorkspace& model)
      : next_(input.data()), end_(input.data() + input.size()), out_(output.data()), size_(output.size()), model_(model) {}

  Unpacked run() {
    auto* const probabilities = reinterpret_cast<LzmaProbability*>(&model_);
    for (std::size_t i = 0; i < sizeof model_ / sizeof(LzmaProbability); ++i) probabilities[i] = 1 << (probability_bits - 1);
    if (next_byte() != 0) return Unpacked::input_damaged;  // always 0 in a stream of LZMA
    for (int i = 0; i < 4; ++i) code_ = code_ << 8 | next_byte();
    if (ends_early_) return Unpacked::input_ends_early;
    while (at_ < size_) {
      if (!bit(model_.is_match[state_])) {
        literal();
      } else {
        const std::uint32_t length = match();
        if (distance_ == no_distance || distance_ >= at_ || length > size_ - at_)
          return ends_early_ ? Unpacked::input_ends_early : Unpacked::input_damaged;
        for (std::uint32_t left = length; left != 0; --left, ++at_) out_[at_] = out_[at_ - distance_ - 1];
      }
      if (ends_early_) return Unpacked::input_ends_early;
    }
    return Unpacked::complete;
  }

private:
  std::uint8_t next_byte() {
    if (next_ != end_) return *next_++;
    ends_early_ = true;
    return 0;
  }

  void normalize() {
    if (range_ < range_min) {
      range_ <<= 8;
      code_ = code_ << 8 | next_byte();
    }
  }

  bool bit(LzmaProbability& probability) {
    normalize();
    const std::uint32_t bound = (range_ >> probability_bits) * probability;
    if (code_ < bound) {
      range_ = bound;
      probability = static_cast<LzmaProbability>(probability + (((1 << probability_bits) - probability) >> probability_shift));
      return false;
    }
    range_ -= bound;
    code_ -= bound;
    probability = static_cast<LzmaProbability>(probability - (probability >> probability_shift));
    return true;
  }

  // A number of `bits` bits, the highest first; the bits read so far are the context of the next.
  std::uint32_t tree(LzmaProbability* contexts, int bits) {
    std::uint32_t symbol = 1;
    for (int i = 0; i < bits; ++i) symbol = symbol << 1 | std::uint32_t{bit(contexts[symbol])};
    return symbol - (std::uint32_t{1} << bits);
  }

  // The same, the lowest bit first.
  std::uint32_t reverse_tree(LzmaProbability* contexts, int bits) {
    std::uint32_t symbol = 1;
    std::uint32_t value = 0;
    for (int i = 0; i < bits; ++i) {
      const std::uint32_t one = bit(contexts[symbol]);
      symbol = symbol << 1 | one;
      value |= one << i;
    }
    return value;
  }

  // "Literal decoding": after a match, the byte that stands where the match would have gone on is part of the context.
  void literal() {
    const std::uint32_t before = at_ == 0 ? 0 : out_[at_ - 1];
    LzmaProbability* const contexts = model_.literal[before >> 5];
    std::uint32_t matched = 0;
    std::uint32_t offset = 0;
    if (state_ >= literal_states) {
      matched = out_[at_ - distance_ - 1];
      offset = 0x100;
    }
    std::uint32_t symbol = 1;
    while (symbol < 0x100) {
      matched <<= 1;
      const std::uint32_t expected = matched & offset;
      const std::uint32_t one = bit(contexts[offset + expected + symbol]);
      symbol = symbol << 1 | one;
      offset &= one ? matched : ~matched;
    }
    out_[at_++] = static_cast<std::uint8_t>(symbol);
    state_ = state_ < 4 ? 0 : state_ < 10 ? state_ - 3 : state_ - 6;
  }

  std::uint32_t length(LzmaWorkspace::Length& contexts) {
    if (!bit(contexts.is_long)) return match_length_min + tree(contexts.short_length, 3);
    if (!bit(contexts.is_very_long)) return match_length_min + 8 + tree(contexts.long_length, 3);
    return match_length_min + 16 + tree(contexts.very_long_length, 8);
  }

  // Leaves the distance (0: the byte before) in distance_; the three before it move on.
  std::uint32_t match() {
    const bool after_literal = state_ < literal_states;
    if (!bit(model_.is_repeat[state_])) {
      distances_[2] = distances_[1];
      distances_[1] = distances_[0];
      distances_[0] = distance_;
      const std::uint32_t count = length(model_.match_length);
      state_ = after_literal ? 7 : 10;
      distance_ = new_distance(count);
      return count;
    }
    if (!bit(model_.is_repeat_1_2_3[state_])) {
      if (!bit(model_.is_repeat_longer[state_])) {
        state_ = after_literal ? 9 : 11;
        return 1;
      }
    } else {
      int which = 0;
      if (bit(model_.is_repeat_2_3[state_])) which = 1 + int{bit(model_.is_repeat_3[state_])};
      const std::uint32_t again = distances_[which];
      for (int i = which; i > 0; --i) distances_[i] = distances_[i - 1];
      distances_[0] = distance_;
      distance_ = again;
    }
    state_ = after_literal ? 8 : 11;
    return length(model_.repeat_length);
  }

  // "Distance decoding"
  std::uint32_t new_distance(std::uint32_t count) {
    const std::uint32_t of_length = count - match_length_min < 3 ? count - match_length_min : 3;
    const std::uint32_t slot = tree(model_.slot[of_length], 6);
    if (slot < 4) return slot;
    const int direct_bits = static_cast<int>(slot >> 1) - 1;
    const std::uint32_t base = (2 | (slot & 1)) << direct_bits;
    if (slot < 14) return base + reverse_tree(model_.low_distance + base - slot, direct_bits);
    std::uint32_t direct = 0;
    for (int i = 4; i < direct_bits; ++i) {
      normalize();
      range_ >>= 1;
      const std::uint32_t one = code_ >= range_;
      if (one) code_ -= range_;
      direct = direct << 1 | one;
    }
    return base + (direct << 4) + reverse_tree(model_.align, 4);
  }

  const std::uint8_t* next_;
  const std::uint8_t* const end_;
  std::uint8_t* const out_;
  const std::size_t size_;
  std::size_t at_ = 0;
  LzmaWorkspace& model_;
  std::uint32_t range_ = 0xffffffff;
  std::uint32_t code_ = 0;
  std::uint32_t state_ = 0;  // 0 to 11: what the last things were
  std::uint32_t distance_ = 0;
  std::uint32_t distances_[3] = {};  // the three before it, the latest first
  bool ends_early_ = false;
};

// The built-in ones, since there is no function memcpy here; and this machine counts octets from the lowest, as the program does.
static_assert(std::endian::native == std::endian::little);
std::uint32_t load_le32(const std::uint8_t* at) {
  std::uint32_t value;
  __builtin_memcpy(&value, at, sizeof value);
  return value;
}
void store_le32(std::uint8_t* at, std::uint32_t value) { __builtin_memcpy(at, &value, sizeof value); }

}  // namespace

Unpacked lzma_unpack(std::span<const std::uint8_t> input, std::span<std::uint8_t> output, LzmaWorkspace& workspace) {
  return Decoder{input, output, workspace}.run();
}

// The filter went up and changed the four bytes after each branch, whatever it had done to them before; so this goes down.
void undo_branch_filter(std::span<std::uint8_t> program) {
  std::uint8_t* const bytes = program.data();
  const auto size = static_cast<std::uint32_t>(program.size());
  for (std::uint32_t i = size < 5 ? 0 : size - 4; i-- > 0;) {
    const bool call_or_jump = (bytes[i] & 0xfe) == 0xe8;
    const bool jump_if = i != 0 && (bytes[i] & 0xf0) == 0x80 && bytes[i - 1] == 0x0f;
    if (!call_or_jump && !jump_if) continue;
    // As a signed number: 0 to size is a place in the program; -i to 0 stands for a distance that leads past the end.
    const std::uint32_t octets = load_le32(bytes + i + 1);
    const std::uint32_t place = std::byteswap(octets);
    if (place + i < size + i)
      store_le32(bytes + i + 1, place < size ? place - i : place + size);
    else if (octets + i < size + i)
      store_le32(bytes + i + 1, place);
  }
}

}  // namespace undine
