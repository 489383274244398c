// SPDX-License-Identifier: Apache-2.0
#include "core/keyboard.h"

namespace undine {
namespace {

// The key between left Shift and Z, which US keyboards do not have, in the pairs: alone and with Shift.
constexpr std::uint8_t extra_scan_code = 0x56;
constexpr char extra = 1, extra_shifted = 2;

/// From the X keyboard database's symbols (xkb-data 2.35), first level, Shift and right Alt; a dead accent is the character that looks like it.
/// A pair "q@" with the right Alt key is Alt and the key where Q is on a US keyboard.
constexpr Keyboard keyboards[] = {
    {"us", "", ""},
    {"uk", "@\"# \"@~ \\#|~\1\\\2|",
     "7{8[9]0}-\\q@[\"]~;''^`|\\`\1|"},
    {"de", "@\"# ^&&/*(())=- _?='+`yzYZ[ { ]+}*; : ' \" `^~ \\#|'zyZY<;>:/-?_\1<\2>",
     "7{8[9]0}-\\q@[\"]~'^\1|"},
    {"fr", "1&!12 @23\"#34'$45(%56-^67 &78_*89 (90 )0-)_ qaQAwzWZ[^{\"]$} aqAQ;m:M' \"%` \\*| zwZWm,M?,;<..:>//!? \1<\2>",
     "2~3#4{5[6|7`8\\9^0@-]=}[\"a@'^\\`m'\1|"},
    {"es", "@\"# ^&&/*(())=-'_?= + [`{^]+}*; : ` ~ \\ | <;>:/-?_\1<\2>",
     "1|2@3#4~7{8[9]0}-\\q@[[]];~'{`\\\\}\1|"},
    {"it", "@\"# ^&&/*(())=-'_?= +^[ { ]+}*; : ' \" `\\~|\\ | <;>:/-?_\1<\2>",
     "7{8[9]0}-`=~q@[[]];@'#\\`,'"},
    {"pt", "@\"^&&/*(())=-'_?= + [+{*]'}`; : ' \" `\\~|\\~|^<;>:/-?_\1<\2>",
     "2@7{8[9]0}-\\q@[\"]~;''^\\`\1\\"},
    {"br", "^\"['{`][}{; : '~\"^`'~\"\\]|}/;?:\1\\\2|",
     "7{8[9]0}-\\q/w?;'"},
    {"be", "1&!12 @23\"#34'$45(%56 ^67 &78!*89 (90 )0-)_ =-+_qaQAwzWZ[^{\"]$}*aqAQ;m:M' \"%` ~ \\ | zwZWm,M?,;<..:>//=?+\1<\2>",
     "1|2@3#6^7{8[9{0}-\\q@[[]];'''\\`/~\1\\"},
    {"ch", "!+@\"#*$ ^&&/*(())=-'_?=^+`yzYZ[ { ]\"}!; : ' \" ` ~ \\$| zyZY<;>:/-?_\1<\2>",
     "1|2@3#7|9]0}=~q@[[]];''{\\}\1\\"},
    {"nl", "@\"^&&_*(())'-/_?= +~[\"{^]*}|;+: \"``@~ \\<|><;>:/-?=\1]\2[",
     "8{9}-\\q@[~]~;'\\`\1|"},
    {"se", "@\"$ ^&&/*(())=-+_?='+`[ { ]\"}^; : ' \" ` ~ \\'|*<;>:/-?_\1<\2>",
     "2@4$7{8[9]0}-\\q@[\"]~\1|"},
    {"no", "@\"$ ^&&/*(())=-+_?=\\+`[ { ]\"}^; : ' \" `|~ \\'|*<;>:/-?_\1<\2>",
     "2@4$7{8[9]0}='q@[\"]~;''^"},
    {"dk", "@\"$ ^&&/*(())=-+_?='+`[ { ]\"}^; : ' \" ` ~ \\'|*<;>:/-?_\1<\2>",
     "2@4$7{8[9]0}=|q@[\"]~;''^\1\\"},
    {"fi", "@\"$ ^&*(())=-+_?='+`[ { ]\"}^; : ' \" \\'|*<;>:/-?_\1<\2>",
     "2@4$8[9]0}-\\]~\1|"},
    {"cz", "1+!12 @23 #34 $45 %56 ^67 &78 *89 (90 )0-=_%='+ yzYZ[ {/])}(; :\"' \"!`;~ \\\"|'zyZY<?>:/-?_\1\\\2|",
     "1!2@3#4$5%6^7&8*9{0}-\\q\\w|[[]]a~f[g]h`j';$''``\\\\x#c&v@b{n}m^,<.>/*\1/"},
    {"pl", "\1<\2>",
     "[\"]~;''^\\`\1|"},
    {"hu", "!'@\"#+$!^/&=*(()0 ) - _ = + yzYZ[ { ] } ; : ' \" `0~ \\ | zyZY<?>:/-?_\1 \2 ",
     "1~3^7`9'-\"q\\w|f[g];$z>x#c&v@b{n}m<,;.>/*\1<"},
};

/// What US keys are alone, by scan code from 02h (1) to 35h (/); blanks are keys without a character of their own.
constexpr std::string_view us_keys = "1234567890-=  qwertyuiop[]  asdfghjkl;'` \\zxcvbnm,./";
constexpr std::uint8_t us_keys_begin = 0x02;
/// Alt with the keys of the first row has scan codes of its own.
constexpr std::uint8_t alt_row_begin = 0x78, alt_row_end = 0x84;

/// What stands behind `from` in pairs, or `missing`.
char partner(std::string_view pairs, char from, char missing) {
  for (std::size_t i = 0; i + 1 < pairs.size(); i += 2)
    if (pairs[i] == from) return pairs[i + 1];
  return missing;
}

bool is_letter(char character) { return character >= 'a' && character <= 'z'; }

}  // namespace

const Keyboard* find_keyboard(std::string_view name) {
  // As the language is called, and as the country is.
  if (name == "sv") name = "se";
  if (name == "gb") name = "uk";
  for (const Keyboard& keyboard : keyboards)
    if (keyboard.name == name) return &keyboard;
  return nullptr;
}

std::string_view keyboard_names() { return "us uk de fr es it pt br be ch nl se no dk fi cz pl hu"; }

std::uint8_t key_on(const Keyboard& keyboard, std::uint8_t scan_code, std::uint8_t character) {
  const bool with_alt = character == 0 || character == 0xe0;
  char from = static_cast<char>(character);
  if (with_alt && scan_code >= alt_row_begin && scan_code < alt_row_end) scan_code = static_cast<std::uint8_t>(scan_code - alt_row_begin + us_keys_begin);
  if (scan_code == extra_scan_code) {
    // BIOSes take it for \ and |, or know it as < and >.
    from = from == '|' || from == '>' ? extra_shifted : extra;
  } else {
    const std::size_t index = static_cast<std::size_t>(scan_code) - us_keys_begin;
    if (index >= us_keys.size()) return with_alt ? 0 : character;  // the number pad is the same everywhere
    if (with_alt) from = us_keys[index];
    // Ctrl and a letter.
    if (const char letter = us_keys[index]; character < ' ' && !with_alt) {
      const char there = partner(keyboard.keys, letter, letter);
      return is_letter(letter) && is_letter(there) && character == (letter & 0x1f) ? static_cast<std::uint8_t>(there & 0x1f) : character;
    }
  }
  // Where a keyboard says nothing of a key, it is what the BIOS says; without it a blank is a key that gives nothing.
  const char to = with_alt ? partner(keyboard.right_alt, from, ' ') : partner(keyboard.keys, from, static_cast<char>(character));
  return to == ' ' && from != ' ' ? 0 : static_cast<std::uint8_t>(to);
}

}  // namespace undine
