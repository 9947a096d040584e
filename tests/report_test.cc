// The report of a project: what is there is shown, what is missing is said, what is damaged is refused.
#include "host/driver/report.h"

#include <gtest/gtest.h>

#include <cmath>

#include "host/base/file.h"
#include "host/data/dataset.h"

namespace mote {
namespace {

TEST(ProjectReport, ShowsWhatThereIsAndSaysWhatIsMissing) {
  auto folder = TemporaryFolder::create("report");
  ASSERT_TRUE(folder.ok());
  const Project project = Project::parse("", folder.value().path()).value();
  EXPECT_FALSE(project_report(project).ok());  // no data

  auto store = data::Store::open(project.data_folder(), true);
  ASSERT_TRUE(store.ok());
  std::string first;
  for (int i = 0; i < 4; ++i) {
    data::Content c;
    c.rate_hz = 16000, c.steps = 8000;
    for (int k = 0; k < 8000; ++k) c.sound.push_back(static_cast<std::int16_t>(9000 * std::sin(0.1 * (i + 1) * k)));
    data::Record r;
    r.label = i % 2 == 0 ? "yes<>" : "no", r.group = std::to_string(i), r.origin = "real", r.source = "clip";
    ASSERT_TRUE(store.value().put(r, c).ok());
    if (i == 0) first = r.hash;
  }
  ProjectReportOptions options;
  options.measure = false;
  auto page = project_report(project, options);
  ASSERT_TRUE(page.ok()) << page.error().text();
  EXPECT_NE(page.value().find("There is no model yet"), std::string::npos);
  EXPECT_NE(page.value().find("yes&lt;&gt;"), std::string::npos);
  EXPECT_EQ(page.value().find("yes<>"), std::string::npos);
  EXPECT_NE(page.value().find("data:audio/wav;base64,"), std::string::npos);

  const auto build = project.build_folder();
  ASSERT_TRUE(write_file(build / "model.json",
                         R"({"data_hash":"old","int8_accuracy":0.9,"float_accuracy":0.91,"parameters":10,"best_epoch":1,
      "epochs":[{"epoch":1,"train_loss":1,"validation_loss":1.5,"train_accuracy":0.5,"validation_accuracy":0.4}]})")
                  .ok());
  ASSERT_TRUE(write_file(build / "evaluation.json",
                         R"({"accuracy":0.875,"classes":["no","yes<>"],"confusion":[[3,1],[0,4]],
      "errors":[{"hash":")" + first +
                             R"(","label":"yes<>","predicted":"no"}]})")
                  .ok());
  page = project_report(project, options);
  ASSERT_TRUE(page.ok()) << page.error().text();
  for (const char* text :
       {"87.5 %", "The data has changed", "Confusion", "Wrong answers: 1", "75.0 %", "80.0 %", "Loss"}) {
    EXPECT_NE(page.value().find(text), std::string::npos) << text;
  }
  ASSERT_TRUE(write_file(build / "evaluation.json", R"({"accuracy":"high"})").ok());
  EXPECT_FALSE(project_report(project, options).ok());
  ASSERT_TRUE(write_file(build / "evaluation.json", "{").ok());
  EXPECT_FALSE(project_report(project, options).ok());
}

}  // namespace
}  // namespace mote
