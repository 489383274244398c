// SPDX-License-Identifier: Apache-2.0
// What a BIOS says of keys without a character (INT 16h AH=10h), and DOS after it.
#pragma once

#include "core/console.h"

namespace undine {

struct ScanCode {
  std::uint8_t code;
  Key key;
};

inline constexpr ScanCode scan_codes[] = {
    {0x3b, Key::f1},   {0x3c, Key{key_number(12, '~')}}, {0x3d, Key{key_number(13, '~')}}, {0x3e, Key{key_number(14, '~')}}, {0x3f, Key::f5},
    {0x40, Key::f6},   {0x41, Key{key_number(18, '~')}}, {0x42, Key::f8},                  {0x43, Key{key_number(20, '~')}}, {0x44, Key::f10},
    {0x47, Key::home}, {0x48, Key::up},                  {0x49, Key::page_up},             {0x4b, Key::left},                {0x4d, Key::right},
    {0x4f, Key::end},  {0x50, Key::down},                {0x51, Key::page_down},           {0x53, Key::delete_forward},      {0x85, Key::f11},
    {0x86, Key::f12},
};

}  // namespace undine
