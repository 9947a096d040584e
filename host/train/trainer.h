// Training of a network; libtorch is behind this door (host/train/torch), in a program of its own.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "host/base/result.h"
#include "host/project/project.h"
#include "host/train/network.h"
#include "host/train/samples.h"

namespace mote::train {

struct Epoch {
  int number = 0;  // from 1, over both stages
  bool quantized = false;
  double train_loss = 0;
  double train_accuracy = 0;
  double validation_loss = 0;
  double validation_accuracy = 0;
};

struct Trained {
  std::vector<LayerWeights> weights;  // one per layer, of the best epoch
  bool has_ranges = false;            // after quantised epochs
  std::vector<Epoch> epochs;
  int best_epoch = 0;
  bool resumed = false;
};

struct TrainProgress {
  int epoch = 0;  // from 1
  int epochs = 0;
  bool quantized = false;
  std::size_t batch = 0;
  std::size_t batches = 0;
  double loss = 0;                  // of this epoch so far
  double accuracy = 0;              // of this epoch so far
  const Epoch* finished = nullptr;  // at the end of an epoch
};

struct TrainOptions {
  std::filesystem::path checkpoint;  // written after every epoch, read when it is there
  std::string fingerprint;           // of everything that decides the result; a checkpoint of another is refused
  std::function<void(const TrainProgress&)> progress;
  int stop_after_epoch = 0;  // as if Ctrl-C came then, for tests; 0: never
};

// A float stage, then one in which weights and activations are rounded as int8 rounds them, batch normalisation folded
// in. The epoch with the best validation accuracy of the last stage is kept (with the lower loss where they are equal).
// Equal seeds, threads and data give equal weights, also when it was interrupted and went on from its checkpoint.
// Errors: interrupted (the checkpoint stays); a checkpoint of another network or other settings; a loss that is not
// finite; the disk.
Result<Trained> train(const Network& network, const Prepared& data, const Project& project,
                      const TrainOptions& options);

}  // namespace mote::train
