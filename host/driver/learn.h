// From a project's data to its quantised model and a description of it.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "host/base/result.h"
#include "host/project/project.h"
#include "host/quantize/quantize.h"
#include "host/train/trainer.h"

namespace mote {

// What a project's build folder holds about its model, beside model.tflite.
struct LearnedModel {
  std::vector<std::string> classes;
  std::vector<double> mean, deviation;  // of the features that training saw, by channel
  std::string data_hash;
  std::string signal;  // the settings of the front end it was made for
  std::int64_t parameters = 0;
  std::int64_t macs = 0;
  double float_accuracy = 0;  // on the validation split
  double int8_accuracy = 0;
  int best_epoch = 0;
  std::vector<train::Epoch> epochs;
  std::vector<LayerLoss> losses;
};

[[nodiscard]] std::filesystem::path model_file(const Project& project);
// The network before quantisation; for comparison.
[[nodiscard]] std::filesystem::path float_model_file(const Project& project);
// Errors: no model yet; a file that is damaged; a model made with other [signal] settings than the project has now.
Result<LearnedModel> read_learned(const Project& project);

struct LearnOptions {
  // host/train/torch's train(): given by the program that links it.
  std::function<Result<train::Trained>(const train::Network&, const train::Prepared&, const Project&,
                                       const train::TrainOptions&)>
      train;
  std::function<void(const std::string& stage, std::size_t done, std::size_t all)> prepare_progress;
  std::function<void(const train::TrainProgress&)> train_progress;
  bool restart = false;     // forget the checkpoint
  bool each_layer = false;  // measure accuracy with each layer alone in int8, and alone in float
};

// Prepares, trains, quantises, writes model.tflite, float.tflite and model.json. Errors: what each step reports.
Result<LearnedModel> learn(const Project& project, const LearnOptions& options);

}  // namespace mote
