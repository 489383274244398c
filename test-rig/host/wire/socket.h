// SPDX-License-Identifier: Apache-2.0
// A socket of the host's operating system, never blocking, closed at its end.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "core/address.h"

namespace undine::tool {

class Socket {
public:
  /// `type`: SOCK_STREAM or SOCK_DGRAM. Without a descriptor to be had it is closed from the start.
  explicit Socket(int type) : descriptor_(socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {}
  Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~Socket() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  int descriptor() const { return descriptor_; }

private:
  int descriptor_;
};

inline sockaddr_in socket_address(Endpoint endpoint) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(endpoint.port);
  address.sin_addr.s_addr = htonl(endpoint.address.value);
  return address;
}

}  // namespace undine::tool
