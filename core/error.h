// SPDX-License-Identifier: Apache-2.0
// Errors are values. A Cause is a constant that stands next to the code that meets it; an Error is a cause and one number of
// detail; Result<T> is a T or an Error. The place that gives up adds the object: "http://10.0.0.1/vmlinuz: the server answered
// 404 [http.status]".
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace undine {

/// What the detail of an Error means, hence how it is printed behind the sentence.
enum class Detail : std::uint8_t {
  none,     ///< not printed
  decimal,  ///< " 404"
  hex,      ///< " 0x61"
  address,  ///< an IPv4 address in host order: " 10.0.0.1"
};

/// Why something failed. Constants only: errors point at them.
struct Cause {
  std::string_view name;      ///< stable, dotted, searchable: "tftp.no-such-file"
  std::string_view sentence;  ///< what happened and, where there is one, the remedy; lower case, no full stop
  std::uint16_t pxe_status;   ///< PXE 2.1 appendix A, for callers of the PXE API
  Detail detail = Detail::none;
};

/// PXENV_STATUS_FAILURE (PXE 2.1 appendix A): no status of the specification fits better.
inline constexpr std::uint16_t pxe_status_failure = 0x01;

/// One failure. Two words, cheap to copy.
class [[nodiscard]] Error {
public:
  constexpr Error(const Cause& cause, std::uint32_t detail = 0) : cause_(&cause), detail_(detail) {}
  constexpr bool is(const Cause& cause) const { return cause_ == &cause; }
  constexpr const Cause& cause() const { return *cause_; }
  constexpr std::uint32_t detail() const { return detail_; }
  /// "the server answered 404 [http.status]"
  std::string text() const;

private:
  const Cause* cause_;
  std::uint32_t detail_;
};

/// A T, or why there is none.
template <class T>
using Result = std::expected<T, Error>;

/// `return fail(cause, detail);` in a function that returns a Result.
constexpr std::unexpected<Error> fail(const Cause& cause, std::uint32_t detail = 0) {
  return std::unexpected(Error{cause, detail});
}
constexpr std::unexpected<Error> fail(Error error) { return std::unexpected(error); }

// Causes that belong to no protocol.
inline constexpr Cause out_of_memory{"memory.exhausted", "there is not enough memory", 0x06};
inline constexpr Cause cancelled{"user.cancelled", "cancelled by Ctrl-C", pxe_status_failure};
inline constexpr Cause left_by_escape{"user.left", "left by Escape", pxe_status_failure};

}  // namespace undine

/// The value of `expression`, a Result; an error returns from the calling function. (A statement expression, which both clang and
/// gcc have: C++ has no other way to return from inside an expression.)
#define TRY(expression)                                                              \
  ({                                                                                 \
    auto&& try_result_ = (expression);                                               \
    if (!try_result_) [[unlikely]]                                                   \
      return ::std::unexpected(try_result_.error());                                 \
    ::undine::detail::take(try_result_);                                             \
  })

namespace undine::detail {
template <class T>
T take(Result<T>& result) {
  if constexpr (!std::is_void_v<T>) return static_cast<T&&>(*result);
}
}  // namespace undine::detail
