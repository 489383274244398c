// SPDX-License-Identifier: Apache-2.0
// Turns an encrypted file into what it was, where it lies. Until all of it is done and found genuine nobody may use it; if it is not, or if nobody waits any
// more, it becomes again what it was.
#pragma once

#include <mbedtls/aes.h>
#include <mbedtls/gcm.h>

#include <memory>
#include <vector>

#include "core/transfer.h"
#include "protocols/cms/envelope.h"

namespace undine::cms {

inline constexpr Cause envelope_wrong{"envelope.wrong", "the file is not the one of this envelope, or one of them was changed or damaged, or our key is not that of our certificate; encrypt it anew", 0x3c};

class Decryption final : public Transfer {
public:
  /// `envelope_file` is in DER or PEM, `key` is that of `ours` in DER. Neither is needed any more when this returns; `file` must outlive what it returns, and is
  /// left as it is until that advances. The causes of Envelope::parse, and `envelope_wrong`.
  static Result<std::unique_ptr<Decryption>> open(Bytes envelope_file, const trust::Certificate& ours, Bytes key, MutableBytes file);
  Decryption() {
    mbedtls_aes_init(&aes_);
    mbedtls_gcm_init(&gcm_);
  }
  ~Decryption() override;
  Decryption(const Decryption&) = delete;
  Decryption& operator=(const Decryption&) = delete;

  /// A piece of it. `envelope_wrong` at the end, if the file is not genuine.
  Result<Progress> advance(Instant now) override;
  /// What the decrypted file has: less than before by the padding of CBC.
  std::size_t length() const { return length_; }

private:
  static constexpr std::size_t block_bytes = 16;
  /// Between two the network is served and Ctrl-C is heard.
  static constexpr std::size_t slice_bytes = 128 * 1024;

  Result<void> begin(Bytes key);
  bool start_gcm();
  Result<void> check_padding();
  void undo();

  std::vector<std::uint8_t> der_;  ///< what envelope_ views
  Envelope envelope_{};
  std::uint8_t key_[32];
  std::uint8_t chain_[block_bytes];  ///< CBC: the encrypted block before
  mbedtls_aes_context aes_;
  mbedtls_gcm_context gcm_;
  MutableBytes file_;
  std::size_t done_ = 0, length_ = 0;
  bool is_genuine_ = false;
};

}  // namespace undine::cms
