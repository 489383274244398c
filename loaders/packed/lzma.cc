// SPDX-License-Identifier: Apache-2.0
#include "loaders/packed/lzma.h"

#include <algorithm>
#include <memory>

#include "core/memory.h"

namespace undine::packed {
namespace {

using Probability = std::uint16_t;
constexpr unsigned probability_bits = 11, adaption_shift = 5;
constexpr Probability even = 1u << (probability_bits - 1);

constexpr unsigned states = 12, position_states_max = 16, length_states = 4;
constexpr unsigned literal_states = 7;  ///< states below it: the last thing was a literal
/// lc + lp is at most 4 in LZMA2.
constexpr std::size_t literal_coders_max = 16, literal_coder = 0x300;
constexpr unsigned slot_bits = 6, align_bits = 4, first_coded_slot = 4, first_direct_slot = 14;

/// Lengths 2 to 273 in three ranges.
struct LengthCoder {
  Probability choice[2];
  Probability low[position_states_max][8], middle[position_states_max][8], high[256];
};

/// All adaptive bits; an array of Probability from its beginning to its end.
struct Model {
  Probability is_match[states][position_states_max], is_repeat[states], is_repeat_not_0[states], is_repeat_not_1[states], is_repeat_not_2[states];
  Probability is_repeat_0_long[states][position_states_max];
  Probability slot[length_states][1 << slot_bits];
  Probability special[1 << (first_direct_slot / 2)];  ///< the lower bits of distances 4 to 127
  Probability align[1 << align_bits];
  LengthCoder match_length, repeat_length;
  Probability literal[literal_coders_max][literal_coder];
};

class Lzma2 {
public:
  Lzma2(Bytes input, MutableBytes output, Model& model) : input_(input), output_(output), model_(model) {}
  Lzma2End run();

private:
  using State = Lzma2End::State;
  bool chunk(std::uint8_t control);
  bool use_properties(std::uint8_t properties);
  void reset_state();
  bool decode(std::size_t end);

  void normalise() {
    if (range_ >= 1u << 24) return;
    range_ <<= 8;
    code_ = code_ << 8 | coded_.u8();
  }
  bool bit(Probability& probability) {
    normalise();
    const std::uint32_t bound = (range_ >> probability_bits) * probability;
    if (code_ < bound) {
      range_ = bound;
      probability = static_cast<Probability>(probability + (((1u << probability_bits) - probability) >> adaption_shift));
      return false;
    }
    range_ -= bound;
    code_ -= bound;
    probability = static_cast<Probability>(probability - (probability >> adaption_shift));
    return true;
  }
  /// `count` bits, the highest first, by a tree of 1 << count probabilities.
  unsigned tree(Probability* probabilities, unsigned count) {
    unsigned node = 1;
    for (unsigned i = 0; i < count; ++i) node = node << 1 | bit(probabilities[node]);
    return node - (1u << count);
  }
  /// The lowest first.
  unsigned reverse_tree(Probability* probabilities, unsigned count) {
    unsigned node = 1, value = 0;
    for (unsigned i = 0; i < count; ++i) {
      const unsigned next = bit(probabilities[node]);
      node = node << 1 | next;
      value |= next << i;
    }
    return value;
  }
  std::uint32_t direct(unsigned count) {
    std::uint32_t value = 0;
    for (; count != 0; --count) {
      normalise();
      range_ >>= 1;
      const bool one = code_ >= range_;
      if (one) code_ -= range_;
      value = value << 1 | (one ? 1u : 0u);
    }
    return value;
  }

  void literal();
  std::size_t length(LengthCoder& coder, std::size_t position_state);
  std::uint32_t distance(std::size_t match_length);

  Bytes input_;
  MutableBytes output_;
  Model& model_;
  std::size_t read_ = 0, at_ = 0;
  std::size_t base_ = 0;  ///< where the dictionary began
  bool full_ = false;
  bool needs_dictionary_ = true, needs_properties_ = true, needs_state_ = true;
  unsigned literal_context_bits_ = 0, literal_position_mask_ = 0, position_mask_ = 0;
  unsigned state_ = 0;
  std::uint32_t repeat_[4] = {};
  ByteReader coded_{{}};
  std::uint32_t range_ = 0, code_ = 0;
};

void Lzma2::reset_state() {
  state_ = 0;
  std::fill_n(repeat_, 4, 0u);
  std::fill_n(reinterpret_cast<Probability*>(&model_), sizeof model_ / sizeof(Probability), even);
}

/// One octet: (pb * 5 + lp) * 9 + lc.
bool Lzma2::use_properties(std::uint8_t properties) {
  if (properties >= 9 * 5 * 5) return false;
  literal_context_bits_ = properties % 9;
  const unsigned literal_position_bits = properties / 9 % 5;
  if (literal_context_bits_ + literal_position_bits > 4) return false;
  literal_position_mask_ = (1u << literal_position_bits) - 1;
  position_mask_ = (1u << properties / 45) - 1;
  return true;
}

void Lzma2::literal() {
  const std::uint8_t previous = at_ == base_ ? 0 : output_[at_ - 1];
  const std::size_t context = (((at_ - base_) & literal_position_mask_) << literal_context_bits_) | previous >> (8 - literal_context_bits_);
  Probability* const coder = model_.literal[context];
  unsigned node = 1;
  if (state_ >= literal_states) {
    // After a match the octet differs from the one that would have continued it.
    unsigned match = output_[at_ - repeat_[0] - 1], offset = 0x100;
    do {
      match <<= 1;
      const unsigned expected = match & offset;
      const unsigned got = bit(coder[offset + expected + node]);
      node = node << 1 | got;
      if ((expected != 0) != (got != 0)) offset = 0;
    } while (node < 0x100 && offset != 0);
  }
  while (node < 0x100) node = node << 1 | bit(coder[node]);
  output_[at_++] = static_cast<std::uint8_t>(node);
  state_ = state_ < 4 ? 0 : state_ < 10 ? state_ - 3 : state_ - 6;
}

std::size_t Lzma2::length(LengthCoder& coder, std::size_t position_state) {
  if (!bit(coder.choice[0])) return 2 + tree(coder.low[position_state], 3);
  if (!bit(coder.choice[1])) return 10 + tree(coder.middle[position_state], 3);
  return 18 + tree(coder.high, 8);
}

std::uint32_t Lzma2::distance(std::size_t match_length) {
  const unsigned slot = tree(model_.slot[std::min<std::size_t>(match_length - 2, length_states - 1)], slot_bits);
  if (slot < first_coded_slot) return slot;
  const unsigned low_bits = slot / 2 - 1;
  const std::uint32_t high = (2u | (slot & 1)) << low_bits;
  // The trees of all slots lie one behind the other, each without its unused first node.
  if (slot < first_direct_slot) return high + reverse_tree(model_.special + high - slot, low_bits);
  return high + (direct(low_bits - align_bits) << align_bits) + reverse_tree(model_.align, align_bits);
}

/// Up to `end` of the output. False if that makes no sense, or the coded octets run out.
bool Lzma2::decode(std::size_t end) {
  while (at_ < end) {
    if (coded_.failed()) return false;
    const std::size_t position_state = (at_ - base_) & position_mask_;
    if (!bit(model_.is_match[state_][position_state])) {
      if (state_ >= literal_states && repeat_[0] >= at_ - base_) return false;
      literal();
      continue;
    }
    std::size_t count = 1;
    if (!bit(model_.is_repeat[state_])) {
      count = length(model_.match_length, position_state);
      std::copy_backward(repeat_, repeat_ + 3, repeat_ + 4);
      repeat_[0] = distance(count);
      state_ = state_ < literal_states ? 7 : 10;
    } else {
      bool is_short = false;
      if (!bit(model_.is_repeat_not_0[state_])) {
        is_short = !bit(model_.is_repeat_0_long[state_][position_state]);
      } else {
        const int which = !bit(model_.is_repeat_not_1[state_]) ? 1 : !bit(model_.is_repeat_not_2[state_]) ? 2 : 3;
        std::rotate(repeat_, repeat_ + which, repeat_ + which + 1);
      }
      if (!is_short) count = length(model_.repeat_length, position_state);
      state_ = is_short ? (state_ < literal_states ? 9 : 11) : (state_ < literal_states ? 8 : 11);
    }
    if (repeat_[0] >= at_ - base_ || count > end - at_) return false;
    for (; count != 0; --count, ++at_) output_[at_] = output_[at_ - repeat_[0] - 1];
  }
  return !coded_.failed();
}

/// One chunk behind its control octet.
bool Lzma2::chunk(std::uint8_t control) {
  constexpr std::uint8_t stored_anew = 1, stored = 2, coded = 0x80;
  ByteReader header{input_.subspan(read_)};
  std::size_t unpacked = (control & 0x1fu) << 16;
  if (control < coded) {
    if (control > stored) return false;
    unpacked = 0;
  }
  unpacked += header.be16() + std::size_t{1};
  if (control == stored_anew || control >= 0xe0) {
    base_ = at_;
    needs_dictionary_ = false;
  }
  if (needs_dictionary_) return false;
  full_ = unpacked > output_.size() - at_;
  const std::size_t end = at_ + std::min(unpacked, output_.size() - at_);

  if (control < coded) {
    const Bytes octets = header.take(unpacked);
    if (header.failed()) return false;
    at_ += copy_bytes(output_.subspan(at_), octets);
    read_ = input_.size() - header.remaining();
    return !full_;
  }
  const std::size_t packed = header.be16() + std::size_t{1};
  if (control >= 0xc0) {
    if (!use_properties(header.u8())) return false;
    needs_properties_ = false;
  }
  if (control >= 0xa0) {
    reset_state();
    needs_state_ = false;
  }
  if (needs_properties_ || needs_state_) return false;
  coded_ = ByteReader{header.take(packed)};
  if (header.failed() || coded_.u8() != 0) return false;
  range_ = UINT32_MAX;
  code_ = coded_.be32();
  if (!decode(end)) return false;
  if (full_) return false;
  normalise();
  read_ = input_.size() - header.remaining();
  return code_ == 0 && coded_.remaining() == 0 && !coded_.failed();
}

Lzma2End Lzma2::run() {
  State state = State::damaged;
  while (read_ < input_.size()) {
    const std::uint8_t control = input_[read_++];
    if (control == 0) {
      state = State::done;
      break;
    }
    if (!chunk(control)) {
      if (full_) state = State::full;
      break;
    }
  }
  return {state, read_, at_};
}

}  // namespace

Lzma2End unpack_lzma2(Bytes input, MutableBytes output) {
  const auto model = make_unique_nothrow<Model>();
  if (!model) return {Lzma2End::State::no_memory, 0, 0};
  return Lzma2{input, output, *model}.run();
}

}  // namespace undine::packed
