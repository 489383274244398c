// SPDX-License-Identifier: Apache-2.0
// The one copy of std::string's members. libc++'s headers declare them as `extern template` and expect them in its compiled library, which
// the program does not link; what nobody calls is left out by the linker. In the program only.
#include <string>

template class std::basic_string<char>;
