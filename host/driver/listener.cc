// One source file joins the generated model with the device's signal and runtime code.
#include "host/driver/listener.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "host/base/file.h"
#include "host/base/resources.h"
#include "host/codegen/writer.h"
#include "host/cycles/profile.h"
#include "host/emulate/run.h"
#include "host/report/profile.h"
#include "host/signal/extract.h"
#include "host/signal/source.h"

namespace mote {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kHead = 4;  // bytes of a portion before its samples: whether a stream begins

struct FrameCall {
  std::string state;  // declarations
  std::string call;
};

FrameCall frame_call(const signal::FrontEnd& f) {
  const auto bands = f.block_channels();
  switch (f.config().block) {
    case signal::Block::spectrogram: return {"", "spectrogram_frame(front::kParams, x, scratch, features)"};
    case signal::Block::mfe: return {"", "mfe_frame(front::kParams, x, scratch, features)"};
    case signal::Block::mfcc: return {"", "mfcc_frame(front::kParams, x, scratch, features)"};
    case signal::Block::pcen:
      return {fmt::format("std::uint64_t smoothed[{}];\n", bands),
              "pcen_frame(front::kParams, x, scratch, smoothed, features)"};
    case signal::Block::micro:
      return {fmt::format("std::uint32_t smoothed[{}];\n", bands),
              "micro_front_end_frame(front::kParams, x, reinterpret_cast<std::int16_t*>(scratch), smoothed, "
              "reinterpret_cast<std::uint16_t*>(features))"};
  }
  return {};
}

std::string listener_source(const Listener& l, const GeneratedModel& model, std::size_t portion) {
  const FrameCall frame = frame_call(l.front_end);
  const auto channels = static_cast<std::size_t>(l.front_end.channels());
  std::string out = fmt::format(
      "// Samples in, decisions out.\n#include <cstdint>\n#include <cstring>\n#include \"device/runtime/detector.h\"\n"
      "#include \"device/signal/channels.h\"\n#include \"device/signal/framing.h\"\n#include \"device/signal/mfe.h\"\n"
      "#include \"device/signal/micro_front_end.h\"\n#include \"device/signal/spectrum.h\"\n#include \"front.h\"\n"
      "using namespace mote::signal;\nextern \"C\" void {0}_invoke(std::uint8_t* arena);\n"
      "extern \"C\" void listener_invoke(std::uint8_t* arena);\nnamespace {{\n"
      "alignas(16) std::uint8_t model_arena[{1}];\nconstexpr std::int32_t kRows = {2}, kChannels = {3}, kStride = "
      "{4};\n"
      "constexpr mote::runtime::DetectorParams kDetector = {{{5}, {6}, {7}}};\n",
      model.name, model.arena_bytes, l.rows, channels, l.stride_rows, l.detector.smoothing, l.detector.threshold,
      l.detector.cooldown);
  out += "constexpr std::int16_t kMultiplier[] = {";
  for (const std::int16_t m : l.normalisation.multiplier) out += fmt::format("{},", m);
  out += "};\nconstexpr std::int32_t kOffset[] = {";
  for (const std::int32_t o : l.normalisation.offset) out += fmt::format("{},", o);
  out += fmt::format(
      "}};\nconstexpr NormaliseParams kNormalise = {{kChannels, {0}, kMultiplier, kOffset}};\n"
      "std::int16_t history[{1}];\nFrameState frames = {{history, 0}};\nstd::int32_t scratch[{2}];\n"
      "std::int16_t features[kChannels];\nstd::int8_t window[kRows * kChannels];\nstd::int32_t rows;\n"
      "mote::runtime::DetectorState detector;\n{3}}}  // namespace\n\n",
      l.normalisation.shift, frame_history_elems(l.front_end.frame()), (l.front_end.scratch_bytes() + 3) / 4 + 1,
      frame.state);
  out += fmt::format(
      "void listener_invoke(std::uint8_t* arena) {{\n"
      "  std::uint32_t begins;\n  std::memcpy(&begins, arena, 4);\n"
      "  if (begins != 0) {{\n    std::memset(history, 0, sizeof history);\n    frames.filled = 0;\n    rows = 0;\n"
      "    std::memset(&detector, 0, sizeof detector);\n{0}  }}\n"
      "  const auto* samples = reinterpret_cast<const std::int16_t*>(arena + {1});\n"
      "  std::uint8_t* out = arena + {2};\n  std::memset(out, 0, {3});\n"
      "  for (std::int32_t at = 0; at < {4};) {{\n"
      "    at += frame_push(front::kParams.{5}, frames, samples + at, {4} - at);\n"
      "    if (frames.filled < {6}) continue;\n"
      "    const std::int16_t* x = frame_samples(frames);\n    {7};\n"
      "    std::memmove(window, window + kChannels, sizeof window - kChannels);\n"
      "    normalise_frame(kNormalise, features, window + sizeof window - kChannels);\n    ++rows;\n"
      "    if (rows < kRows || (rows - kRows) % kStride != 0) continue;\n"
      "    std::memcpy(model_arena + {8}, window, sizeof window);\n    {9}_invoke(model_arena);\n"
      "    const auto* p = reinterpret_cast<const std::int8_t*>(model_arena + {10});\n"
      "    out[0] = 1;\n    out[1] = mote::runtime::detector_push(kDetector, detector, p[{11}]) ? 1 : 0;\n"
      "    std::memcpy(out + 2, p, {12});\n  }}\n}}\n",
      frame.state.empty() ? "" : "    std::memset(smoothed, 0, sizeof smoothed);\n", kHead, kHead + 2 * portion,
      2 + model.outputs[0].size_bytes, portion,
      l.front_end.config().block == signal::Block::micro ? "frame"
      : l.front_end.config().block == signal::Block::mfe || l.front_end.config().block == signal::Block::pcen ||
              l.front_end.config().block == signal::Block::spectrogram
          ? "spectrum.frame"
          : "mfe.spectrum.frame",
      l.front_end.frame().frame_elems, frame.call, model.inputs[0].offset_bytes, model.name,
      model.outputs[0].offset_bytes, l.keyword, model.outputs[0].size_bytes);
  return out;
}

}  // namespace

Result<std::vector<Bytes>> run_windows(const Graph& graph, std::size_t count,
                                       const std::function<Bytes(std::size_t)>& input, const Progress& progress) {
  constexpr std::size_t kAtOnce = 32;  // by one interpreter
  std::vector<Bytes> out;
  out.reserve(count);
  const std::function<Result<std::vector<Bytes>>(std::size_t)> work =
      [&](std::size_t part) -> Result<std::vector<Bytes>> {
    MOTE_LET(model, Interpreter::create(graph));
    std::vector<Bytes> outputs;
    for (std::size_t i = part * kAtOnce; i < std::min(count, (part + 1) * kAtOnce); ++i) {
      MOTE_LET(all, model.run({input(i)}));
      outputs.push_back(std::move(all[0]));
    }
    return outputs;
  };
  const std::function<Status(std::size_t, Result<std::vector<Bytes>>)> take =
      [&](std::size_t, Result<std::vector<Bytes>> outputs) -> Status {
    if (!outputs.ok()) return std::move(outputs).error();
    for (Bytes& o : outputs.value()) out.push_back(std::move(o));
    if (progress) progress(out.size(), count);
    return {};
  };
  MOTE_TRY(parallel_ordered((count + kAtOnce - 1) / kAtOnce, work, take));
  return out;
}

Bytes window_of(const Listener& l, const std::vector<std::int8_t>& rows, std::size_t end) {
  const auto channels = static_cast<std::size_t>(l.front_end.channels());
  Bytes out(l.rows * channels);
  std::memcpy(out.data(), &rows[(end - l.rows) * channels], out.size());
  return out;
}

Result<std::vector<Decision>> listen_on_host(const Listener& l, std::span<const std::int16_t> samples,
                                             const Progress& progress) {
  const signal::Features features = signal::extract(l.front_end, samples);
  if (features.rows() < l.rows) return std::vector<Decision>();
  const std::vector<std::int8_t> rows = signal::normalise(l.normalisation.params(), features);
  const std::size_t count = (features.rows() - l.rows) / l.stride_rows + 1;
  const auto end = [&](std::size_t i) { return l.rows + i * l.stride_rows; };
  MOTE_LET(outputs, run_windows(l.graph, count, [&](std::size_t i) { return window_of(l, rows, end(i)); }, progress));
  std::vector<Decision> out;
  runtime::DetectorState state{};
  for (std::size_t i = 0; i < count; ++i) {
    Decision d{end(i), false, {outputs[i].begin(), outputs[i].end()}};
    d.heard = runtime::detector_push(l.detector, state, d.outputs.at(l.keyword));
    out.push_back(std::move(d));
  }
  return out;
}

namespace {

struct Portions {
  std::size_t elems = 0;  // samples of each
  std::size_t input_bytes = 0;

  void append(std::span<const std::int16_t> stream, std::vector<RunRecord>& records) const {
    for (std::size_t at = 0; at < stream.size(); at += elems) {
      Bytes bytes(input_bytes);
      bytes[0] = at == 0 ? 1 : 0;
      std::memcpy(&bytes[kHead], &stream[at], 2 * std::min(elems, stream.size() - at));
      records.push_back({0, {std::move(bytes)}});
    }
  }
};

// Cycles of a decision, from a short traced stream.
Status trace_cost(const Firmware& firmware, const Portions& portions, std::size_t window_elems,
                  const BoardListenOptions& options, std::span<const std::int16_t> stream, ListenerCost& cost) {
  constexpr std::size_t kDecisions = 4;
  std::vector<RunRecord> records;
  portions.append(stream.first(std::min(stream.size(), window_elems + kDecisions * portions.elems)), records);
  RunOptions how;
  how.trace_blocks = true;
  MOTE_LET(report, run_firmware(firmware, records, how));
  if (!report.blocks) return {};
  MOTE_LET(table, load_timing(firmware.board.core.name));
  FetchModel fetch;
  const auto cycles = [&]() -> Result<double> {
    MOTE_LET(profile, profile_trace(*report.blocks, table, fetch));
    double sum = 0;
    std::size_t decisions = 0;
    for (std::size_t r = 0; r < std::min(records.size(), profile.windows.size()); ++r) {
      if (report.records[r].outputs[0][0] == 0 || profile.windows[r].is_rest) continue;
      sum += profile.windows[r].cost.cycles;
      ++decisions;
    }
    return decisions == 0 ? 0 : sum / static_cast<double>(decisions);
  };
  MOTE_LET(plain, cycles());
  cost.cycles = plain;
  cost.band_percent = band_of(table, fetch);
  cost.rests_on = table.rests_on;
  if (!options.hardware) return {};
  if (const auto& flash = firmware.board.flash) fetch = {flash->origin, flash->bytes, 0, 16, 0, false};
  fetch.wait_states = static_cast<int>(options.hardware->wait_states);
  fetch.cached_lines = static_cast<int>(options.hardware->cache_lines);
  MOTE_LET(waiting, cycles());
  cost.hardware_cycles = waiting;
  cost.hardware_band_percent = band_of(table, fetch);
  return {};
}

}  // namespace

Result<BoardListening> listen_on_board(const Listener& l, const BoardListenOptions& options,
                                       std::span<const std::vector<std::int16_t>> streams) {
  if (l.front_end.config().delta_reach != 0) {
    return Error{"slopes are not computed on the board yet", "signal.delta_reach", "set it to 0"};
  }
  MOTE_LET(board, load_board(options.board));
  if (options.hardware && options.hardware->core != board.core.name) {
    return Error{fmt::format("board '{}' has a {}, hardware '{}' a {}", board.name, board.core.name,
                             options.hardware->name, options.hardware->core),
                 "target.hardware", "name hardware with that core; `mote boards` lists boards"};
  }
  CompileOptions compile;
  compile.core = board.core.name;
  compile.goal = options.goal;
  MOTE_LET(program, compile_graph(l.graph, compile));
  MOTE_LET(work, TemporaryFolder::create("mote-listen"));
  const fs::path folder = work.path() / "code";
  MOTE_LET(code, write_code({&program, 1}, folder, WriterOptions{}));
  const GeneratedModel model = code.models[0];
  Portions portions;
  portions.elems = static_cast<std::size_t>(l.front_end.frame().hop_elems) * l.stride_rows;
  portions.input_bytes = kHead + 2 * portions.elems;
  for (const Resource& resource : resource_table()) {
    const bool is_ours = resource.path.starts_with("device/signal/") || resource.path == "device/runtime/detector.h" ||
                         resource.path == "device/runtime/detector.cc";
    if (!is_ours && !resource.path.starts_with("contract/") && !resource.path.starts_with("device/isa/")) continue;
    MOTE_TRY(write_file(folder / resource.path, resource.text));
    if (is_ours && resource.path.ends_with(".cc")) code.sources.emplace_back(resource.path);
  }
  MOTE_TRY(write_file(folder / "front.h", signal::front_end_source(l.front_end, "front")));
  MOTE_TRY(write_file(folder / "listener.cc", listener_source(l, model, portions.elems)));
  code.sources.emplace_back("listener.cc");
  const auto input_bytes = static_cast<std::int64_t>(portions.input_bytes);
  const std::int64_t output_bytes = 2 + model.outputs[0].size_bytes;
  GeneratedModel listener;
  listener.name = "listener";
  listener.weight_bytes = model.weight_bytes;
  listener.arena_bytes = (input_bytes + output_bytes + 15) / 16 * 16;
  listener.inputs = {{"samples", DType::u8, {input_bytes}, {}, 0, input_bytes}};
  listener.outputs = {{"decision", DType::u8, {output_bytes}, {}, input_bytes, output_bytes}};
  code.models = {listener};
  MOTE_LET(firmware, build_firmware(board, code, folder, work.path() / "firmware", {compile.compiler_level()}));

  std::vector<RunRecord> records;
  for (const auto& stream : streams) portions.append(stream, records);
  RunOptions how;
  how.timeout = std::chrono::hours(3);
  MOTE_LET(report, run_firmware(firmware, records, how));
  BoardListening out;
  out.seconds = report.seconds;
  out.cost.sizes = firmware.sizes;
  out.cost.stack_bytes = report.invoke_stack_bytes.at(0);
  std::size_t r = 0;
  double instructions[2] = {};  // of portions without and with a decision
  double counts[2] = {};
  for (const auto& stream : streams) {
    auto& decisions = out.decisions.emplace_back();
    const std::size_t most_rows = l.front_end.rows(stream.size());  // the last portion is filled up with silence
    std::size_t rows = l.rows;
    for (std::size_t at = 0; at < stream.size(); at += portions.elems, ++r) {
      const auto& bytes = report.records[r].outputs[0];
      if (at != 0) {  // the first lacks the begin of a frame
        instructions[bytes[0]] += static_cast<double>(report.records[r].instructions);
        counts[bytes[0]] += 1;
      }
      if (bytes[0] == 0 || rows > most_rows) continue;
      decisions.push_back({rows, bytes[1] != 0, {bytes.begin() + 2, bytes.end()}});
      rows += l.stride_rows;
    }
  }
  out.cost.feature_instructions = counts[0] > 0 ? instructions[0] / counts[0] : 0;
  out.cost.instructions = counts[1] > 0 ? instructions[1] / counts[1] : 0;
  if (report.counted && !streams.empty()) {
    MOTE_TRY(trace_cost(firmware, portions, l.rows * static_cast<std::size_t>(l.front_end.frame().hop_elems), options,
                        streams.back(), out.cost));
  }
  return out;
}

}  // namespace mote
