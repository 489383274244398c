// SPDX-License-Identifier: Apache-2.0
// The login dialogue (RFC 7143 section 6.3): who we are and what proves it, then what the session may do. Texts only: requests and responses are
// carried by others.
//
//   security: names, AuthMethod -> [CHAP_A -> CHAP_N, CHAP_R (and CHAP_I, CHAP_C, which the target answers)] -> operational -> full
#pragma once

#include <optional>
#include <string>

#include "core/clock.h"
#include "protocols/iscsi/packet.h"
#include "protocols/iscsi/text.h"
#include "protocols/san/san.h"

namespace undine::iscsi {

inline constexpr Cause wrong_password{"iscsi.wrong-password", "the iSCSI target refuses that user name and secret (CHAP)", 0x3c};
inline constexpr Cause needs_password{"iscsi.needs-password", "the iSCSI target asks for a user name and a secret (CHAP); set username and password", 0x3c};
inline constexpr Cause not_proven{"iscsi.not-proven", "the iSCSI target does not prove that it knows the reverse secret; is it the right target, and reverse-password the right secret?", 0x3c};
inline constexpr Cause reverse_alone{"iscsi.reverse-alone", "a target proves itself only to who does so too; set username and password beside reverse-username and reverse-password", pxe_status_failure};
inline constexpr Cause unknown_method{"iscsi.unknown-method", "the iSCSI target wants to be convinced in a way that is not known here; CHAP with MD5, SHA-1 or SHA-256 is", 0x3c};
inline constexpr Cause not_allowed{"iscsi.not-allowed", "the iSCSI target is not for this initiator; allow the name that initiator-iqn has on the target", 0x3c};
inline constexpr Cause no_such_target{"iscsi.no-such-target", "the iSCSI server has no target of that name", 0x3b};
inline constexpr Cause target_busy{"iscsi.busy", "the iSCSI target takes no more sessions, or is out of service; its status", 0x3c, Detail::hex};
inline constexpr Cause login_refused{"iscsi.login-refused", "the iSCSI target refuses the login with status", 0x3c, Detail::hex};
inline constexpr Cause login_endless{"iscsi.login-endless", "the iSCSI target asks on and on and never lets us in", 0x3c};
/// Not for people: `Login::target_address` says where to go.
inline constexpr Cause target_moved{"iscsi.moved", "the iSCSI target is elsewhere", 0x3c};

/// What was agreed (section 13).
struct Parameters {
  bool header_digest = false, data_digest = false;
  bool asks_for_data = true;    ///< InitialR2T
  bool immediate_data = false;
  std::uint32_t segment_bytes = 8192;  ///< MaxRecvDataSegmentLength of the target: what one PDU of ours may carry
  std::uint32_t first_burst_bytes = 65'536;
};

class Login {
public:
  /// What we take in one PDU.
  static constexpr std::uint32_t segment_bytes = 256 * 1024;
  /// Requests in one login: it takes two to five.
  static constexpr unsigned exchanges_max = 20;
  /// All of a response.
  static constexpr std::size_t text_bytes_max = 16 * 1024;

  /// All outlive the dialogue. `options` must name the initiator.
  Login(const SanOptions& options, std::string_view target, Entropy& entropy) : options_(options), target_(target), entropy_(entropy) {}

  /// From the beginning.
  Result<void> begin();
  /// The request that is to be sent now.
  const std::string& text() const { return text_; }
  Stage current() const { return stage_; }
  Stage next() const { return stage_ == Stage::security ? Stage::operational : Stage::full; }
  bool transits() const { return transits_; }

  /// A response, or a part of its text. `target_moved`: see target_address(). Any other error is the target's verdict.
  Result<void> take(const Header& header, std::string_view text);
  bool is_finished() const { return stage_ == Stage::full; }
  const Parameters& parameters() const { return parameters_; }
  const std::string& target_address() const { return target_address_; }
  /// The target asked for CHAP.
  bool asked_for_chap() const { return is_chap_; }

private:
  Result<void> take_status(std::uint16_t status, std::string_view text) const;
  Result<void> take_security(const KeyValue& pair);
  Result<void> take_operational(const KeyValue& pair);
  Result<void> answer_challenge();
  Result<void> check_target() const;
  bool wants_proof() const { return !options_.reverse_username.empty() || !options_.reverse_password.empty(); }

  static constexpr std::size_t challenge_bytes = 16;

  const SanOptions& options_;
  std::string_view target_;
  Entropy& entropy_;
  Stage stage_ = Stage::security;
  bool transits_ = false, is_chap_ = false, has_answered_ = false;
  unsigned exchanges_ = 0;
  Parameters parameters_;
  std::string text_, received_, target_address_;
  // CHAP (12.1.3): what came, and the question that the target has to answer.
  unsigned algorithm_ = 0;
  std::optional<std::uint8_t> identifier_;
  std::string challenge_, their_name_, their_response_;
  std::uint8_t our_identifier_ = 0, our_challenge_[challenge_bytes];
};

}  // namespace undine::iscsi
