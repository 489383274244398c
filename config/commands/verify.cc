// SPDX-License-Identifier: Apache-2.0
// Commands about whether files and servers are what they should be, and about files that are for us alone.
#include "config/commands/commands.h"
#include "core/wall_clock.h"
#include "protocols/cms/decryption.h"
#include "protocols/cms/signature.h"
#include "protocols/trust/causes.h"
#include "protocols/trust/names.h"
#include "protocols/trust/pem.h"

namespace undine {
namespace {

constexpr Cause verify_permanent{"imgtrust.permanent", "'imgtrust --permanent' holds until the machine restarts", 0x3c};
constexpr Cause trust_absent{"trust.absent", "this program has no secure connections", pxe_status_failure};
constexpr Cause trust_open_line{"trust.open-line", "a certificate that comes over an open line is believed only with its fingerprint: --sha256 HEX behind it", 0x3c};
constexpr Cause decrypt_no_key{"envelope.no-key", "this program has no certificate and key of its own to decrypt by; the settings cert and privkey, or the build, give it one", 0x3c};

Result<trust::Trust*> trust_of(Shell& shell) {
  if (shell.environment().network.trust == nullptr) return fail(trust_absent);
  return shell.environment().network.trust;
}

/// By certificates: each signer, or each of that name, must have signed, and lead to a trusted root.
Result<void> check_signed_data(Shell& shell, const Image& image, Bytes file, std::optional<std::string_view> name) {
  const trust::Trust* trust = TRY(trust_of(shell));
  auto found = trust::der_of(file, "CMS");
  if (found.size() != 1) found = trust::der_of(file, "PKCS7");
  const cms::SignedData data = TRY(cms::parse(found.size() == 1 ? Bytes{found[0]} : file));
  const WallClock* clock = shell.environment().network.wall_clock;
  const auto now = static_cast<std::uint32_t>(clock ? clock->unix_seconds(shell.clock().now()) : 0);
  bool is_signed = false;
  for (const cms::Signer& signer : data.signers) {
    const trust::Certificate& certificate = *TRY(cms::certificate_of(data, signer));
    if (name && !trust::is_named(certificate, *name)) continue;
    const crypto::Digest digest = TRY(shell.digest(image, signer.hash));
    TRY(cms::check_signature(signer, certificate, digest));
    TRY(cms::check_chain(data, certificate, *trust, now, clock && clock->is_corrected()));
    is_signed = true;
  }
  if (!is_signed) return fail(cms::no_signer);
  return {};
}

void append_hex(std::string& line, Bytes octets) {
  for (const std::uint8_t octet : octets) append(line, {hex(octet, 2)});
}

}  // namespace

Result<RawValue> parse_sha256(std::string_view text) {
  const auto octets = parse_value(text.find(':') == text.npos ? ValueType::hex_raw : ValueType::hex, text);
  if (!octets || octets->size() != crypto::digest_bytes(crypto::HashAlgorithm::sha256)) return fail(fingerprint_bad);
  return octets;
}

Result<void> run_digest(Shell& shell, const Invocation& call) {
  // In the order of crypto::HashAlgorithm.
  const auto algorithm = static_cast<crypto::HashAlgorithm>(place_in("md5sum sha1sum sha256sum sha384sum sha512sum", call.command().name));
  const auto setting = call.value('s');
  for (const std::string& name : call.operands()) {
    bool is_fresh = false;
    Image* image = TRY(shell.acquire(name, {}, is_fresh));
    const auto digest = TRY(shell.digest(*image, algorithm));
    if (setting) {
      // Unless the script says otherwise, as it is printed.
      const std::string typed = join({*setting, setting->find(':') == setting->npos ? ":hexraw" : ""});
      const Bytes octets = digest;
      TRY(shell.settings().set_octets(shell.about(typed), RawValue(octets.begin(), octets.end())));
    } else {
      std::string line;
      append_hex(line, digest);
      shell.print({line, "  ", printable(image->name), "\n"});
    }
    if (is_fresh) shell.images().remove(*image);
  }
  return {};
}

Result<void> run_imgverify(Shell& shell, const Invocation& call) {
  Shell::FetchWish wish;
  if (const auto timeout = TRY(call.number('t')); timeout && *timeout != 0) wish.timeout = Duration{*timeout};
  struct {
    Image* image = nullptr;
    bool is_fresh = false;
  } file, signature, key;
  file.image = TRY(shell.acquire(call.operand(0), wish, file.is_fresh));
  auto failed = [&]() -> Result<void> {
    signature.image = TRY(shell.acquire(call.operand(1), wish, signature.is_fresh));
    if (const auto name = call.value('K')) {
      key.image = TRY(shell.acquire(*name, wish, key.is_fresh));
      // Who decided once and for all whom to believe does not mean any key that comes along.
      if (shell.trust_is_permanent && !key.image->is_trusted) return shell.fail_about(key.image->name, verify_permanent);
    }
    return {};
  }();
  if (failed) {
    shell.about(call.operand(1));
    const Bytes signed_octets = shell.images().contents(*signature.image);
    if (key.image) {
      const auto digest = shell.digest(*file.image, crypto::HashAlgorithm::sha256);
      failed = digest ? cms::check_raw(shell.images().contents(*key.image), signed_octets, *digest) : Result<void>(fail(digest.error()));
    } else {
      failed = check_signed_data(shell, *file.image, signed_octets, call.value('s'));
    }
    file.image->is_trusted = failed.has_value();
    // Nobody shall boot it by mistake.
    file.is_fresh = !failed && !failed.error().is(cancelled);
  } else if (!file.is_fresh) {
    file.image->is_trusted = false;
  }
  // The newest first: others move up when one goes.
  if (key.is_fresh && key.image) shell.images().remove(*key.image);
  if (signature.is_fresh && signature.image && !call.has('k')) shell.images().remove(*signature.image);
  if (file.is_fresh) shell.images().remove(*file.image);
  return failed;
}

Result<void> run_imgdecrypt(Shell& shell, const Invocation& call) {
  const Shell::FetchWish wish = TRY(wish_of(shell, call));
  ImageStore& images = shell.images();
  bool is_fresh = false, envelope_is_fresh = false;
  Image* const file = TRY(shell.acquire(call.operand(0), {.timeout = wish.timeout}, is_fresh));
  const std::uint32_t serial = file->serial;
  const auto envelope = shell.acquire(call.operand(1), {.timeout = wish.timeout}, envelope_is_fresh);
  const auto decrypt = [&]() -> Result<std::size_t> {
    if (!envelope) return fail(envelope.error());
    trust::Trust* const trust = TRY(trust_of(shell));
    TRY(shell.use_identity(*trust));
    shell.about(call.operand(1));
    if (trust->client() == nullptr) return fail(decrypt_no_key);
    const auto decryption = TRY(cms::Decryption::open(images.contents(**envelope), *trust->client(), trust->client_identity().key, images.change(*file)));
    shell.about(file->name);
    TRY(shell.loop().wait(*decryption, join({"decrypting ", printable(file->name)})));
    return decryption->length();
  };
  const Result<std::size_t> length = decrypt();
  if (length) {
    // Who was found to have signed it signed something else.
    file->is_trusted = false;
    file->name = std::string(wish.name.empty() ? without_suffix(file->name) : wish.name);
    images.shorten(*file, *length);
  }
  if (envelope && !call.has('k')) images.remove_if_there((*envelope)->serial);
  if (!length && is_fresh) images.remove_if_there(serial);
  if (!length) return fail(length.error());
  return {};
}

Result<void> run_imgtrust(Shell& shell, const Invocation& call) {
  if (shell.trust_is_permanent) return fail(verify_permanent);
  shell.only_trusted = !call.has('a');
  shell.trust_is_permanent = call.has('p');
  return {};
}

Result<void> run_trust(Shell& shell, const Invocation& call) {
  trust::Trust* trust = TRY(trust_of(shell));
  if (shell.trust_is_permanent) return fail(verify_permanent);
  const std::string_view address = call.operand(0);
  RawValue sha256;
  if (call.operands().size() > 1) {
    // The one command whose option may stand behind: people write what they believe first.
    if (call.operand(1) != "--sha256" || call.operands().size() != 3) return shell.fail_about(call.operand(1), usage_option);
    sha256 = TRY(parse_sha256(shell.about(call.operand(2))));
  }
  // Now a server that has only this to show is believed as well.
  if (!sha256.empty()) TRY(trust->add_fingerprint(sha256));
  const bool is_secure = address.starts_with("https://");
  bool is_fresh = false;
  const Image* image = TRY(shell.acquire(address, {}, is_fresh));
  shell.about(address);
  const bool is_protected = !sha256.empty() || image->is_trusted || (is_secure && is_fresh);
  const auto added = is_protected ? trust->add_certificates(shell.images().contents(*image), sha256) : fail(trust_open_line);
  if (is_fresh) shell.images().remove(*image);
  // A server that is believed need not have its certificate there to be fetched.
  if (!added && !(is_secure && !sha256.empty() && added.error().is(trust::no_pem))) return fail(added.error());
  return {};
}

Result<void> run_certstore(Shell& shell, const Invocation& call) {
  trust::Trust* trust = TRY(trust_of(shell));
  if (call.operands().empty()) return {};  // what is stored already stays
  bool is_fresh = false;
  const Image* image = TRY(shell.acquire(call.operand(0), {}, is_fresh));
  shell.about(call.operand(0));
  const auto added = trust->add_intermediates(shell.images().contents(*image), call.value('s').value_or(""));
  if (!call.has('k')) shell.images().remove(*image);
  return added;
}

Result<void> run_certfree(Shell& shell, const Invocation& call) {
  trust::Trust* trust = TRY(trust_of(shell));
  return trust->forget(shell.about(call.value('s').value_or("")));
}

Result<void> run_certstat(Shell& shell, const Invocation& call) {
  const trust::Trust* trust = TRY(trust_of(shell));
  const auto subject = call.value('s');
  constexpr std::string_view kinds[] = {"built in", "built in", "added", "certificate", "our own"};
  std::size_t index = 0;
  for (; const auto fact = trust->fact(index); ++index) {
    if (subject && fact->name != *subject && (fact->certificate == nullptr || !trust::is_named(*fact->certificate, *subject))) continue;
    std::string line;
    append_hex(line, fact->fingerprint);
    shell.print({line, fact->fingerprint.size() < 32 ? "...  " : "  ", kinds[static_cast<std::size_t>(fact->kind)], fact->trusted ? ", trusted" : ", not trusted",
                 fact->name.empty() ? "" : ": ", fact->name, "\n"});
  }
  return {};
}

}  // namespace undine
