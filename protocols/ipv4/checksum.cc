// SPDX-License-Identifier: Apache-2.0
// The Internet checksum (RFC 1071), where most of the instructions that receive a byte are spent.
//
// A ones' complement sum may be taken in wider words and in the other byte order (RFC 1071 section 2 (B) and (C)): native 32-bit words
// are added with carry, and the result is folded and turned round.
#include "protocols/ipv4/checksum.h"

#include <bit>

namespace undine {

namespace {

constexpr std::uint32_t fold(std::uint32_t sum) {
  sum = (sum & 0xffff) + (sum >> 16);
  return (sum & 0xffff) + (sum >> 16);
}

#if defined(__i386__) || defined(__x86_64__)

/// `words` 32-bit words from `at` on. One `adc` a word and three instructions for each 32 of them: 0.27 instructions a byte. The first
/// round begins in the middle of the row, where as many words are left as do not fill a round; each `adc` has three bytes, which
/// the assembler checks.
std::uint32_t add_words(const std::uint8_t* at, std::size_t words) {
  std::uint32_t sum = 0;
  std::size_t rounds = words / 32;
  const std::uint8_t* end = at + words % 32 * 4;  // of the round
  std::size_t entry = words % 32 * 3;             // bytes of code before the end of the row
  asm(
#if defined(__x86_64__)
      "leaq 2f(%%rip), %%rax\n\t"
      "subq %[entry], %%rax\n\t"
      "movq %%rax, %[entry]\n\t"
#else
      "negl %[entry]\n\t"
      "addl $2f, %[entry]\n\t"
#endif
      "xorl %%eax, %%eax\n\t"  // clears the carry too
      "jmp *%[entry]\n"
      "1:\n\t"
      "lea 128(%[end]), %[end]\n"
      "3:\n\t"
      ".set displacement, -128\n\t"
      ".rept 32\n\t"
      "adcl displacement(%[end]), %%eax\n\t"
      ".set displacement, displacement + 4\n\t"
      ".endr\n"
      "2:\n\t"
      ".if 2b - 3b - 96\n\t"
      ".error \"an adc has not three bytes\"\n\t"
      ".endif\n\t"
      "dec %[rounds]\n\t"  // leaves the carry alone
      "jns 1b\n\t"
      "adcl $0, %%eax\n\t"
      "adcl $0, %%eax"
      : "=&a"(sum), [end] "+S"(end), [rounds] "+r"(rounds), [entry] "+r"(entry)
      :
      : "cc", "memory");
  return sum;
}

#else

std::uint32_t add_words(const std::uint8_t* at, std::size_t words) {
  std::uint64_t sum = 0;
  for (; words != 0; --words, at += 4) {
    std::uint32_t word;
    std::memcpy(&word, at, 4);
    sum += word;
  }
  sum = (sum & 0xffffffff) + (sum >> 32);
  return static_cast<std::uint32_t>((sum & 0xffffffff) + (sum >> 32));
}

#endif

}  // namespace

std::uint32_t checksum_add(std::uint32_t sum, Bytes bytes) {
  const std::uint8_t* const at = bytes.data();
  const std::size_t size = bytes.size();
  std::uint32_t native = fold(add_words(at, size / 4));
  // Up to three octets are left; an odd one is the first of a pair whose other is zero.
  if ((size & 2) != 0) {
    std::uint16_t half;
    std::memcpy(&half, at + (size & ~std::size_t{3}), 2);
    native += half;
  }
  if ((size & 1) != 0) native += std::endian::native == std::endian::little ? at[size - 1] : std::uint32_t{at[size - 1]} << 8;
  native = fold(native);
  if constexpr (std::endian::native == std::endian::little) native = (native & 0xff) << 8 | native >> 8;
  // Folded, so that any number of pieces fits.
  return fold(sum) + native;
}

std::uint16_t checksum_finish(std::uint32_t sum) { return static_cast<std::uint16_t>(~fold(sum)); }

std::uint32_t checksum_pseudo_header(Ipv4Address source, Ipv4Address destination, std::uint8_t protocol, std::uint16_t length_bytes) {
  return (source.value >> 16) + (source.value & 0xffff) + (destination.value >> 16) + (destination.value & 0xffff) + protocol + length_bytes;
}

}  // namespace undine
