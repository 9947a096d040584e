// The training loop in libtorch: one float stage, one with int8's rounding.
#include "host/train/trainer.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include <fmt/format.h>

#include "host/base/file.h"
#include "host/base/process.h"
#include "host/train/batches.h"

namespace mote::train {
namespace {

namespace F = torch::nn::functional;
using torch::Tensor;

constexpr double kBatchNormEpsilon = 1e-5;
constexpr double kBatchNormMomentum = 0.1;
constexpr double kRangeMomentum = 0.05;  // of the moving extremes of activations

// The tensors of one layer, in torch's order: [out, in, kh, kw], or [out, in] of a dense layer.
struct Parameters {
  Tensor weight, bias, gamma, beta;  // learned; a layer has bias or gamma and beta
  Tensor mean, variance, range;      // seen; range holds the least and the greatest output
};

struct Model {
  const Network& net;
  std::vector<Parameters> layers;
  torch::Device device = torch::kCPU;

  Model(const Network& network, std::uint64_t seed, torch::Device where) : net(network), device(where) {
    torch::manual_seed(seed);
    for (const Layer& l : net.layers) {
      Parameters p;
      if (l.has_weights()) {
        std::vector<std::int64_t> shape = {l.out_c, l.in_c, l.kernel_h, l.kernel_w};
        if (l.kind == Layer::Kind::depthwise) shape[1] = 1;
        if (l.kind == Layer::Kind::dense) shape.resize(2);
        const auto fan_in = static_cast<double>(elements(shape) / l.out_c);
        p.weight = (torch::randn(shape) * std::sqrt(2.0 / fan_in)).to(device).requires_grad_(true);
        if (l.batch_norm) {
          p.gamma = torch::ones({l.out_c}, device).requires_grad_(true);
          p.beta = torch::zeros({l.out_c}, device).requires_grad_(true);
          p.mean = torch::zeros({l.out_c}, device);
          p.variance = torch::ones({l.out_c}, device);
        } else {
          p.bias = torch::zeros({l.out_c}, device).requires_grad_(true);
        }
        p.range = torch::zeros({2});
      }
      layers.push_back(std::move(p));
    }
  }

  [[nodiscard]] std::vector<Tensor> learned() const {
    std::vector<Tensor> out;
    for (const Parameters& p : layers) {
      for (const Tensor& t : {p.weight, p.bias, p.gamma, p.beta}) {
        if (t.defined()) out.push_back(t);
      }
    }
    return out;
  }
  [[nodiscard]] std::vector<Tensor> state() const {
    std::vector<Tensor> out = learned();
    for (const Parameters& p : layers) {
      for (const Tensor& t : {p.mean, p.variance, p.range}) {
        if (t.defined()) out.push_back(t);
      }
    }
    return out;
  }

  // Weights and bias with batch normalisation's running statistics folded in.
  static std::pair<Tensor, Tensor> folded(const Parameters& p) {
    if (!p.gamma.defined()) return {p.weight, p.bias};
    const Tensor factor = p.gamma / torch::sqrt(p.variance + kBatchNormEpsilon);
    std::vector<std::int64_t> shape(static_cast<std::size_t>(p.weight.dim()), 1);
    shape[0] = -1;
    return {p.weight * factor.view(shape), p.beta - p.mean * factor};
  }

  // x: [batch, height, width, channels of the input]. Gives logits.
  Tensor forward(Tensor x, bool training, bool quantized) {
    x = x.permute({0, 3, 1, 2});
    for (std::size_t i = 0; i < layers.size(); ++i) {
      const Layer& l = net.layers[i];
      Parameters& p = layers[i];
      if (l.kind == Layer::Kind::dropout) {
        x = torch::dropout(x, l.drop, training);
        continue;
      }
      if (l.kind == Layer::Kind::average) {
        x = x.mean({2, 3}, true);
        continue;
      }
      Tensor w = p.weight;
      Tensor b = p.bias;
      if (quantized) {
        std::tie(w, b) = folded(p);
        const Tensor scale = torch::clamp_min(w.detach().abs().flatten(1).amax(1), 1e-8) / 127;
        w = torch::fake_quantize_per_channel_affine(
            w, scale, torch::zeros({l.out_c}, torch::dtype(torch::kInt32).device(device)), 0, -127, 127);
      }
      if (l.kind == Layer::Kind::dense) {
        // TFLite flattens with the channels innermost.
        if (x.dim() == 4) x = x.permute({0, 2, 3, 1}).flatten(1);
        x = torch::linear(x, w, b.defined() ? b : Tensor());
      } else {
        x = F::pad(x, F::PadFuncOptions({l.pad_left, l.pad_right, l.pad_top, l.pad_bottom}));
        const std::int64_t stride[] = {l.stride_h, l.stride_w};
        const std::int64_t none[] = {0, 0};
        const std::int64_t one[] = {1, 1};
        x = torch::conv2d(x, w, b.defined() ? b : Tensor(), at::IntArrayRef(stride), at::IntArrayRef(none),
                          at::IntArrayRef(one), l.kind == Layer::Kind::depthwise ? l.out_c : 1);
      }
      if (l.batch_norm && !quantized) {
        x = torch::batch_norm(x, p.gamma, p.beta, p.mean, p.variance, training, kBatchNormMomentum, kBatchNormEpsilon,
                              false);
      }
      if (l.relu) x = torch::relu(x);
      if (quantized) x = rounded(x, p, training);
    }
    return x;
  }

  // What int8 makes of a layer's output.
  static Tensor rounded(const Tensor& x, Parameters& p, bool training) {
    if (training) {
      const Tensor now = torch::stack({x.detach().min(), x.detach().max()}).to(torch::kCPU);
      const bool is_first = p.range[1].item<float>() <= p.range[0].item<float>();
      p.range.copy_(is_first ? now : p.range * (1 - kRangeMomentum) + now * kRangeMomentum);
    }
    const double low = std::min(0.0F, p.range[0].item<float>());
    const double high = std::max(0.0F, p.range[1].item<float>());
    const double scale = std::max((high - low) / 255, 1e-9);
    const auto zero = static_cast<std::int64_t>(std::clamp(std::nearbyint(-128 - low / scale), -128.0, 127.0));
    return torch::fake_quantize_per_tensor_affine(x, scale, zero, -128, 127);
  }

  [[nodiscard]] std::vector<LayerWeights> exported() const {
    const torch::NoGradGuard no_grad;
    std::vector<LayerWeights> out;
    for (std::size_t i = 0; i < layers.size(); ++i) {
      LayerWeights& w = out.emplace_back();
      const Layer& l = net.layers[i];
      if (!l.has_weights()) continue;
      auto [weight, bias] = folded(layers[i]);
      if (l.kind == Layer::Kind::conv) weight = weight.permute({0, 2, 3, 1});
      if (l.kind == Layer::Kind::depthwise) weight = weight.permute({1, 2, 3, 0});
      weight = weight.contiguous().to(torch::kCPU);
      bias = bias.contiguous().to(torch::kCPU);
      w.weights.assign(weight.data_ptr<float>(), weight.data_ptr<float>() + weight.numel());
      w.bias.assign(bias.data_ptr<float>(), bias.data_ptr<float>() + bias.numel());
      w.out_min = layers[i].range[0].item<float>();
      w.out_max = layers[i].range[1].item<float>();
    }
    return out;
  }
};

std::vector<Tensor> copies(const std::vector<Tensor>& of) {
  std::vector<Tensor> out;
  for (const Tensor& t : of) out.push_back(t.detach().clone());
  return out;
}

void restore(const std::vector<Tensor>& to, const std::vector<Tensor>& from) {
  const torch::NoGradGuard no_grad;
  for (std::size_t i = 0; i < to.size(); ++i) to[i].copy_(from[i]);
}

// Where a run stands between two epochs.
struct State {
  std::int64_t epoch = 0;       // finished, over both stages
  std::int64_t in_stage = 0;    // finished, of this stage
  std::int64_t since_best = 0;  // epochs of this stage without progress
  bool quantized = false;
  bool done = false;
  std::int64_t best_epoch = 0;
  double best_accuracy = -1;
  double best_loss = std::numeric_limits<double>::infinity();
  std::vector<Tensor> best;
  std::vector<Epoch> epochs;
};

class Run {
 public:
  Run(const Network& network, const Prepared& data, const Project& project, const TrainOptions& options)
      : net_(network),
        data_(data),
        project_(project),
        options_(options),
        model_(network, static_cast<std::uint64_t>(project.integer("training.seed")),
               torch::cuda::is_available() ? torch::Device(torch::kCUDA) : torch::Device(torch::kCPU)) {
    make_optimizer();
    const std::vector<float> weights = class_weights(project, data, static_cast<std::size_t>(network.classes));
    class_weights_ = torch::tensor(weights).to(model_.device);
  }

  Result<Trained> run() {
    Trained out;
    MOTE_LET(resumed, load());
    out.resumed = resumed;
    while (!state_.done) {
      MOTE_TRY(epoch());
      MOTE_TRY(save());
      if (options_.stop_after_epoch == state_.epoch) return Error{"interrupted", "", ""};
    }
    restore(model_.state(), state_.best);
    out.weights = model_.exported();
    out.has_ranges = state_.quantized;
    out.epochs = state_.epochs;
    out.best_epoch = static_cast<int>(state_.best_epoch);
    return out;
  }

 private:
  [[nodiscard]] std::int64_t stage_epochs() const {
    return project_.integer(state_.quantized ? "training.quantized_epochs" : "training.epochs");
  }

  void make_optimizer() {
    optimizer_ = std::make_unique<torch::optim::AdamW>(
        model_.learned(), torch::optim::AdamWOptions(project_.real("training.learning_rate"))
                              .weight_decay(project_.real("training.weight_decay")));
  }

  void set_rate(double progress) {
    const double most = project_.real("training.learning_rate") * (state_.quantized ? 0.1 : 1);
    const double rate = most * (0.02 + 0.98 * 0.5 * (1 + std::cos(std::numbers::pi * progress)));
    for (auto& group : optimizer_->param_groups()) static_cast<torch::optim::AdamWOptions&>(group.options()).lr(rate);
  }

  Tensor shaped(std::vector<float>& features, std::int64_t n) const {
    const std::vector<std::int64_t> shape = net_.rows_of_channels
                                                ? std::vector<std::int64_t>{n, net_.rows, 1, net_.channels}
                                                : std::vector<std::int64_t>{n, net_.rows, net_.channels, 1};
    return torch::from_blob(features.data(), shape).to(model_.device);
  }

  Tensor loss_of(const Tensor& logits, const Tensor& labels) const {
    return F::cross_entropy(
        logits, labels,
        F::CrossEntropyFuncOptions().weight(class_weights_).label_smoothing(project_.real("training.label_smoothing")));
  }

  Status epoch() {
    Epoch e;
    e.number = static_cast<int>(state_.epoch) + 1;
    e.quantized = state_.quantized;
    // What dropout leaves out depends on the epoch alone, so that a run that goes on does as one that never stopped.
    torch::manual_seed(static_cast<std::uint64_t>(project_.integer("training.seed") * 7919 + e.number));
    const EpochBatches batches(project_, data_, static_cast<int>(state_.epoch));
    double seen = 0;
    for (std::size_t b = 0; b < batches.count(); ++b) {
      if (interrupted()) {
        return Error{"interrupted", "", "run the same command again to go on from the last finished epoch"};
      }
      Batch batch = batches.batch(b);
      const auto n = static_cast<std::int64_t>(batch.labels.size());
      set_rate((static_cast<double>(state_.in_stage) + static_cast<double>(b) / static_cast<double>(batches.count())) /
               static_cast<double>(stage_epochs()));
      const Tensor labels = torch::tensor(batch.labels).to(model_.device);
      const Tensor logits = model_.forward(shaped(batch.features, n), true, state_.quantized);
      Tensor loss = loss_of(logits, labels);
      if (batch.share > 0) {
        loss = (1 - batch.share) * loss +
               batch.share * loss_of(logits, torch::tensor(batch.other_labels).to(model_.device));
      }
      const double value = loss.item<double>();
      if (!std::isfinite(value)) {
        return Error{fmt::format("the loss of epoch {} is not finite", e.number), "training",
                     "lower training.learning_rate"};
      }
      optimizer_->zero_grad();
      loss.backward();
      optimizer_->step();
      e.train_loss += value * static_cast<double>(n);
      e.train_accuracy += logits.argmax(1).eq(labels).sum().item<double>();
      seen += static_cast<double>(n);
      report(e, b + 1, batches.count(), e.train_loss / seen, e.train_accuracy / seen, false);
    }
    e.train_loss /= std::max(1.0, seen);
    e.train_accuracy /= std::max(1.0, seen);
    validate(e);
    ++state_.epoch;
    ++state_.in_stage;
    const bool is_better = e.validation_accuracy > state_.best_accuracy ||
                           (e.validation_accuracy == state_.best_accuracy && e.validation_loss < state_.best_loss);
    state_.since_best = is_better ? 0 : state_.since_best + 1;
    if (is_better) {
      state_.best_accuracy = e.validation_accuracy;
      state_.best_loss = e.validation_loss;
      state_.best_epoch = state_.epoch;
      state_.best = copies(model_.state());
    }
    state_.epochs.push_back(e);
    report(e, batches.count(), batches.count(), e.train_loss, e.train_accuracy, true);
    if (state_.in_stage >= stage_epochs() || state_.since_best >= project_.integer("training.patience")) next_stage();
    return {};
  }

  void next_stage() {
    if (state_.quantized || project_.integer("training.quantized_epochs") == 0) {
      state_.done = true;
      return;
    }
    restore(model_.state(), state_.best);
    state_.quantized = true;
    state_.in_stage = 0;
    state_.since_best = 0;
    state_.best_accuracy = -1;
    state_.best_loss = std::numeric_limits<double>::infinity();
    make_optimizer();
  }

  void validate(Epoch& e) {
    const torch::NoGradGuard no_grad;
    constexpr std::size_t kChunk = 256;
    const Samples& s = data_.validation;
    const std::size_t elems = data_.rows * data_.channels;
    for (std::size_t at = 0; at < s.size(); at += kChunk) {
      const std::size_t n = std::min(kChunk, s.size() - at);
      std::vector<float> features(n * elems);
      for (std::size_t i = 0; i < features.size(); ++i)
        features[i] = kInputScale * static_cast<float>(s.features[at * elems + i]);
      std::vector<std::int64_t> labels(s.labels.begin() + static_cast<std::ptrdiff_t>(at),
                                       s.labels.begin() + static_cast<std::ptrdiff_t>(at + n));
      const Tensor expected = torch::tensor(labels).to(model_.device);
      const Tensor logits = model_.forward(shaped(features, static_cast<std::int64_t>(n)), false, state_.quantized);
      e.validation_loss += F::cross_entropy(logits, expected).item<double>() * static_cast<double>(n);
      e.validation_accuracy += logits.argmax(1).eq(expected).sum().item<double>();
    }
    e.validation_loss /= static_cast<double>(s.size());
    e.validation_accuracy /= static_cast<double>(s.size());
  }

  void report(const Epoch& e, std::size_t batch, std::size_t batches, double loss, double accuracy,
              bool is_finished) const {
    if (!options_.progress) return;
    const auto all =
        static_cast<int>(project_.integer("training.epochs") + project_.integer("training.quantized_epochs"));
    options_.progress({e.number, all, e.quantized, batch, batches, loss, accuracy, is_finished ? &e : nullptr});
  }

  Status save() const {
    torch::serialize::OutputArchive archive;
    archive.write("fingerprint", torch::IValue(options_.fingerprint));
    archive.write("epoch", torch::IValue(state_.epoch));
    archive.write("in_stage", torch::IValue(state_.in_stage));
    archive.write("since_best", torch::IValue(state_.since_best));
    archive.write("quantized", torch::IValue(state_.quantized));
    archive.write("done", torch::IValue(state_.done));
    archive.write("best_epoch", torch::IValue(state_.best_epoch));
    archive.write("best_accuracy", torch::IValue(state_.best_accuracy));
    archive.write("best_loss", torch::IValue(state_.best_loss));
    std::vector<double> history;
    for (const Epoch& e : state_.epochs) {
      history.insert(history.end(), {static_cast<double>(e.number), e.quantized ? 1.0 : 0.0, e.train_loss,
                                     e.train_accuracy, e.validation_loss, e.validation_accuracy});
    }
    archive.write("history", torch::tensor(history, torch::kFloat64));
    const std::vector<Tensor> now = model_.state();
    for (std::size_t i = 0; i < now.size(); ++i) {
      archive.write(fmt::format("now_{}", i), now[i].detach());
      archive.write(fmt::format("best_{}", i), state_.best[i]);
    }
    torch::serialize::OutputArchive optimizer;
    optimizer_->save(optimizer);
    archive.write("optimizer", optimizer);
    std::string bytes;
    archive.save_to([&](const void* data, std::size_t size) {
      bytes.append(static_cast<const char*>(data), size);
      return size;
    });
    return write_file(options_.checkpoint, bytes);
  }

  Result<bool> load() {
    if (!std::filesystem::exists(options_.checkpoint)) return false;
    const std::string where = options_.checkpoint.string();
    MOTE_LET(bytes, read_file(options_.checkpoint));
    try {
      torch::serialize::InputArchive archive;
      archive.load_from(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      torch::IValue value;
      const auto read = [&](const char* key) {
        archive.read(key, value);
        return value;
      };
      if (read("fingerprint").toStringRef() != options_.fingerprint) {
        return Error{"is the checkpoint of another network, other data or other settings", where,
                     "train with --restart to begin anew, or give the settings of then"};
      }
      state_.epoch = read("epoch").toInt();
      state_.in_stage = read("in_stage").toInt();
      state_.since_best = read("since_best").toInt();
      state_.quantized = read("quantized").toBool();
      state_.done = read("done").toBool();
      state_.best_epoch = read("best_epoch").toInt();
      state_.best_accuracy = read("best_accuracy").toDouble();
      state_.best_loss = read("best_loss").toDouble();
      Tensor history;
      archive.read("history", history);
      const auto* h = history.data_ptr<double>();
      for (std::int64_t i = 0; i + 5 < history.numel(); i += 6) {
        state_.epochs.push_back({static_cast<int>(h[i]), h[i + 1] != 0, h[i + 2], h[i + 3], h[i + 4], h[i + 5]});
      }
      const std::vector<Tensor> now = model_.state();
      std::vector<Tensor> saved(now.size());
      state_.best.resize(now.size());
      for (std::size_t i = 0; i < now.size(); ++i) {
        archive.read(fmt::format("now_{}", i), saved[i]);
        archive.read(fmt::format("best_{}", i), state_.best[i]);
      }
      restore(now, saved);
      make_optimizer();
      torch::serialize::InputArchive optimizer;
      archive.read("optimizer", optimizer);
      optimizer_->load(optimizer);
    } catch (const std::exception&) {
      return Error{"is damaged, or no checkpoint", where, "train with --restart to begin anew"};
    }
    return true;
  }

  const Network& net_;
  const Prepared& data_;
  const Project& project_;
  const TrainOptions& options_;
  Model model_;
  std::unique_ptr<torch::optim::AdamW> optimizer_;
  Tensor class_weights_;
  State state_;
};

}  // namespace

Result<Trained> train(const Network& network, const Prepared& data, const Project& project,
                      const TrainOptions& options) {
  torch::set_num_threads(static_cast<int>(project.integer("training.threads")));
  at::globalContext().setDeterministicAlgorithms(true, true);
  return Run(network, data, project, options).run();
}

}  // namespace mote::train
