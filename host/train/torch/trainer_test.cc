// Small problems that every network learns, and runs that stop and go on.
#include "host/train/trainer.h"

#include <gtest/gtest.h>

#include <random>

#include <fmt/format.h>

#include "host/base/file.h"

namespace mote::train {
namespace {

// Two classes of 12 x 4 features that differ in where the energy lies.
Samples samples(std::uint32_t seed, std::size_t count) {
  std::mt19937 random(seed);
  Samples s;
  for (std::size_t i = 0; i < count; ++i) {
    const auto label = static_cast<std::int32_t>(i % 2);
    for (int row = 0; row < 12; ++row) {
      for (int band = 0; band < 4; ++band) {
        const int level = (band < 2) == (label == 0) ? 30 : -30;
        s.features.push_back(static_cast<std::int8_t>(level + static_cast<int>(random() % 41) - 20));
      }
    }
    s.labels.push_back(label);
    s.examples.push_back(i);
  }
  return s;
}

Prepared prepared() {
  Prepared p;
  p.rows = 12;
  p.channels = 4;
  p.variants = {samples(1, 64), samples(2, 64)};
  p.validation = samples(3, 32);
  return p;
}

Project project(const std::string& name, const std::string& more = "") {
  auto made =
      Project::parse(fmt::format("[model]\nname = \"{}\"\nfilters = 8\nblocks = 1\nunits = [\"16\"]\n[training]\n"
                                 "epochs = 4\nquantized_epochs = 2\nbatch = 16\nthreads = 1\n{}",
                                 name, more),
                     "");
  EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().text());
  return std::move(made).value();
}

Result<Trained> run(const Project& p, const TrainOptions& options) {
  const Prepared data = prepared();
  auto network = make_network(p, 12, 4, 2);
  EXPECT_TRUE(network.ok());
  return train(network.value(), data, p, options);
}

TEST(Trainer, EveryNetworkLearnsWhatIsEasy) {
  for (const char* name : {"dnn", "cnn1d", "ds_cnn", "causal"}) {
    auto folder = TemporaryFolder::create("mote-train");
    ASSERT_TRUE(folder.ok());
    auto trained = run(project(name, "mixup = 0.5\n"), {folder.value().path() / "c.pt", name, {}, 0});
    ASSERT_TRUE(trained.ok()) << trained.error().text();
    EXPECT_TRUE(trained.value().has_ranges);
    EXPECT_GE(trained.value().epochs.back().validation_accuracy, 0.9) << name;
  }
}

TEST(Trainer, AStoppedRunEndsWithTheSameBits) {
  auto folder = TemporaryFolder::create("mote-train");
  ASSERT_TRUE(folder.ok());
  const std::filesystem::path whole = folder.value().path() / "whole.pt";
  const std::filesystem::path parts = folder.value().path() / "parts.pt";
  auto a = run(project("ds_cnn"), {whole, "x", {}, 0});
  ASSERT_TRUE(a.ok()) << a.error().text();
  for (const int stop : {2, 5}) EXPECT_FALSE(run(project("ds_cnn"), {parts, "x", {}, stop}).ok());
  auto b = run(project("ds_cnn"), {parts, "x", {}, 0});
  ASSERT_TRUE(b.ok()) << b.error().text();
  EXPECT_TRUE(b.value().resumed);
  ASSERT_EQ(a.value().weights.size(), b.value().weights.size());
  for (std::size_t i = 0; i < a.value().weights.size(); ++i) {
    EXPECT_EQ(a.value().weights[i].weights, b.value().weights[i].weights);
    EXPECT_EQ(a.value().weights[i].bias, b.value().weights[i].bias);
    EXPECT_EQ(a.value().weights[i].out_max, b.value().weights[i].out_max);
  }
}

TEST(Trainer, ACheckpointOfAnotherNetworkIsRefused) {
  auto folder = TemporaryFolder::create("mote-train");
  ASSERT_TRUE(folder.ok());
  const std::filesystem::path file = folder.value().path() / "c.pt";
  EXPECT_FALSE(run(project("dnn"), {file, "one", {}, 1}).ok());
  auto other = run(project("cnn1d"), {file, "two", {}, 0});
  ASSERT_FALSE(other.ok());
  EXPECT_NE(other.error().text().find("another network"), std::string::npos);
  ASSERT_TRUE(write_file(file, "no checkpoint").ok());
  auto damaged = run(project("dnn"), {file, "one", {}, 0});
  ASSERT_FALSE(damaged.ok());
  EXPECT_NE(damaged.error().text().find("damaged"), std::string::npos);
}

}  // namespace
}  // namespace mote::train
