// mote.toml: defaults, values, and what is said about mistakes.
#include "host/project/project.h"

#include <gtest/gtest.h>

#include <set>

#include "host/base/file.h"
#include "host/project/settings.h"

namespace mote {
namespace {

Error error_of(std::string_view toml) {
  auto project = Project::parse(toml, ".");
  EXPECT_FALSE(project.ok());
  return project.ok() ? Error{} : project.error();
}

TEST(Project, AnEmptyFileGivesDefaults) {
  auto project = Project::parse("", "somewhere");
  ASSERT_TRUE(project.ok()) << project.error().text();
  EXPECT_EQ(project.value().integer("data.sample_rate_hz"), 16000);
  EXPECT_EQ(project.value().text("signal.block"), "mfe");
  EXPECT_DOUBLE_EQ(project.value().real("signal.frame_ms"), 32);
  EXPECT_TRUE(project.value().texts("data.classes").empty());
  EXPECT_EQ(project.value().data_folder(), "somewhere/data");
  EXPECT_FALSE(project.value().states("signal.block"));
}

TEST(Project, ValuesOfTheFileWin) {
  auto project = Project::parse("[data]\nclasses = ['a', 'b']\n[signal]\nframe_ms = 30.5\nhop_ms = 10\n", ".");
  ASSERT_TRUE(project.ok()) << project.error().text();
  EXPECT_EQ(project.value().texts("data.classes"), (std::vector<std::string>{"a", "b"}));
  EXPECT_DOUBLE_EQ(project.value().real("signal.frame_ms"), 30.5);
  EXPECT_DOUBLE_EQ(project.value().real("signal.hop_ms"), 10);
  EXPECT_TRUE(project.value().states("signal.hop_ms"));
}

TEST(Project, AnUnknownKeyIsNamedWithItsLineAndTheNearest) {
  const Error e = error_of("[data]\nclip_ms = 1000\nsample_rate = 16000\n");
  EXPECT_EQ(e.where, "mote.toml:3");
  EXPECT_EQ(e.what, "unknown key in [data] 'sample_rate'");
  EXPECT_EQ(e.fix, "did you mean 'sample_rate_hz'?");
}

TEST(Project, AnUnknownSectionToo) {
  const Error e = error_of("\n[sginal]\nbands = 4\n");
  EXPECT_EQ(e.where, "mote.toml:2");
  EXPECT_EQ(e.fix, "did you mean 'signal'?");
}

TEST(Project, WrongTypesRangesAndChoicesAreRefused) {
  EXPECT_EQ(error_of("[data]\nclip_ms = '1 s'").what, "'data.clip_ms' must be a whole number");
  EXPECT_EQ(error_of("[data]\nclip_ms = 0").what, "'data.clip_ms' is 0, out of its range");
  EXPECT_EQ(error_of("[signal]\nframe_ms = nan").what, "'signal.frame_ms' is nan, out of its range");
  EXPECT_EQ(error_of("[signal]\nblock = 'mfccc'").fix, "did you mean 'mfcc'?");
  EXPECT_EQ(error_of("data = 4").what, "'data' is a section, not a value");
  EXPECT_EQ(error_of("[data]\nclasses = [1]").what, "'data.classes' must be a list of texts");
  EXPECT_EQ(error_of("[data\n").where, "mote.toml:1");
}

TEST(Project, SettingsAreSetFromTheCommandLine) {
  auto project = Project::parse("", ".");
  ASSERT_TRUE(project.ok());
  EXPECT_TRUE(project.value().set("signal.block=mfcc").ok());
  EXPECT_TRUE(project.value().set("data.classes=['x']").ok());
  EXPECT_EQ(project.value().text("signal.block"), "mfcc");
  EXPECT_EQ(project.value().texts("data.classes"), std::vector<std::string>{"x"});
  EXPECT_FALSE(project.value().set("signal.blok=mfcc").ok());
  EXPECT_FALSE(project.value().set("nonsense").ok());
}

TEST(Project, TheTemplateStatesEverySettingAndItsDefaults) {
  const std::string text = project_template();
  auto defaults = Project::parse(text, ".");
  ASSERT_TRUE(defaults.ok()) << defaults.error().text();
  // With every setting uncommented it means the same.
  std::string stated = text;
  for (const Setting& s : settings()) {
    const std::string line = "\n#" + std::string(s.key) + " = ";
    const std::size_t at = stated.find(line, stated.find("[" + std::string(s.section) + "]"));
    ASSERT_NE(at, std::string::npos) << s.key;
    stated.erase(at + 1, 1);
  }
  auto project = Project::parse(stated, ".");
  ASSERT_TRUE(project.ok()) << project.error().text();
  for (const SettingSection& s : setting_sections()) {
    EXPECT_EQ(project.value().canonical(s.name), defaults.value().canonical(s.name));
  }
  for (const Setting& s : settings()) {
    EXPECT_TRUE(project.value().states(std::string(s.section) + "." + std::string(s.key)));
  }
}

TEST(Project, NoProjectIsOverwritten) {
  auto folder = TemporaryFolder::create("project");
  ASSERT_TRUE(folder.ok());
  EXPECT_FALSE(Project::open(folder.value().path()).ok());
  EXPECT_TRUE(create_project(folder.value().path()).ok());
  EXPECT_TRUE(Project::open(folder.value().path()).ok());
  EXPECT_FALSE(create_project(folder.value().path()).ok());
}

}  // namespace
}  // namespace mote
