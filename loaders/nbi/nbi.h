// SPDX-License-Identifier: Apache-2.0
// Tagged images ("Draft Net Boot Image Proposal" 0.3 of 1997, with Etherboot's additions): a header of 512 octets that says where it goes itself, where
// each piece of the rest goes, and where to begin. Made by mknbi and wraplinux.
//
// A program is called, in real mode with far pointers to its header and to DHCP's packet on the stack, or, if its header says so, in flat 32-bit mode
// with the addresses of Etherboot's version, header and packet. Only one whose header says that it returns can return, and
// in real mode it has INT 78h (pxe-api/net_boot.h).
#pragma once

#include "loaders/layout.h"

namespace undine::nbi {

bool recognises(Bytes contents);
Result<BootPlan> plan(const Image& image, const BootResources& resources);

}  // namespace undine::nbi
