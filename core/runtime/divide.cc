// SPDX-License-Identifier: Apache-2.0
// 64-bit division from 32-bit division, after Warren, "Hacker's Delight", 2nd edition, 9-5; shifts from 32-bit shifts. Nothing
// here may divide or shift a 64-bit number by a variable, because clang would call the same function for it.
#include "core/runtime/divide.h"

namespace {

struct Halves {
  uint32_t low, high;
};
Halves split(uint64_t value) { return {static_cast<uint32_t>(value), static_cast<uint32_t>(value >> 32)}; }
uint64_t join(uint32_t high, uint32_t low) { return uint64_t{high} << 32 | low; }

// high:low / divisor; high < divisor, or the processor traps.
uint32_t divide(uint32_t high, uint32_t low, uint32_t divisor, uint32_t& remainder) {
  uint32_t quotient;
  asm("divl %4" : "=a"(quotient), "=d"(remainder) : "0"(low), "1"(high), "rm"(divisor) : "cc");
  return quotient;
}

// -1 or 0 for all bits: the sign of a number, and its absolute value.
uint64_t sign_of(int64_t value) { return split(static_cast<uint64_t>(value)).high >> 31 ? ~uint64_t{0} : 0; }
uint64_t negate_if(uint64_t value, uint64_t sign) { return (value ^ sign) - sign; }

}  // namespace

UNDINE_RUNTIME_BEGIN

uint64_t __ashldi3(uint64_t value, int by) {
  const Halves halves = split(value);
  if (by & 32) return join(halves.low << (by & 31), 0);
  if (by == 0) return value;
  return join(halves.high << by | halves.low >> (32 - by), halves.low << by);
}

uint64_t __lshrdi3(uint64_t value, int by) {
  const Halves halves = split(value);
  if (by & 32) return join(0, halves.high >> (by & 31));
  if (by == 0) return value;
  return join(halves.high >> by, halves.low >> by | halves.high << (32 - by));
}

int64_t __ashrdi3(int64_t value, int by) {
  const Halves halves = split(static_cast<uint64_t>(value));
  const auto high = static_cast<int32_t>(halves.high);
  if (by & 32) return static_cast<int64_t>(join(static_cast<uint32_t>(high >> 31), static_cast<uint32_t>(high >> (by & 31))));
  if (by == 0) return value;
  return static_cast<int64_t>(join(static_cast<uint32_t>(high >> by), halves.low >> by | halves.high << (32 - by)));
}

// A division by zero traps, as `div` does.
uint64_t __udivmoddi4(uint64_t dividend, uint64_t divisor, uint64_t* remainder) {
  const Halves n = split(dividend);
  const Halves d = split(divisor);
  uint64_t quotient;
  uint64_t rest;
  if (d.high == 0) {
    uint32_t left = n.high;
    uint32_t high = 0;
    if (n.high >= d.low) high = divide(0, n.high, d.low, left);
    const uint32_t low = divide(left, n.low, d.low, left);
    quotient = join(high, low);
    rest = left;
  } else {
    // The divisor's upper 32 significant bits give a quotient that is at most one too large.
    const int zeros = __builtin_clz(d.high);
    const uint32_t normal = split(__ashldi3(divisor, zeros)).high;
    const Halves half = split(dividend >> 1);
    uint32_t ignored;
    const uint32_t estimate = divide(half.high, half.low, normal, ignored);
    auto q = static_cast<uint32_t>(__lshrdi3(__ashldi3(estimate, zeros), 31));
    if (q != 0) --q;
    rest = dividend - (uint64_t{q} * d.low + (uint64_t{q * d.high} << 32));
    if (rest >= divisor) {
      ++q;
      rest -= divisor;
    }
    quotient = q;
  }
  if (remainder != nullptr) *remainder = rest;
  return quotient;
}

uint64_t __udivdi3(uint64_t dividend, uint64_t divisor) { return __udivmoddi4(dividend, divisor, nullptr); }

uint64_t __umoddi3(uint64_t dividend, uint64_t divisor) {
  uint64_t remainder;
  __udivmoddi4(dividend, divisor, &remainder);
  return remainder;
}

int64_t __divmoddi4(int64_t dividend, int64_t divisor, int64_t* remainder) {
  const uint64_t sign = sign_of(dividend);
  const uint64_t other_sign = sign_of(divisor);
  uint64_t rest;
  const uint64_t quotient =
      __udivmoddi4(negate_if(static_cast<uint64_t>(dividend), sign), negate_if(static_cast<uint64_t>(divisor), other_sign), &rest);
  if (remainder != nullptr) *remainder = static_cast<int64_t>(negate_if(rest, sign));
  return static_cast<int64_t>(negate_if(quotient, sign ^ other_sign));
}

int64_t __divdi3(int64_t dividend, int64_t divisor) { return __divmoddi4(dividend, divisor, nullptr); }

int64_t __moddi3(int64_t dividend, int64_t divisor) {
  int64_t remainder;
  __divmoddi4(dividend, divisor, &remainder);
  return remainder;
}

UNDINE_RUNTIME_END
