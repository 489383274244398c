// SPDX-License-Identifier: Apache-2.0
#include "protocols/iscsi/login.h"

#include "core/text.h"
#include "protocols/crypto/hash.h"
#include "protocols/iscsi/channel.h"

namespace undine::iscsi {
namespace {

/// The numbers of RFC 7143 12.1.3 and of IANA. MD5 stands first although it is the weakest: for tgt, 7 is SHA-1, and it takes the first that it knows.
constexpr std::string_view algorithms_offered = "5,7,6";
std::optional<crypto::HashAlgorithm> algorithm_of(unsigned number) {
  switch (number) {
    case 5: return crypto::HashAlgorithm::md5;
    case 6: return crypto::HashAlgorithm::sha1;
    case 7: return crypto::HashAlgorithm::sha256;
    default: return std::nullopt;
  }
}

/// 12.1.3: 1024 octets at most.
constexpr std::size_t challenge_bytes_max = 1024;

/// RFC 1994 4.1.
crypto::Digest chap_response(crypto::HashAlgorithm algorithm, std::uint8_t identifier, std::string_view secret, Bytes challenge) {
  crypto::Hash hash{algorithm};
  hash.update({&identifier, 1});
  hash.update(as_bytes(secret));
  hash.update(challenge);
  return hash.finish();
}

/// What we offer, and what the result is if the target only confirms it.
struct Offer {
  std::string_view key, value;
};
constexpr Offer offers[] = {
    {"HeaderDigest", "None,CRC32C"}, {"DataDigest", "None,CRC32C"}, {"MaxRecvDataSegmentLength", "262144"}, {"InitialR2T", "No"}, {"ImmediateData", "Yes"},
    {"MaxBurstLength", "262144"}, {"FirstBurstLength", "65536"}, {"MaxOutstandingR2T", "1"}, {"MaxConnections", "1"}, {"DataPDUInOrder", "Yes"},
    {"DataSequenceInOrder", "Yes"}, {"DefaultTime2Wait", "0"}, {"DefaultTime2Retain", "0"}, {"ErrorRecoveryLevel", "0"},
};
static_assert(Login::segment_bytes == 262144);
/// What a target declares: nobody answers that.
constexpr std::string_view declarations[] = {"TargetAlias", "TargetAddress", "TargetPortalGroupTag"};

bool is_expected(std::string_view key) {
  for (const Offer& offer : offers) {
    if (offer.key == key) return true;
  }
  for (const std::string_view known : declarations) {
    if (known == key) return true;
  }
  return false;
}

}  // namespace

Result<void> Login::begin() {
  if (wants_proof() && options_.username.empty()) return fail(reverse_alone);
  stage_ = Stage::security;
  is_chap_ = has_answered_ = false;
  exchanges_ = 0;
  parameters_ = {};
  algorithm_ = 0;
  identifier_.reset();
  for (std::string* text : {&text_, &received_, &challenge_, &their_name_, &their_response_}) text->clear();
  append_key(text_, "InitiatorName", options_.initiator_name);
  append_key(text_, "TargetName", target_);
  append_key(text_, "SessionType", "Normal");
  append_key(text_, "AuthMethod", options_.username.empty() ? "None" : wants_proof() ? "CHAP" : "CHAP,None");
  transits_ = options_.username.empty();
  return {};
}

Result<void> Login::take_status(std::uint16_t status, std::string_view text) const {
  switch (status) {
    case 0x0000: return {};
    case 0x0101:
    case 0x0102:
      while (const auto pair = take_key(text)) {
        if (pair->key == "TargetAddress") return fail(target_moved);
      }
      return fail(malformed);
    case 0x0201: return fail(options_.username.empty() ? needs_password : wrong_password);
    case 0x0202: return fail(not_allowed);
    case 0x0203:
    case 0x0204: return fail(no_such_target);
    case 0x0206: return fail(target_busy, status);
    default: return fail(status >> 8 == 3 ? target_busy : login_refused, status);
  }
}

Result<void> Login::take(const Header& header, std::string_view text) {
  if (++exchanges_ > exchanges_max) return fail(login_endless);
  if (const Result<void> verdict = take_status(header.login_status(), text); !verdict) {
    while (const auto pair = take_key(text)) {
      if (pair->key == "TargetAddress") target_address_ = pair->value;
    }
    return verdict;
  }
  if (header.current() != stage_) return fail(malformed);
  if (received_.size() + text.size() > text_bytes_max) return fail(malformed);
  received_ += text;
  text_.clear();
  if (header.goes_on()) {
    transits_ = false;
    return {};
  }
  const bool was_transit = transits_;
  std::string_view rest = received_;
  while (const auto pair = take_key(rest)) TRY(stage_ == Stage::security ? take_security(*pair) : take_operational(*pair));
  received_.clear();
  if (stage_ == Stage::security && is_chap_ && !has_answered_ && identifier_ && !challenge_.empty()) {
    TRY(answer_challenge());
    return {};
  }
  if (!header.is_final()) {
    // Whatever it waits for: all has been said, unless the secret is still missing.
    transits_ = !is_chap_ || has_answered_ || stage_ == Stage::operational;
    return {};
  }
  if (!was_transit || header.next() != next()) return fail(malformed);
  if (stage_ == Stage::operational) {
    stage_ = Stage::full;
    return {};
  }
  if (is_chap_ && !has_answered_) return fail(malformed);
  if (wants_proof()) TRY(check_target());
  stage_ = Stage::operational;
  for (const Offer& offer : offers) append_key(text_, offer.key, offer.value);
  transits_ = true;
  return {};
}

// ---- security

Result<void> Login::take_security(const KeyValue& pair) {
  const auto& [key, value] = pair;
  if (key == "AuthMethod") {
    is_chap_ = value == "CHAP";
    if (is_chap_ && options_.username.empty()) return fail(needs_password);
    if (!is_chap_ && value != "None") return fail(unknown_method);
    if (!is_chap_ && wants_proof()) return fail(not_proven);
    if (is_chap_) append_key(text_, "CHAP_A", algorithms_offered);
  } else if (key == "CHAP_A") {
    algorithm_ = static_cast<unsigned>(parse_number(value, UINT8_MAX).value_or(0));
    if (!algorithm_of(algorithm_)) return fail(unknown_method);
  } else if (key == "CHAP_I") {
    const auto number = parse_number(value, UINT8_MAX);
    if (!number) return fail(malformed);
    identifier_ = static_cast<std::uint8_t>(*number);
  } else if (key == "CHAP_C") {
    challenge_ = value;
  } else if (key == "CHAP_N") {
    their_name_ = value;
  } else if (key == "CHAP_R") {
    their_response_ = value;
  } else if (!is_expected(key)) {
    append_key(text_, key, "NotUnderstood");
  }
  return {};
}

Result<void> Login::answer_challenge() {
  const auto algorithm = algorithm_of(algorithm_);
  if (!algorithm) return fail(malformed);
  std::uint8_t buffer[challenge_bytes_max];
  const auto challenge = decode_octets(challenge_, buffer);
  if (!challenge || challenge->empty()) return fail(malformed);
  append_key(text_, "CHAP_N", options_.username);
  append_key(text_, "CHAP_R", chap_response(*algorithm, *identifier_, options_.password, *challenge));
  if (wants_proof()) {
    our_identifier_ = static_cast<std::uint8_t>(entropy_.u32());
    for (std::size_t i = 0; i < challenge_bytes; i += 4) store_be32(our_challenge_, i, entropy_.u32());
    append_key(text_, "CHAP_I", join({our_identifier_}));
    append_key(text_, "CHAP_C", Bytes{our_challenge_});
  }
  has_answered_ = true;
  transits_ = true;
  return {};
}

Result<void> Login::check_target() const {
  const auto algorithm = algorithm_of(algorithm_);
  std::uint8_t buffer[crypto::Digest::bytes_max];
  const auto response = decode_octets(their_response_, buffer);
  if (!algorithm || !response) return fail(not_proven);
  const bool is_named = options_.reverse_username.empty() || their_name_ == options_.reverse_username;
  if (!is_named || !same_bytes(*response, chap_response(*algorithm, our_identifier_, options_.reverse_password, our_challenge_))) return fail(not_proven);
  return {};
}

// ---- parameters

Result<void> Login::take_operational(const KeyValue& pair) {
  const auto& [key, value] = pair;
  const auto digest = [&](bool& is_used) -> Result<void> {
    if (value != "CRC32C" && value != "None") return fail(malformed);
    is_used = value == "CRC32C";
    return {};
  };
  // Of a list or a range section 6.2 gives the result to who answers; it is held to what we can do.
  const auto length = [&](std::uint32_t& result, std::uint32_t most) -> Result<void> {
    const auto number = parse_number(value, 0xff'ffff);
    if (!number || *number < 512) return fail(malformed);
    result = *number < most ? static_cast<std::uint32_t>(*number) : most;
    return {};
  };
  if (key == "HeaderDigest") return digest(parameters_.header_digest);
  if (key == "DataDigest") return digest(parameters_.data_digest);
  if (key == "MaxRecvDataSegmentLength") return length(parameters_.segment_bytes, segment_bytes);
  if (key == "FirstBurstLength") return length(parameters_.first_burst_bytes, 65'536);
  if (key == "InitialR2T") parameters_.asks_for_data = value != "No";
  if (key == "ImmediateData") parameters_.immediate_data = value == "Yes";
  if (!is_expected(key)) append_key(text_, key, "NotUnderstood");
  return {};
}

}  // namespace undine::iscsi
