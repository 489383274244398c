// SPDX-License-Identifier: Apache-2.0
// memcpy and its family for x86. Compiled with -fno-builtin, or clang would replace the loops by calls of these very functions.
//
// Most copies of a protocol stack are a few bytes long, and `rep movs` takes some 30 cycles to start; so up to 16 bytes go through
// two overlapping moves, and only what is longer through `rep movsd`, which also counts as one instruction for each 4 bytes.
#include "core/runtime/string_functions.h"

#include <stdint.h>

namespace {

// Unaligned access, which x86 allows, without calling memcpy for it.
struct [[gnu::packed, gnu::may_alias]] Unaligned32 {
  uint32_t value;
};
uint32_t load(const uint8_t* from) { return reinterpret_cast<const Unaligned32*>(from)->value; }
void store(uint8_t* into, uint32_t value) { reinterpret_cast<Unaligned32*>(into)->value = value; }

void copy_words(uint8_t* into, const uint8_t* from, size_t words) {
  asm volatile("rep movsl" : "+D"(into), "+S"(from), "+c"(words) : : "memory");
}

// 0 to 16 bytes; everything is read before anything is written, so the two may overlap.
void copy_few(uint8_t* into, const uint8_t* from, size_t count) {
  if (count >= 8) {
    const uint32_t a = load(from), b = load(from + 4), c = load(from + count - 8), d = load(from + count - 4);
    store(into, a);
    store(into + 4, b);
    store(into + count - 8, c);
    store(into + count - 4, d);
  } else if (count >= 4) {
    const uint32_t a = load(from), b = load(from + count - 4);
    store(into, a);
    store(into + count - 4, b);
  } else if (count != 0) {
    const uint8_t first = from[0], middle = from[count / 2], last = from[count - 1];
    into[0] = first;
    into[count / 2] = middle;
    into[count - 1] = last;
  }
}

constexpr size_t few = 16;

}  // namespace

UNDINE_RUNTIME_BEGIN

void* memcpy(void* into, const void* from, size_t count) {
  auto* const to = static_cast<uint8_t*>(into);
  const auto* const source = static_cast<const uint8_t*>(from);
  if (count <= few) {
    copy_few(to, source, count);
  } else {
    copy_words(to, source, count / 4);
    store(to + count - 4, load(source + count - 4));  // the last 1 to 3 bytes, and some of those before once more
  }
  return into;
}

void* memmove(void* into, const void* from, size_t count) {
  auto* const to = static_cast<uint8_t*>(into);
  const auto* const source = static_cast<const uint8_t*>(from);
  if (count <= few) {
    copy_few(to, source, count);
  } else if (to + count <= source || source + count <= to) {
    memcpy(into, from, count);
  } else if (to <= source) {
    // The last word is read first: by the end it may have been written over.
    const uint32_t last = load(source + count - 4);
    copy_words(to, source, count / 4);
    store(to + count - 4, last);
  } else {
    const uint32_t first = load(source);
    size_t left = count;
    for (; left >= 4; left -= 4) store(to + left - 4, load(source + left - 4));
    store(to, first);
  }
  return into;
}

void* memset(void* into, int value, size_t count) {
  auto* to = static_cast<uint8_t*>(into);
  if (count < 4) {
    for (; count != 0; --count) *to++ = static_cast<uint8_t>(value);
    return into;
  }
  const uint32_t word = static_cast<uint8_t>(value) * uint32_t{0x01010101};
  store(to + count - 4, word);
  size_t words = count / 4;
  if (words < 4) {
    for (; words != 0; --words, to += 4) store(to, word);
  } else {
    asm volatile("rep stosl" : "+D"(to), "+c"(words) : "a"(word) : "memory");
  }
  return into;
}

int memcmp(const void* a, const void* b, size_t count) {
  const auto* left = static_cast<const uint8_t*>(a);
  const auto* right = static_cast<const uint8_t*>(b);
  for (; count >= 4 && load(left) == load(right); count -= 4, left += 4, right += 4) {
  }
  for (; count != 0; --count, ++left, ++right)
    if (*left != *right) return *left - *right;
  return 0;
}

void* memchr(const void* in, int octet, size_t count) {
  const auto* at = static_cast<const uint8_t*>(in);
  for (; count != 0; --count, ++at)
    if (*at == static_cast<uint8_t>(octet)) return const_cast<uint8_t*>(at);
  return nullptr;
}

size_t strlen(const char* text) {
  const char* end = text;
  while (*end != '\0') ++end;
  return static_cast<size_t>(end - text);
}

size_t strnlen(const char* text, size_t most) {
  size_t length = 0;
  while (length < most && text[length] != '\0') ++length;
  return length;
}

int strncmp(const char* a, const char* b, size_t most) {
  for (; most != 0; --most, ++a, ++b) {
    const int difference = static_cast<uint8_t>(*a) - static_cast<uint8_t>(*b);
    if (difference != 0 || *a == '\0') return difference;
  }
  return 0;
}

int strcmp(const char* a, const char* b) { return strncmp(a, b, SIZE_MAX); }

char* strchr(const char* in, int character) {
  for (;; ++in) {
    if (*in == static_cast<char>(character)) return const_cast<char*>(in);
    if (*in == '\0') return nullptr;
  }
}

char* strrchr(const char* in, int character) {
  const char* found = nullptr;
  for (;; ++in) {
    if (*in == static_cast<char>(character)) found = in;
    if (*in == '\0') return const_cast<char*>(found);
  }
}

char* strstr(const char* in, const char* what) {
  const size_t length = strlen(what);
  for (;; ++in) {
    if (strncmp(in, what, length) == 0) return const_cast<char*>(in);
    if (*in == '\0') return nullptr;
  }
}

UNDINE_RUNTIME_END
