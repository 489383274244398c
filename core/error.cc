// SPDX-License-Identifier: Apache-2.0
// An error as a person reads it.
#include "core/error.h"

#include "core/text.h"

namespace undine {

std::string Error::text() const {
  std::string line{cause_->sentence};
  switch (cause_->detail) {
    case Detail::none:
      break;
    case Detail::decimal:
      append(line, {' ', detail_});
      break;
    case Detail::hex:
      append(line, {" 0x", hex(detail_)});
      break;
    case Detail::address:
      append(line, {' ', Ipv4Address{detail_}});
      break;
  }
  append(line, {" [", cause_->name, ']'});
  return line;
}

}  // namespace undine
