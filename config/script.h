// SPDX-License-Identifier: Apache-2.0
// The text of a script, line by line.
//
// A line ends with LF, a CR before it is dropped; a backslash at the very end joins the next line. A line may begin with `:label`; what
// follows the label on the line is a command. The text is copied, so that a script may free the image it came from.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "config/lexer.h"
#include "core/bytes.h"
#include "core/error.h"
#include "core/uri.h"

namespace undine {

inline constexpr Cause script_not_text{"script.not-text", "the script holds a zero octet; it is no text, or it was cut off and filled up", pxe_status_failure};
inline constexpr Cause script_too_large{"script.too-large", "the script is larger than 128 KiB", pxe_status_failure};
inline constexpr Cause script_no_label{"script.no-label", "the script has no such label", pxe_status_failure};

class Script {
public:
  /// Generous (netboot.xyz's longest has 30 KiB) and still a fraction of the heap.
  static constexpr std::size_t size_max = 128 * 1024;

  /// It begins with #!undine, #!ipxe or #!gpxe and a blank or line end (a UTF-8 byte order mark before is forgiven).
  static bool recognises(Bytes contents);
  /// `name` heads messages; `base` is what relative addresses in the script are relative to. Without a first line of the three it is our own dialect.
  static Result<Script> parse(Bytes contents, std::string_view name, Uri base);

  struct Line {
    std::size_t number = 0;  ///< of its first part, from 1
    std::string label;
    std::string command;
  };
  /// The next line, false at the end.
  Result<bool> next(Line& line);
  /// The line with that label comes next.
  Result<void> go_to(std::string_view label);

  Dialect dialect() const { return dialect_; }
  const std::string& name() const { return name_; }
  const Uri& base() const { return base_; }
  std::size_t size() const { return text_.size(); }

private:
  std::string text_, name_;
  Uri base_;
  Dialect dialect_ = Dialect::undine;
  std::size_t at_ = 0, line_number_ = 0;
};

}  // namespace undine
