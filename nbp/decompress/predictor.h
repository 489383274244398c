// SPDX-License-Identifier: Apache-2.0
// How likely each bit of the packed program is a one, told by all bytes before it: what packer and unpacker have in common. Five contexts and the longest
// match predict, and a network that learns on the way mixes them ("context mixing": Mahoney, "Adaptive Weighing of Context Models for Lossless Data
// Compression", 2005). Some of the contexts are made for machine code, which most of the program is. It packs a sixth better than LZMA.
//
// Integers only, and nothing that differs between machines: both sides must count alike. It calls nothing and has no static data that is written.
#pragma once

#include <cstddef>
#include <cstdint>

namespace undine::packing {

/// Which part of an i386 instruction the next octet is. In data that is meaningless, yet the same on both sides; and so it need not be exact: of the
/// rare instructions only the lengths of those that occur are known.
class Instruction {
public:
  enum Part : std::uint32_t { opcode, opcode_after_0f, mod_rm, sib, displacement, immediate };

  void take(std::uint32_t octet) {
    if (left_ > 1) {
      --left_;
      return;
    }
    left_ = 0;
    switch (part_) {
      case opcode:
        if (octet == 0x66) return;
        if (octet == 0x0f) {
          part_ = opcode_after_0f;
          return;
        }
        operation_ = octet;
        begin(operands_of(octet));
        return;
      case opcode_after_0f:
        operation_ = octet ^ 0x155;
        begin((octet & 0xf0) == 0x80                                   ? has_32
              : octet == 0xa4 || octet == 0xac || octet == 0xba        ? has_mod_rm | has_8
              : (octet & 0xf8) == 0xc8                                 ? 0u
                                                                       : has_mod_rm);
        return;
      case mod_rm: {
        mod_rm_ = octet;
        const std::uint32_t mod = octet >> 6;
        const std::uint32_t rm = octet & 7;
        displacement_ = mod == 1 ? 1 : mod == 2 || (mod == 0 && rm == 5) ? 4 : 0;
        // TEST is the one operation of its group that has an immediate.
        if ((operation_ & ~1u) == 0xf6 && (octet & 0x38) == 0) immediate_ = operation_ == 0xf6 ? 1 : 4;
        if (mod != 3 && rm == 4)
          part_ = sib;
        else
          after_address();
        return;
      }
      case sib:
        after_address();
        return;
      case displacement:
        after_displacement();
        return;
      default:
        end();
    }
  }

  /// The part, and of displacements and immediates how much is left: 0 to 12.
  std::uint32_t place() const { return part_ < immediate ? part_ + (left_ == 0 ? 0 : left_ - 1) : 8 + left_; }
  /// All that is known of this instruction but its numbers.
  std::uint32_t so_far() const { return operation_ | (part_ > mod_rm ? mod_rm_ << 9 : 0) | place() << 17; }
  /// The opcodes of the two instructions before.
  std::uint32_t before() const { return before_ & 0xffff; }

private:
  enum Operands : std::uint32_t { has_mod_rm = 1, has_8 = 2, has_16 = 4, has_32 = 8 };

  // Intel SDM volume 2, appendix A.3, table A-2.
  static constexpr std::uint32_t operands_of(std::uint32_t octet) {
    const std::uint32_t row = octet & 0xf0;
    const std::uint32_t low = octet & 7;
    if (octet < 0x40) return low < 4 ? has_mod_rm : low == 4 ? has_8 : low == 5 ? has_32 : 0;
    if (octet == 0x68 || (octet & 0xfc) == 0xa0 || octet == 0xa9 || (octet & 0xf8) == 0xb8 || (octet & 0xfe) == 0xe8) return has_32;
    if (octet == 0x69 || octet == 0x81 || octet == 0xc7) return has_mod_rm | has_32;
    if (octet == 0x6b || octet == 0x80 || octet == 0x83 || (octet & 0xfe) == 0xc0 || octet == 0xc6) return has_mod_rm | has_8;
    if (octet == 0x6a || row == 0x70 || octet == 0xa8 || row == 0xb0 || octet == 0xeb) return has_8;
    if (octet == 0xc2) return has_16;
    if (row == 0x80 || (octet & 0xfc) == 0xd0 || (octet & 0xf8) == 0xd8 || (octet & 0xf6) == 0xf6) return has_mod_rm;
    return 0;
  }
  void begin(std::uint32_t has) {
    immediate_ = (has & has_32) != 0 ? 4 : (has & has_16) != 0 ? 2 : (has & has_8) != 0 ? 1 : 0;
    if ((has & has_mod_rm) != 0)
      part_ = mod_rm;
    else
      after_displacement();
  }
  void after_address() {
    left_ = displacement_;
    if (left_ != 0)
      part_ = displacement;
    else
      after_displacement();
  }
  void after_displacement() {
    left_ = immediate_;
    if (left_ != 0)
      part_ = immediate;
    else
      end();
  }
  void end() {
    part_ = opcode;
    before_ = before_ << 8 | (operation_ & 0xff);
  }

  std::uint32_t part_ = opcode;
  std::uint32_t left_ = 0;          ///< octets of this displacement or immediate, the next included
  std::uint32_t operation_ = 0;     ///< the opcode; with 0F before it a number that no other opcode has
  std::uint32_t mod_rm_ = 0;
  std::uint32_t displacement_ = 0;  ///< octets that follow the address
  std::uint32_t immediate_ = 0;     ///< octets that follow all that
  std::uint32_t before_ = 0;
};

/// Where the part for ones ends, `one` of 65536, of the numbers from `low` to `high`. Both parts have at least one.
inline std::uint32_t split(std::uint32_t low, std::uint32_t high, std::uint32_t one) {
  return low + static_cast<std::uint32_t>(std::uint64_t{high - low} * one >> 16);
}

inline constexpr std::uint32_t contexts = 5;
inline constexpr std::uint32_t slot_bits = 21;
inline constexpr std::uint32_t match_length_max = 17;

/// What has been learned. The caller supplies it, 8.3 MiB, aligned to 4; the Predictor fills it in.
struct Memory {
  using Slot = std::uint32_t;  ///< in the upper 22 bits how likely a one is, in the lower how often it was asked
  Slot slots[(std::size_t{1} << slot_bits) + 16];
  Slot of_match[match_length_max + 1][2];  ///< by length of the match, and the bit that it predicts
  Slot without_match;
  std::int32_t weights[13 * 4][contexts + 1]; ///< 1/65536; by place in the instruction and length of the match
  std::int16_t stretched[4096];            ///< ln(p / (1 - p)) in 1/256, by p in 1/4096
  std::uint16_t squashed[4096];            ///< the way back: p in 1/65536, by that number and 2048
  std::uint32_t seen[1 << 16];             ///< by hash of four octets, where they were last; 0: nowhere
};

class Predictor {
public:
  /// `octets` is as long as the program and is written octet by octet.
  Predictor(Memory& memory, std::uint8_t* octets) : memory_(memory), octets_(octets) {
    for (auto& slot : memory_.slots) slot = even;
    for (auto& pair : memory_.of_match) pair[0] = pair[1] = even;
    for (auto& set : memory_.weights)
      for (auto& weight : set) weight = 20000;
    for (auto& place : memory_.seen) place = 0;
    std::uint32_t filled = 0;
    memory_.squashed[0] = static_cast<std::uint16_t>(squashed(-most_stretched));
    for (std::int32_t x = -most_stretched; x <= most_stretched; ++x) {
      const std::uint32_t one = squashed(x);
      memory_.squashed[x + 2048] = static_cast<std::uint16_t>(one);
      for (const std::uint32_t p = one >> 4; filled <= p; ++filled) memory_.stretched[filled] = static_cast<std::int16_t>(x);
    }
    for (; filled < 4096; ++filled) memory_.stretched[filled] = most_stretched;
    begin_octet();
  }

  /// How likely the next bit is a one, in 1/65536: never 0 or 65536. Bits come highest first.
  std::uint32_t one() const { return one_; }

  void take(std::uint32_t bit) {
    const std::int32_t error = static_cast<std::int32_t>(bit << 12) - static_cast<std::int32_t>(one_ >> 4);
    // What was known well teaches nothing new: leaving it out saves time, and the counts stay open for change.
    if (error > known_well || error < -known_well) {
      const std::int32_t target = bit != 0 ? (1 << 22) - 1 : 0;
      for (std::uint32_t i = 0; i < contexts; ++i) learn(first_slot_[i][path_], weights_[i], said_[i], error, target);
      learn(*of_match_, weights_[contexts], said_[contexts], error, target);
    }
    so_far_ = so_far_ << 1 | bit;
    path_ = path_ << 1 | bit;
    if (shift_ == 0) {
      end_octet();
      begin_octet();
      return;
    }
    if ((expected_ >> shift_) != so_far_) match_length_ = 0;
    if (--shift_ == 3) choose_slots();
    predict();
  }

private:
  static constexpr Memory::Slot even = 1u << 31;
  static constexpr std::int32_t most_stretched = 2047;
  static constexpr std::uint32_t count_max = 10;
  static constexpr std::int32_t known_well = 80;  ///< 1/4096

  /// 65536 / (1 + exp(-x / 256))
  static std::uint32_t squashed(std::int32_t x) {
    constexpr std::uint16_t curve[33] = {22,    36,    60,    98,    162,   267,   439,   721,   1179,  1922,  3109,  4972,  7812,  11972, 17625, 24742, 32768,
                                         40794, 47911, 53564, 57724, 60564, 62427, 63614, 64357, 64815, 65097, 65269, 65374, 65438, 65476, 65500, 65514};
    if (x > most_stretched) x = most_stretched;
    if (x < -most_stretched) x = -most_stretched;
    const auto above = static_cast<std::uint32_t>(x + 2048);
    const std::uint32_t part = above & 127;
    return (curve[above >> 7] * (128 - part) + curve[(above >> 7) + 1] * part) >> 7;
  }

  std::int32_t stretched(Memory::Slot slot) const { return memory_.stretched[slot >> 20]; }

  /// The weight of an input follows what it said and how wrong all were; its slot, the n-th time, moves by 2 / (2n + 3) of what was missing: an average at
  /// first, then what was lately.
  static void learn(Memory::Slot& slot, std::int32_t& weight, std::int32_t said, std::int32_t error, std::int32_t target) {
    static constexpr std::uint16_t rates[count_max + 1] = {43690, 26214, 18724, 14563, 11915, 10082, 8738, 7710, 6898, 6241, 5698};
    weight += (said * error + (1 << 11)) >> 12;
    const std::uint32_t count = slot & 1023;
    const std::int32_t missing = target - static_cast<std::int32_t>(slot >> 10);
    const std::int32_t moved = ((missing + 64) >> 7) * rates[count] >> 9;
    slot += (static_cast<std::uint32_t>(moved) << 10) + (count < count_max ? 1 : 0);
  }

  static std::uint32_t mixed(std::uint32_t number) {
    number *= 0x2545'f491;
    number ^= number >> 15;
    return number * 0x85eb'ca6b;
  }

  /// Where the slots of the next four bits begin, for each context. They lie together, and so do a processor's cache lines.
  void choose_slots() {
    path_ = 1;
    for (std::uint32_t i = 0; i < contexts; ++i) first_slot_[i] = &memory_.slots[mixed(context_[i] + so_far_ * 0x9e37'79b1) >> (32 - slot_bits)];
  }

  void predict() {
    std::uint32_t confidence = 0;
    if (match_length_ != 0) {
      confidence = match_length_ > 15 ? 3 : match_length_ > 7 ? 2 : 1;
      of_match_ = &memory_.of_match[match_length_][expected_ >> shift_ & 1];
    } else {
      memory_.without_match = even;
      of_match_ = &memory_.without_match;
    }
    weights_ = memory_.weights[place_ * 4 + confidence];
    // Unsigned, since a sum that is too large may well be wrong but must be the same everywhere.
    std::uint32_t sum = weighed(contexts, *of_match_);
#pragma unroll  // 105 octets for a twentieth of the time
    for (std::uint32_t i = 0; i < contexts; ++i) sum += weighed(i, first_slot_[i][path_]);
    std::int32_t place = (static_cast<std::int32_t>(sum) >> 16) + 2048;
    if (static_cast<std::uint32_t>(place) >= 4096) place = place < 0 ? 1 : 4095;
    one_ = memory_.squashed[place];
  }
  /// Keeps what the input said: `learn` wants it once more.
  std::uint32_t weighed(std::uint32_t i, Memory::Slot slot) {
    said_[i] = stretched(slot);
    return static_cast<std::uint32_t>(said_[i]) * static_cast<std::uint32_t>(weights_[i]);
  }

  /// so_far_ has a whole octet behind a leading one.
  void end_octet() {
    const std::uint32_t octet = so_far_ & 0xff;
    octets_[at_++] = static_cast<std::uint8_t>(octet);
    recent_ = recent_ << 8 | octet;
    find_match();
    instruction_.take(octet);
    const std::uint32_t lower = octet | 0x20;
    word_ = lower >= 'a' && lower <= 'z' ? (word_ + octet) * 0x2f0b'4c47 : 0;
  }

  /// The longest run of octets that was there before, if it was still right; else what stood behind these four the last time.
  void find_match() {
    std::uint32_t& seen = memory_.seen[recent_ * 0x9e37'79b1 >> 16];
    if (match_length_ != 0) {
      ++match_;
      if (match_length_ < match_length_max) ++match_length_;
    } else {
      match_ = seen;
      while (match_length_ < match_length_max && match_length_ < match_ && octets_[match_ - 1 - match_length_] == octets_[at_ - 1 - match_length_])
        ++match_length_;
    }
    seen = at_;
  }

  void begin_octet() {
    so_far_ = 1;
    shift_ = 7;
    expected_ = match_length_ != 0 ? 0x100u | octets_[match_] : 0;
    place_ = instruction_.place();
    const std::uint32_t this_one = instruction_.so_far();
    context_[0] = place_;
    context_[1] = (recent_ & 0xff) | place_ << 16;
    context_[2] = (recent_ & 0xffff) | place_ << 16;
    context_[3] = this_one * 31 + instruction_.before() * 0x3d4d'51cb;
    context_[4] = word_;
    for (std::uint32_t i = 0; i < contexts; ++i) context_[i] += i * 0x3c6e'f372;
    choose_slots();
    predict();
  }

  Memory& memory_;
  std::uint8_t* const octets_;
  std::uint32_t at_ = 0;
  std::uint32_t recent_ = 0;        ///< the last four octets
  std::uint32_t word_ = 0;          ///< hash of the letters behind the last other character
  Instruction instruction_;
  std::uint32_t place_ = 0;         ///< of the instruction, at the beginning of this octet
  std::uint32_t match_ = 0;         ///< where the octet lies that is expected
  std::uint32_t match_length_ = 0;  ///< 0: nothing is expected
  std::uint32_t expected_ = 0;      ///< that octet behind a leading one
  std::uint32_t so_far_ = 1;        ///< the bits of this octet behind a leading one
  std::uint32_t path_ = 1;          ///< the same of this half of the octet
  std::uint32_t shift_ = 7;         ///< bits of this octet behind the next
  std::uint32_t one_ = 0;
  std::uint32_t context_[contexts] = {};
  Memory::Slot* first_slot_[contexts] = {};
  Memory::Slot* of_match_ = nullptr;
  std::int32_t* weights_ = nullptr;
  std::int32_t said_[contexts + 1] = {};  ///< of each context and of the match: ln(p / (1 - p)) in 1/256
};

}  // namespace undine::packing
