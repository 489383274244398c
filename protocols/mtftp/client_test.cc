// SPDX-License-Identifier: Apache-2.0
#include "protocols/mtftp/client.h"

#include <gmock/gmock.h>

#include "protocols/mtftp/testing/mtftp_bench.h"
#include "protocols/tftp/client.h"

namespace undine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::MtftpBench;

constexpr const char* question = "udp 10.77.0.100:1758 > 10.77.0.1:1759 \\x00\\x01boot.img\\x00octet\\x00";

std::string acknowledgement(unsigned block, unsigned port = MtftpBench::transfer_port) {
  return join({"udp 10.77.0.100:1758 > 10.77.0.1:", port, " \\x00\\x04\\x00\\x0", block});
}

TEST(Mtftp, AsksAfterListeningAndAcknowledgesWhatTheServerSends) {
  MtftpBench bench;
  EXPECT_THAT(bench.at(0), IsEmpty());
  EXPECT_THAT(bench.others, ElementsAre("protocol 2 10.77.0.100 > 239.77.0.1 by 01:00:5e:4d:00:01")) << "the group was joined";
  EXPECT_THAT(bench.at(1'999), IsEmpty());
  EXPECT_THAT(bench.at(2'000), ElementsAre(question));
  // The first block comes twice: to us alone, and to all.
  bench.block(1, 512, false);
  bench.block(1);
  EXPECT_THAT(bench.at(2'010), ElementsAre(acknowledgement(1)));
  bench.block(2);
  EXPECT_THAT(bench.at(2'020), ElementsAre(acknowledgement(2)));
  bench.block(3, 100);
  EXPECT_THAT(bench.at(2'030), ElementsAre(acknowledgement(3)));
  EXPECT_TRUE(bench.finished);
  EXPECT_EQ(bench.done_bytes, 1124u);
  EXPECT_EQ(bench.sink.bytes[511], 1);
  EXPECT_EQ(bench.sink.bytes[1024 + 99], 3);
  EXPECT_EQ(bench.sink.bytes[1024 + 100], 0);
  bench.at(2'040);
  EXPECT_THAT(bench.others.back(), "protocol 2 10.77.0.100 > 224.0.0.2 by 01:00:5e:00:00:02") << "the group was left";
}

TEST(Mtftp, TakesWhatOthersAskedForAndTheRestFromATransferOfItsOwn) {
  MtftpBench bench;
  bench.at(0);
  for (const std::uint16_t number : {3, 5, 4}) bench.block(number);
  bench.block(6, 10);
  EXPECT_THAT(bench.at(1'000), IsEmpty()) << "who listens does not acknowledge";
  EXPECT_THAT(bench.at(3'999), IsEmpty());
  EXPECT_THAT(bench.at(4'000), ElementsAre(question)) << "3 s of silence";
  bench.block(1, 512, false);
  EXPECT_THAT(bench.at(4'010), ElementsAre(acknowledgement(1)));
  bench.block(2);
  EXPECT_THAT(bench.at(4'020), ElementsAre(acknowledgement(2)));
  EXPECT_FALSE(bench.finished) << "others may need the rest: it is acknowledged to its end";
  for (std::uint16_t number = 3; number <= 5; ++number) {
    bench.block(number);
    bench.at(4'020u + 10u * number);
  }
  bench.block(6, 10);
  EXPECT_THAT(bench.at(4'100), ElementsAre(acknowledgement(6)));
  EXPECT_TRUE(bench.finished);
  EXPECT_EQ(bench.done_bytes, 5 * 512 + 10u);
}

TEST(Mtftp, WhoOnlyListensEndsAsSoonAsNothingIsMissing) {
  MtftpBench bench;
  bench.at(0);
  bench.block(2, 0);
  bench.block(1);
  bench.at(10);
  EXPECT_TRUE(bench.finished);
  EXPECT_EQ(bench.done_bytes, 512u);
}

TEST(Mtftp, RepeatsWhatMayHaveBeenLost) {
  MtftpBench bench;
  bench.at(0);
  EXPECT_THAT(bench.at(2'000), ElementsAre(question));
  EXPECT_THAT(bench.at(3'000), ElementsAre(question));
  bench.block(1, 512, false);
  EXPECT_THAT(bench.at(3'100), ElementsAre(acknowledgement(1)));
  bench.block(1, 512, false);
  EXPECT_THAT(bench.at(3'400), ElementsAre(acknowledgement(1))) << "the server has not got it";
  EXPECT_THAT(bench.at(4'400), ElementsAre(acknowledgement(1, MtftpBench::server_port))) << "perhaps it listens there";
  EXPECT_THAT(bench.at(5'400), ElementsAre(acknowledgement(1)));
}

TEST(Mtftp, GivesUpOnAServerThatIsSilentOrBringsNothingNew) {
  MtftpBench bench;
  bench.at(0);
  for (const std::uint64_t ms : {2'000, 3'000, 4'000}) EXPECT_THAT(bench.at(ms), ElementsAre(question));
  bench.at(5'000);
  ASSERT_TRUE(bench.error);
  EXPECT_TRUE(bench.error->is(mtftp::silent));

  MtftpBench other;
  other.at(0);
  other.at(2'000);
  for (unsigned round = 0; round < 3 && !other.error; ++round) {
    other.block(1, 512, false);
    other.at(2'500 + round * 1000);
    other.block(3, 5);  // the second never comes
    other.at(2'600 + round * 1000);
  }
  ASSERT_TRUE(other.error);
  EXPECT_TRUE(other.error->is(mtftp::silent));
}

TEST(Mtftp, GivesUpOnAServerThatRepeatsABlockForEver) {
  MtftpBench bench;
  bench.at(0);
  bench.at(2'000);
  std::uint64_t ms = 2'000;
  const auto repeat = [&](std::uint16_t number, unsigned times) {
    for (unsigned i = 0; i < times; ++i) {
      bench.block(number, 512, false);
      bench.at(ms += 10);
    }
  };
  repeat(1, 100);
  repeat(2, 100);
  EXPECT_FALSE(bench.error) << "it goes on";
  repeat(1, 1);
  ASSERT_TRUE(bench.error);
  EXPECT_TRUE(bench.error->is(mtftp::stuck));
}

TEST(Mtftp, HearsAWholeFileAgainForWhatIsMissing) {
  MtftpBench bench;
  bench.sink.bytes.resize(512 * 300);
  bench.at(0);
  for (std::uint16_t number = 1; number <= 299; ++number) {
    bench.block(number);
    bench.at(number);
  }
  bench.at(4'000);
  std::uint64_t ms = 4'000;
  for (std::uint16_t number = 1; number <= 299; ++number) {
    bench.block(number, 512, false);
    bench.at(ms += 10);
  }
  bench.block(300, 7, false);
  bench.at(ms += 10);
  EXPECT_FALSE(bench.error);
  EXPECT_TRUE(bench.finished);
}

TEST(Mtftp, BelievesInOneEndOfTheFile) {
  struct Sent {
    std::uint16_t number;
    std::size_t length;
  };
  constexpr Sent contradictions[][2] = {{{3, 512}, {2, 5}}, {{2, 5}, {3, 512}}, {{2, 5}, {3, 5}}, {{3, 5}, {2, 5}}, {{2, 5}, {2, 512}}};
  for (const auto& sent : contradictions) {
    MtftpBench bench;
    bench.at(0);
    for (const auto& [number, length] : sent) bench.block(number, length);
    bench.at(1);
    EXPECT_FALSE(bench.finished);
    ASSERT_TRUE(bench.error) << sent[0].number << ' ' << sent[1].number;
    EXPECT_TRUE(bench.error->is(mtftp::malformed));
  }
}

TEST(Mtftp, IsToldThatThereIsNoSuchFileAndBelievesNobodyElse) {
  const std::uint8_t refusal[] = {0, 5, 0, 1, 'n', 'o', 0};
  MtftpBench bench;
  bench.at(0);
  bench.say(refusal, false);
  bench.at(10);
  EXPECT_FALSE(bench.error) << "nothing was asked yet";
  bench.at(2'000);
  bench.say(refusal, false, {0x0a4d0009});
  bench.at(2'010);
  EXPECT_FALSE(bench.error) << "that is not the server";
  bench.say(refusal, false);
  bench.at(2'020);
  ASSERT_TRUE(bench.error);
  EXPECT_TRUE(bench.error->is(tftp::no_such_file));
}

TEST(Mtftp, StopsWhereTheBufferEnds) {
  MtftpBench bench;
  bench.at(0);
  bench.block(9);
  bench.at(1);
  ASSERT_TRUE(bench.error);
  EXPECT_TRUE(bench.error->is(out_of_memory));
}

}  // namespace
}  // namespace undine
