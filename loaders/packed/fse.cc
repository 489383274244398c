// SPDX-License-Identifier: Apache-2.0
#include "loaders/packed/fse.h"

#include <bit>

namespace undine::packed {

BackwardBits::BackwardBits(Bytes stream) : stream_(stream) {
  if (stream.empty() || stream.back() == 0) return;
  left_ = static_cast<std::int64_t>(stream.size() - 1) * 8 + std::bit_width(stream.back()) - 1;
}

std::uint32_t BackwardBits::at(std::int64_t from, unsigned count) const {
  if (from < 0) {
    const std::int64_t missing = -from;
    return missing >= count ? 0 : at(0, count - static_cast<unsigned>(missing)) << missing;
  }
  const auto first = static_cast<std::size_t>(from / 8);
  std::uint64_t window = 0;
  if (stream_.size() - first >= 8) {
    window = load_le64(stream_, first);
  } else {
    for (std::size_t i = stream_.size(); i-- > first;) window = window << 8 | stream_[i];
  }
  return static_cast<std::uint32_t>(window >> from % 8) & static_cast<std::uint32_t>((std::uint64_t{1} << count) - 1);
}

bool FseTable::read(Bytes& input, unsigned accuracy_most, std::size_t symbols) {
  constexpr unsigned accuracy_least = 5;
  std::int16_t counts[symbols_max];
  std::size_t bit = 0;
  const auto take = [&](unsigned count) {
    std::uint32_t value = 0;
    for (unsigned i = 0; i < count; ++i, ++bit)
      if (bit / 8 < input.size()) value |= (input[bit / 8] >> bit % 8 & 1u) << i;
    return value;
  };
  const unsigned accuracy = take(4) + accuracy_least;
  if (accuracy > accuracy_most) return false;
  int left = 1 << accuracy;
  std::size_t count = 0;
  while (left > 0 && count < symbols) {
    // Values up to left + 1; where one bit less is enough for the smaller ones, they have it.
    const unsigned bits = static_cast<unsigned>(std::bit_width(static_cast<unsigned>(left) + 1));
    const std::uint32_t half = 1u << (bits - 1), few = (half << 1) - 1 - (static_cast<std::uint32_t>(left) + 1);
    std::uint32_t value = take(bits - 1);
    if (value >= few && take(1) != 0) value += half - few;
    const int times = static_cast<int>(value) - 1;
    left -= times < 0 ? 1 : times;
    counts[count++] = static_cast<std::int16_t>(times);
    if (times != 0) continue;
    // Two bits say how many more come never; 3 is followed by two more.
    std::uint32_t zeros;
    do {
      zeros = take(2);
      for (std::uint32_t i = 0; i < zeros && count < symbols; ++i) counts[count++] = 0;
    } while (zeros == 3 && count < symbols);
  }
  const std::size_t length = (bit + 7) / 8;
  if (left != 0 || length > input.size()) return false;
  input = input.subspan(length);
  return build({counts, count}, accuracy);
}

bool FseTable::build(std::span<const std::int16_t> counts, unsigned accuracy) {
  const std::uint32_t size = 1u << accuracy, step = (size >> 1) + (size >> 3) + 3;
  std::uint16_t next[symbols_max];
  std::uint32_t end = size;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    next[i] = static_cast<std::uint16_t>(counts[i]);
    if (counts[i] != -1) continue;
    if (end == 0) return false;
    entries_[--end].symbol = static_cast<std::uint8_t>(i);
    next[i] = 1;
  }
  std::uint32_t place = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    for (int times = 0; times < counts[i]; ++times) {
      entries_[place].symbol = static_cast<std::uint8_t>(i);
      do place = (place + step) & (size - 1);
      while (place >= end);
    }
  }
  if (place != 0) return false;
  for (std::uint32_t i = 0; i < size; ++i) {
    Entry& entry = entries_[i];
    const std::uint16_t value = next[entry.symbol]++;
    entry.bits = static_cast<std::uint8_t>(accuracy + 1 - static_cast<unsigned>(std::bit_width(value)));
    entry.base = static_cast<std::uint16_t>((std::uint32_t{value} << entry.bits) - size);
  }
  accuracy_ = accuracy;
  return is_there_ = true;
}

void FseTable::use_one(std::uint8_t symbol) {
  entries_[0] = {0, 0, symbol};
  accuracy_ = 0;
  is_there_ = true;
}

}  // namespace undine::packed
