// SPDX-License-Identifier: Apache-2.0
// Digests, signatures, encrypted files, and who is believed. What openssl made is that of protocols/cms.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "config/shell_bench.h"
#include "protocols/cms/testing/client.h"
#include "protocols/crypto/random.h"
#include "protocols/trust/trust.h"

namespace undine {
namespace {

using testing::ShellBench;

std::string file(const std::string& name) {
  std::ifstream stream("../protocols/cms/corpus/signature_fuzz/" + name, std::ios::binary);
  EXPECT_TRUE(stream) << name;
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// `openssl x509 -fingerprint -sha256` of root.crt.
constexpr std::string_view root_sha256 = "56f31ee594e7d8a797d59ee20940973e7310bf9dd73b71fe73d8a3252481c208";

struct VerifyBench : ShellBench {
  VerifyBench() {
    network.trust = &trust;
    wall_clock.correct(1'893'456'000'000, {});  // 2030
    files.files = {{"http://h/vmlinuz", "KERNEL"}, {"http://h/other", "KERNEl"}, {"http://h/root.crt", file("root.crt")}};
    for (const char* const name : {"rsa-plain.sig", "rsa-attributes.sig", "ec-plain.sig", "ec-attributes.sig", "server.sig"}) files.files[std::string("http://h/") + name] = file(name);
    const std::string seed = file("ec.key");
    const std::size_t length = static_cast<unsigned char>(seed[1]) * 256u + static_cast<unsigned char>(seed[2]);
    files.files["http://h/key.pem"] = seed.substr(3, length);
    files.files["http://h/raw.sig"] = seed.substr(3 + length);
  }
  void believe() { line(join({"trust http://h/root.crt --sha256 ", root_sha256})); }
  std::string last_cause() { return status ? "good" : std::string(shell.last_error()->cause().name); }

  trust::Trust trust{network, {}};
};

TEST(Digests, AreThoseOfTheStockTools) {
  ShellBench bench;
  bench.files.files = {{"http://h/x", "KERNEL"}, {"http://h/empty", ""}};
  bench.line("imgfetch http://h/x");
  EXPECT_EQ(bench.line("md5sum x"), "35c10219c45ccfb5b07444fd7e17214c  x\n");
  EXPECT_EQ(bench.line("sha1sum x"), "7911fd94d955289725aa424924600d6fbf0d0f72  x\n");
  EXPECT_EQ(bench.line("sha256sum x x"), "a204d4ad1de3e9b07751899e5cf4d4a3017328c41372c70fdcc8db9587bb38fb  x\na204d4ad1de3e9b07751899e5cf4d4a3017328c41372c70fdcc8db9587bb38fb  x\n");
  EXPECT_EQ(bench.line("sha512sum x"), "6f8a8451145e737c2d1b0f650ffe4b9456d2b4757b537fb63cac5e7a5cbfc57d839ade41578fb09c377c8eabfa7642d706a3ed5c752cf3196a602a009d33420f  x\n");
  EXPECT_EQ(bench.line("sha384sum x").size(), 96 + std::string_view("  x\n").size());
  EXPECT_EQ(bench.line("sha1sum --set actual x && echo ${actual}"), "7911fd94d955289725aa424924600d6fbf0d0f72\n");
  EXPECT_EQ(bench.line("md5sum -s actual:hex x ; echo ${actual}"), "35:c1:02:19:c4:5c:cf:b5:b0:74:44:fd:7e:17:21:4c\n");
  EXPECT_EQ(bench.line("md5sum http://h/empty ; imgstat empty"),
            "http://h/empty: 0 B\nd41d8cd98f00b204e9800998ecf8427e  empty\nimgstat: empty: there is no image of that name; 'imgstat' lists them [image.unknown]\n");
}

TEST(ImgVerify, BelievesWhomTheUserTrusts) {
  VerifyBench bench;
  bench.believe();
  EXPECT_TRUE(bench.status);
  bench.line("kernel http://h/vmlinuz");
  for (const char* const name : {"rsa-plain", "rsa-attributes", "ec-plain", "ec-attributes"}) {
    bench.line(join({"imgverify vmlinuz http://h/", name, ".sig"}));
    EXPECT_EQ(bench.last_cause(), "good") << name;
  }
  const auto der = file("rsa-plain.sig");
  for (const std::string_view label : {"CMS", "PKCS7"}) {
    bench.files.files["http://h/pem.sig"] = join({"-----BEGIN ", label, "-----\n", *format_value(ValueType::base64, as_bytes(der)), "\n-----END ", label, "-----\n"});
    bench.line("imgverify vmlinuz http://h/pem.sig");
    EXPECT_EQ(bench.last_cause(), "good") << label;
  }
  bench.line("imgverify --signer signer vmlinuz http://h/rsa-plain.sig");
  EXPECT_EQ(bench.last_cause(), "good");
  EXPECT_EQ(bench.shell.images().images().size(), 1u) << "the signatures are gone";
  bench.line("imgverify --keep vmlinuz http://h/rsa-plain.sig");
  EXPECT_EQ(bench.shell.images().images().size(), 2u);
}

TEST(ImgVerify, FreesWhatIsNotSigned) {
  VerifyBench bench;
  const auto verdict = [&](std::string_view options, std::string_view name, std::string_view signature) {
    bench.line(join({"imgfetch http://h/", name, " ; imgverify ", options, name, " http://h/", signature}));
    const std::string cause = bench.last_cause();
    EXPECT_EQ(bench.shell.images().images().size(), 0u) << cause;
    bench.line("imgfree");
    return cause;
  };
  EXPECT_EQ(verdict("", "vmlinuz", "rsa-plain.sig"), "signature.untrusted");
  bench.believe();
  EXPECT_EQ(verdict("", "other", "rsa-plain.sig"), "signature.wrong");
  EXPECT_EQ(verdict("", "other", "ec-attributes.sig"), "signature.wrong");
  EXPECT_EQ(verdict("", "vmlinuz", "server.sig"), "signature.not-for-code");
  EXPECT_EQ(verdict("", "vmlinuz", "root.crt"), "signature.malformed");
  EXPECT_EQ(verdict("-s somebody ", "vmlinuz", "rsa-plain.sig"), "signature.no-signer");
  EXPECT_EQ(verdict("--key http://h/key.pem ", "other", "raw.sig"), "signature.wrong");
  EXPECT_EQ(verdict("--key http://h/root.crt ", "vmlinuz", "raw.sig"), "signature.bad-key");
}

TEST(ImgVerify, KeepsAFileWhoseSignatureCannotBeHad) {
  VerifyBench bench;
  bench.line("imgfetch http://h/vmlinuz ; imgverify vmlinuz http://h/missing.sig");
  EXPECT_EQ(bench.last_cause(), "http.status");
  EXPECT_EQ(bench.shell.images().images().size(), 1u);
  bench.line("imgfree ; imgverify http://h/vmlinuz http://h/missing.sig");
  EXPECT_EQ(bench.shell.images().images().size(), 0u) << "it was fetched only for this";
}

TEST(ImgVerify, TakesAPublicKey) {
  VerifyBench bench;
  bench.line("kernel http://h/vmlinuz ; imgverify --key http://h/key.pem vmlinuz http://h/raw.sig");
  EXPECT_EQ(bench.last_cause(), "good");
  EXPECT_EQ(bench.shell.images().images().size(), 1u);
  bench.line("imgtrust ; boot");
  EXPECT_EQ(bench.booter.booted.size(), 1u);
}

struct DecryptBench : VerifyBench {
  DecryptBench() {
    crypto::start(noise, clock);
    for (const std::string seed : {"aes256-gcm", "aes256-cbc", "others"}) {
      const std::string both = file("../envelope_fuzz/" + seed);
      const std::size_t length = load_be16(as_bytes(both), 0);
      files.files["http://h/" + seed + ".env"] = both.substr(2, length);
      files.files["http://h/" + seed + ".dat"] = both.substr(2 + length);
    }
    files.files["http://h/client.crt"] = testing::client_certificate;
    files.files["http://h/client.key"] = testing::client_key;
  }
  void become_client() { line("imgset cert http://h/client.crt && imgset privkey http://h/client.key"); }
  std::string contents(std::string_view name) {
    const Image* const image = images.find(name);
    return image == nullptr ? "none" : std::string(as_text(images.contents(*image)));
  }
  testing::FakeEntropy noise;
  static constexpr std::string_view secret = "KERNEL: what nobody else shall read\n";
};

TEST(ImgDecrypt, MakesAFileThatWasEncryptedForUsWhatItWas) {
  DecryptBench bench;
  bench.become_client();
  EXPECT_EQ(bench.line("imgdecrypt http://h/aes256-gcm.dat http://h/aes256-gcm.env"), "http://h/aes256-gcm.dat: 36 B\nhttp://h/aes256-gcm.env: 442 B\ndecrypting aes256-gcm.dat: 36 B\n");
  EXPECT_EQ(bench.contents("aes256-gcm"), bench.secret) << "the suffix goes";
  EXPECT_EQ(bench.images.images().size(), 1u) << "and so does the envelope";
  // One that gets shorter: what lies behind it moves up.
  bench.line("imgfetch http://h/aes256-cbc.dat ; imgfetch --name env http://h/aes256-cbc.env ; imgfetch http://h/vmlinuz ; imgdecrypt --name kernel --keep aes256-cbc.dat env");
  EXPECT_EQ(bench.last_cause(), "good");
  EXPECT_EQ(bench.contents("kernel"), bench.secret);
  EXPECT_EQ(bench.contents("env"), bench.files.files["http://h/aes256-cbc.env"]);
  EXPECT_EQ(bench.contents("vmlinuz"), "KERNEL");
}

TEST(ImgDecrypt, LeavesAFileThatIsNotForUsAsItWas) {
  DecryptBench bench;
  const auto verdict = [&](std::string_view data, std::string_view envelope) {
    const std::string address = join({"http://h/", data});
    bench.line(join({"imgfree ; imgfetch ", address, " ; imgdecrypt ", data, " http://h/", envelope}));
    const std::string cause = bench.last_cause();
    EXPECT_EQ(bench.contents(data), bench.files.files[address]) << cause;
    EXPECT_EQ(bench.images.images().size(), 1u) << "the envelope goes, whatever came of it";
    bench.line(join({"imgfree ; imgdecrypt ", address, " http://h/", envelope}));
    EXPECT_EQ(bench.last_cause(), cause);
    EXPECT_EQ(bench.images.images().size(), 0u) << "it was fetched only for this";
    return cause;
  };
  EXPECT_EQ(verdict("aes256-gcm.dat", "aes256-gcm.env"), "envelope.no-key");
  bench.become_client();
  EXPECT_EQ(verdict("others.dat", "others.env"), "envelope.not-for-us");
  EXPECT_EQ(verdict("aes256-cbc.dat", "aes256-gcm.env"), "envelope.wrong");
  EXPECT_EQ(verdict("aes256-cbc.dat", "vmlinuz"), "envelope.malformed");
  EXPECT_EQ(verdict("aes256-cbc.dat", "missing"), "http.status");
}

TEST(ImgDecrypt, MakesNothingTrusted) {
  DecryptBench bench;
  bench.become_client();
  bench.line("imgfetch http://h/aes256-gcm.dat");
  bench.images.find("aes256-gcm.dat")->is_trusted = true;
  bench.line("imgdecrypt aes256-gcm.dat http://h/aes256-gcm.env");
  EXPECT_EQ(bench.last_cause(), "good");
  EXPECT_FALSE(bench.images.find("aes256-gcm")->is_trusted);
}

TEST(ClientIdentity, IsThatOfTheSettings) {
  DecryptBench bench;
  bench.line("imgset cert http://h/client.crt");
  EXPECT_EQ(bench.line("set privkey 30:00 ; imgfetch http://h/vmlinuz"), "imgfetch: privkey: the file holds no private key, in DER or PEM without a pass phrase [trust.no-key]\n");
  bench.line("clear privkey ; imgset privkey http://h/client.key && imgfetch http://h/vmlinuz");
  EXPECT_EQ(bench.last_cause(), "good");
  EXPECT_TRUE(bench.line("certstat").ends_with("  our own, not trusted: client\n"));
  EXPECT_EQ(bench.trust.client_identity().chain.size(), 1u);
  EXPECT_EQ(bench.line("show privkey").find("BEGIN"), std::string::npos) << "nobody looks over the shoulder";
  EXPECT_EQ(bench.line("set cert 30:00 ; imgfetch http://h/vmlinuz"), "imgfetch: cert: the file holds no certificate, in DER or PEM [trust.no-certificate-in-file]\n");
  bench.line("clear cert ; clear privkey ; imgfetch http://h/vmlinuz");
  EXPECT_TRUE(bench.trust.client_identity().chain.empty());
}

TEST(ImgTrust, RunsOnlyWhatWasVerified) {
  VerifyBench bench;
  bench.files.files["http://h/script"] = "#!ipxe\necho ran\n";
  bench.believe();
  bench.line("kernel http://h/vmlinuz ; imgtrust");
  const std::string refused = bench.line("boot");
  EXPECT_EQ(refused, "boot: vmlinuz: only verified files may be run now ('imgtrust'); 'imgverify' verifies one [image.untrusted]\n");
  EXPECT_EQ(bench.line("chain http://h/script"), "http://h/script: 16 B\nchain: script: only verified files may be run now ('imgtrust'); 'imgverify' verifies one [image.untrusted]\n");
  EXPECT_TRUE(bench.booter.booted.empty());
  EXPECT_EQ(bench.shell.images().images().size(), 1u) << "a script that was refused is no initrd";
  bench.line("imgverify vmlinuz http://h/rsa-plain.sig ; boot");
  EXPECT_EQ(bench.booter.booted.size(), 1u);
  EXPECT_TRUE(bench.line("imgtrust --allow ; chain http://h/script").ends_with("ran\n"));
}

TEST(ImgTrust, PermanentlyMeansForEver) {
  VerifyBench bench;
  bench.line("imgtrust --permanent");
  EXPECT_TRUE(bench.status);
  EXPECT_EQ(bench.line("imgtrust --allow"), "imgtrust: 'imgtrust --permanent' holds until the machine restarts [imgtrust.permanent]\n");
  bench.believe();
  EXPECT_EQ(bench.last_cause(), "imgtrust.permanent") << "no new roots";
  bench.line("imgfetch http://h/vmlinuz ; imgverify --key http://h/key.pem vmlinuz http://h/raw.sig");
  EXPECT_EQ(bench.last_cause(), "imgtrust.permanent") << "no key that comes along";
  bench.line(join({"set trust:hexraw ", root_sha256, " ; imgverify vmlinuz http://h/rsa-plain.sig"}));
  EXPECT_EQ(bench.last_cause(), "signature.untrusted") << "no setting either";
}

TEST(TrustCommand, WantsAFingerprintForWhatComesOverAnOpenLine) {
  VerifyBench bench;
  const std::string shown = bench.line("trust http://h/root.crt");
  EXPECT_TRUE(shown.ends_with("[trust.open-line]\n")) << shown;
  EXPECT_EQ(bench.line("certstat"), "");
  bench.line(join({"trust http://h/key.pem --sha256 ", root_sha256}));
  EXPECT_EQ(bench.last_cause(), "trust.no-certificate-in-file");
  bench.line("trust http://h/root.crt --md5 77");
  EXPECT_EQ(bench.last_cause(), "usage.option");
}

TEST(TrustCommand, CertstatShowsWhoIsBelieved) {
  VerifyBench bench;
  bench.believe();
  EXPECT_EQ(bench.line("certstat"), join({root_sha256, "  added, trusted\n", root_sha256, "  certificate, trusted: Test root\n"}));
}

TEST(TrustCommand, CertstoreRemembersWhatMayLieBetweenAndBelievesInNone) {
  VerifyBench bench;
  EXPECT_EQ(bench.line("certstore --subject nobody http://h/root.crt"), join({"http://h/root.crt: ", human_size(file("root.crt").size()),
                                                                              "\ncertstore: http://h/root.crt: the file holds no certificate for that name [trust.no-subject]\n"}));
  EXPECT_EQ(bench.line("certstat"), "");
  bench.line("certstore --subject 'Test root' http://h/root.crt");
  const std::string stored = join({root_sha256, "  certificate, not trusted: Test root\n"});
  EXPECT_EQ(bench.line("certstat"), stored);
  EXPECT_EQ(bench.line("certstat --subject 'Test root'"), stored);
  EXPECT_EQ(bench.line("certstat --subject nobody"), "");
  EXPECT_EQ(bench.line("certstore ; certstat"), stored) << "without a file nothing changes";
  EXPECT_TRUE(bench.images.images().empty());
  bench.line("imgfetch http://h/vmlinuz ; imgverify vmlinuz http://h/rsa-plain.sig");
  EXPECT_EQ(bench.last_cause(), "signature.untrusted") << "to be remembered is not to be believed";
  bench.line("certstore --keep http://h/root.crt && imgstat root.crt");
  EXPECT_EQ(bench.last_cause(), "good");
  bench.line("certstore http://h/key.pem");
  EXPECT_EQ(bench.last_cause(), "trust.no-certificate-in-file");
}

TEST(TrustCommand, CertfreeForgetsWhoWasAdded) {
  VerifyBench bench;
  bench.believe();
  EXPECT_EQ(bench.line("certfree --subject nobody"), "certfree: nobody: no certificate of that name was added; 'certstat' shows what is there [trust.not-remembered]\n");
  bench.line(join({"trust https://h/ --sha256 ", std::string(64, '7')}));
  EXPECT_EQ(bench.line("certfree --subject 'Test root' && certstat"), join({std::string(64, '7'), "  added, trusted\n"}));
  bench.line("imgfetch http://h/vmlinuz ; imgverify vmlinuz http://h/rsa-plain.sig");
  EXPECT_EQ(bench.last_cause(), "signature.untrusted");
  EXPECT_EQ(bench.line("certfree && certstat"), "");
  EXPECT_TRUE(bench.status);
}

TEST(TrustCommand, TheSettingNamesTheOnlyOnes) {
  VerifyBench bench;
  bench.files.files["http://h/only.crt"] = file("root.crt");
  bench.line(join({"set trust:hexraw ", root_sha256, " ; imgfetch http://h/vmlinuz"}));
  EXPECT_EQ(bench.line("certstat"), join({root_sha256, "  added, trusted\n"}));
  bench.line("clear trust ; imgfetch http://h/vmlinuz");
  EXPECT_EQ(bench.line("certstat"), "");
}

}  // namespace
}  // namespace undine
