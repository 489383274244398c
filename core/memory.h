// SPDX-License-Identifier: Apache-2.0
// make_unique_nothrow and make_bytes_nothrow: the way this program makes an object on the heap when there may be no room. std::make_unique would panic.
#pragma once

#include <cstdint>
#include <memory>
#include <new>
#include <utility>

namespace undine {

/// A new T, or nothing when the heap is exhausted: the caller says what that means for the user.
template <class T, class... Arguments>
std::unique_ptr<T> make_unique_nothrow(Arguments&&... arguments) {
  return std::unique_ptr<T>(new (std::nothrow) T(std::forward<Arguments>(arguments)...));
}

/// `length_bytes` octets of any content, or nothing when the heap is exhausted.
inline std::unique_ptr<std::uint8_t[]> make_bytes_nothrow(std::size_t length_bytes) {
  return std::unique_ptr<std::uint8_t[]>(new (std::nothrow) std::uint8_t[length_bytes]);
}

}  // namespace undine
