// Hashes against the examples of FIPS 180 and RFC 4231.
#include "host/base/hash.h"

#include <gtest/gtest.h>

namespace mote {
namespace {

TEST(Hash, PublishedExamples) {
  EXPECT_EQ(sha1("abc")[0], 0xA9);
  EXPECT_EQ(sha1("abc")[19], 0x9D);
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hmac_sha256_hex("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

}  // namespace
}  // namespace mote
