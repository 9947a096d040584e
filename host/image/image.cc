// Steps, parameters and constants in words.
#include "host/image/image.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "contract/wire/crc32.h"
#include "contract/wire/model_image.h"
#include "device/runtime/model.h"
#include "host/image/kernels.h"

namespace mote {
namespace {

using Blob = std::vector<std::uint8_t>;

static_assert(static_cast<int>(DType::f32) == static_cast<int>(ImageType::f32) &&
              static_cast<int>(DType::boolean) == static_cast<int>(ImageType::boolean));

struct alignas(kArenaAlignment) Block {
  std::uint8_t bytes[kArenaAlignment];
};

// Memory on 16 bytes.
std::vector<Block> blocks_for(std::int64_t bytes) {
  return std::vector<Block>(static_cast<std::size_t>(bytes / kArenaAlignment + 1));
}

class ImageWriter {
 public:
  explicit ImageWriter(const Program& program) : p_(program), bytes_(sizeof(ImageHeader)) {}

  Blob write() {
    for (std::size_t n = 0; n < p_.nodes.size(); ++n) {
      if (const Fused* run = p_.fused_at(n)) {
        if (n == run->first) write_run(*run);
      } else {
        for (const KernelCall& call : p_.nodes[n].calls) write_call(n, call);
      }
    }
    ImageHeader h{};
    h.magic = kImageMagic;
    h.version = kImageVersion;
    h.header_bytes = sizeof h;
    h.arena_bytes = static_cast<std::uint32_t>(p_.placement.arena_bytes);
    h.name = text(p_.graph.name);
    std::vector<ImageKernel> kernels;
    for (const KernelRow* row : kernels_) {
      kernels.push_back({text(std::string(row->name)), params_bytes_.at(row)});
    }
    h.kernels = put_all(kernels);
    h.kernel_count = static_cast<std::uint32_t>(kernels.size());
    std::vector<ImagePort> ports;
    for (const TensorId id : p_.graph.inputs) ports.push_back(port(id));
    for (const TensorId id : p_.graph.outputs) ports.push_back(port(id));
    h.ports = put_all(ports);
    h.input_count = static_cast<std::uint32_t>(p_.graph.inputs.size());
    h.output_count = static_cast<std::uint32_t>(p_.graph.outputs.size());
    h.steps = put_all(steps_);
    h.step_words = static_cast<std::uint32_t>(steps_.size());
    h.answer_seed = p_.answer.seed;
    h.answer_crc = p_.answer.crc;
    align(4);
    h.image_bytes = static_cast<std::uint32_t>(bytes_.size());
    std::memcpy(bytes_.data(), &h, sizeof h);
    h.crc = crc32(bytes_.data() + kImageCrcBegin, h.image_bytes - kImageCrcBegin);
    std::memcpy(bytes_.data(), &h, sizeof h);
    return std::move(bytes_);
  }

  [[nodiscard]] std::size_t kernel_count() const { return kernels_.size(); }

 private:
  void align(std::size_t to) { bytes_.resize((bytes_.size() + to - 1) / to * to); }

  // Bytes that are there already are not stored again.
  std::uint32_t put(const std::uint8_t* data, std::size_t size, std::size_t alignment) {
    Blob blob(data, data + size);
    const auto [known, is_new] = stored_.try_emplace({alignment, std::move(blob)}, 0);
    if (is_new) {
      align(alignment);
      known->second = static_cast<std::uint32_t>(bytes_.size());
      bytes_.insert(bytes_.end(), data, data + size);
    }
    return known->second;
  }

  template <class T>
  std::uint32_t put_all(const std::vector<T>& values) {
    return put(reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(T), 4);
  }

  std::uint32_t text(const std::string& s) {
    return put(reinterpret_cast<const std::uint8_t*>(s.c_str()), s.size() + 1, 1);
  }

  ImagePort port(TensorId id) {
    const Tensor& t = p_.graph.tensor(id);
    std::vector<std::int32_t> dims;
    for (const std::int64_t d : t.shape) dims.push_back(narrow(d));
    ImagePort out{};
    out.name = text(t.name);
    out.offset_bytes = static_cast<std::uint32_t>(p_.placement.tensor_offset[static_cast<std::size_t>(id)]);
    out.size_bytes = static_cast<std::uint32_t>(t.size_bytes());
    out.type = static_cast<std::uint32_t>(t.type);
    out.rank = static_cast<std::uint32_t>(dims.size());
    out.dims = put_all(dims);
    if (t.quant.scale.size() == 1) {
      out.scale = t.quant.scale[0];
      out.zero_point = t.quant.zero_point[0];
    }
    return out;
  }

  // Small elements are read a word at a time, as in generated code.
  static std::size_t alignment_of(DType type) {
    return static_cast<std::size_t>(std::max<std::int64_t>(4, size_bytes(type)));
  }

  std::uint32_t argument(std::size_t n, const KernelCall& call, const KernelArg& arg) {
    switch (arg.kind) {
      case KernelArg::Kind::constant: {
        const Constant& c = call.constants.at(arg.constant);
        return kImageConstant | put(c.bytes.data(), c.bytes.size(), alignment_of(c.type));
      }
      case KernelArg::Kind::scratch:
        return call.scratch_bytes == 0 ? kImageNoArgument : static_cast<std::uint32_t>(p_.placement.scratch_offset[n]);
      case KernelArg::Kind::tensor: break;
    }
    if (p_.is_stored_constant(arg.tensor)) {
      const Tensor& t = p_.graph.tensor(p_.storage[static_cast<std::size_t>(arg.tensor)]);
      return kImageConstant | put(t.data.data(), t.data.size(), alignment_of(t.type));
    }
    return static_cast<std::uint32_t>(p_.placement.tensor_offset[static_cast<std::size_t>(arg.tensor)]);
  }

  static std::uint32_t word(ImageStep kind, std::size_t kernel = 0, std::size_t arguments = 0) {
    return static_cast<std::uint32_t>(kind) | static_cast<std::uint32_t>(kernel << 8 | arguments << 16);
  }

  // The step's first words, up to its arguments.
  void begin_call(ImageStep kind, const KernelCall& call) {
    auto known = std::ranges::find(kernels_, call.row);
    if (known == kernels_.end()) known = kernels_.insert(kernels_.end(), call.row);
    params_bytes_[call.row] = static_cast<std::uint32_t>(call.params.bytes.size());
    steps_.push_back(word(kind, static_cast<std::size_t>(known - kernels_.begin()), call.args.size()));
    steps_.push_back(put(call.params.bytes.data(), call.params.bytes.size(), 4));
  }

  void write_call(std::size_t n, const KernelCall& call) {
    begin_call(ImageStep::call, call);
    for (const KernelArg& arg : call.args) steps_.push_back(argument(n, call, arg));
  }

  void write_run(const Fused& run) {
    for (const Phase& phase : run.phases) {
      std::size_t length = 0;
      if (phase.turns > 1) {
        steps_.insert(steps_.end(), {word(ImageStep::loop), static_cast<std::uint32_t>(phase.turns), 0});
        length = steps_.size();
      }
      for (const RowCall& call : phase.calls) write_rows(run, call);
      if (phase.turns > 1) steps_[length - 1] = static_cast<std::uint32_t>(steps_.size() - length);
    }
  }

  [[nodiscard]] std::uint32_t place_of(const RowSpan& s) const {
    return static_cast<std::uint32_t>(p_.placement.tensor_offset[static_cast<std::size_t>(s.tensor)] +
                                      s.slot * p_.row_bytes(s.tensor));
  }
  [[nodiscard]] std::uint32_t step_of(const RowSpan& s) const {
    return static_cast<std::uint32_t>(s.slot_step * p_.row_bytes(s.tensor));
  }

  void write_rows(const Fused& run, const RowCall& row_call) {
    if (row_call.call == RowCall::kCarry) {
      const RowSpan& s = row_call.spans.at(0);
      const auto to = static_cast<std::uint32_t>(p_.placement.tensor_offset[static_cast<std::size_t>(s.tensor)]);
      steps_.insert(steps_.end(),
                    {word(ImageStep::carry), to, place_of(s), step_of(s),
                     static_cast<std::uint32_t>(p_.row_bytes(s.tensor)), static_cast<std::uint32_t>(s.count)});
      return;
    }
    const KernelCall& call = run.calls.at(row_call.call);
    begin_call(ImageStep::rows, call);
    std::vector<std::uint32_t> moves;
    std::size_t span = 0;
    for (const KernelArg& arg : call.args) {
      if (arg.kind == KernelArg::Kind::tensor && !p_.is_stored_constant(arg.tensor)) {
        const RowSpan& s = row_call.spans.at(span++);
        steps_.push_back(place_of(s));
        moves.push_back(step_of(s));
      } else {
        steps_.push_back(argument(run.first, call, arg));
        moves.push_back(0);
      }
    }
    steps_.insert(steps_.end(), moves.begin(), moves.end());
  }

  const Program& p_;
  Blob bytes_;
  std::map<std::pair<std::size_t, Blob>, std::uint32_t> stored_;
  std::vector<const KernelRow*> kernels_;
  std::map<const KernelRow*, std::uint32_t> params_bytes_;
  std::vector<std::uint32_t> steps_;
};

std::string code_text(runtime::Status status, const runtime::Model& model) {
  switch (status.code) {
    case runtime::Code::ok: return "ok";
    case runtime::Code::not_an_image: return "is no model image";
    case runtime::Code::other_version:
      return fmt::format("has version {} of the format, this program reads {}", status.at, kImageVersion);
    case runtime::Code::truncated: return fmt::format("ends too early, {} bytes are wanted", status.at);
    case runtime::Code::misaligned: return "is not aligned to 16 bytes";
    case runtime::Code::damaged: return "is damaged: its CRC is another";
    case runtime::Code::unsigned_image: return "is not signed";
    case runtime::Code::cannot_verify: return "is signed, and nothing is there to verify the signature with";
    case runtime::Code::bad_signature: return "has a wrong signature";
    case runtime::Code::arena_too_small: return fmt::format("wants an arena of {} bytes", status.at);
    case runtime::Code::bad_layout: return fmt::format("has a table outside itself, at byte {}", status.at);
    case runtime::Code::bad_port: return fmt::format("describes input or output {} wrongly", status.at);
    case runtime::Code::missing_kernel: return fmt::format("calls the unknown kernel '{}'", model.missing_kernel());
    case runtime::Code::bad_step: return fmt::format("has a malformed step at word {}", status.at);
    case runtime::Code::refused_call: return fmt::format("has a kernel call at word {} that would go wrong", status.at);
    case runtime::Code::wrong_answer: return "does not give its known answer";
  }
  return "";
}

ImageSummary::Port port_of(const runtime::Port& p, const std::uint8_t* arena) {
  ImageSummary::Port out;
  out.name = p.name;
  out.type = static_cast<DType>(p.type);
  out.shape.assign(p.dims, p.dims + p.rank);
  if (p.scale != 0) out.quant = {{p.scale}, {p.zero_point}, 0};
  out.offset_bytes = static_cast<const std::uint8_t*>(p.data) - arena;
  out.size_bytes = p.bytes;
  return out;
}

}  // namespace

std::vector<const KernelRow*> kernels_beyond_images(const Program& program) {
  std::vector<const KernelRow*> out;
  const auto look = [&out](const std::vector<KernelCall>& calls) {
    for (const KernelCall& call : calls) {
      if (!image_check(call.row->name) && std::ranges::find(out, call.row) == out.end()) out.push_back(call.row);
    }
  };
  for (const Lowered& node : program.nodes) look(node.calls);
  for (const Fused& run : program.fused) look(run.calls);
  return out;
}

Result<Blob> write_image(const Program& program) {
  if (const auto beyond = kernels_beyond_images(program); !beyond.empty()) {
    std::vector<std::string_view> names;
    for (const KernelRow* row : beyond) names.push_back(row->name);
    return Error{fmt::format("needs {} that model images cannot call: {}", names.size() == 1 ? "a kernel" : "kernels",
                             fmt::join(names, ", ")),
                 program.graph.source, "compile this model into the firmware with 'mote compile'"};
  }
  if (!program.graph.states.empty()) {
    return Error{"keeps state from run to run, which model images cannot", program.graph.source,
                 "compile this model into the firmware with 'mote compile'"};
  }
  ImageWriter writer(program);
  Blob bytes = writer.write();
  if (writer.kernel_count() > runtime::Model::kMaxKernels) {
    return Error{fmt::format("calls {} different kernels, an image may call {}", writer.kernel_count(),
                             runtime::Model::kMaxKernels),
                 program.graph.source, "compile this model into the firmware with 'mote compile'"};
  }
  if (auto proved = read_image(bytes, program.graph.source); !proved.ok()) {
    const Error error = std::move(proved).error();
    return Error{"the image that was written " + error.what, error.where, "this is a defect of mote; please report it"};
  }
  return bytes;
}

Result<ImageSummary> read_image(const Blob& bytes, const std::string& where) {
  std::vector<Block> image = blocks_for(static_cast<std::int64_t>(bytes.size()));
  std::copy(bytes.begin(), bytes.end(), image[0].bytes);
  ImageHeader h{};
  std::memcpy(&h, bytes.data(), std::min(bytes.size(), sizeof h));
  constexpr std::uint32_t kMostArena = 1U << 28;  // no chip has more
  std::vector<Block> arena = blocks_for(std::min(h.arena_bytes, kMostArena));
  runtime::Model model;
  // A signature cannot be judged here; that it is there is said in the summary.
  const runtime::Verify any = [](const std::uint8_t*, std::uint32_t, const std::uint8_t*, std::uint32_t) {
    return true;
  };
  const runtime::Status status = model.open({image[0].bytes, static_cast<std::uint32_t>(bytes.size())},
                                            {arena[0].bytes, std::min(h.arena_bytes, kMostArena)}, image_registry(),
                                            h.signature != 0 ? any : nullptr);
  if (!status.ok()) return Error{code_text(status, model), where, "write the image again with 'mote image'"};
  ImageSummary out;
  out.name = model.name();
  out.image_bytes = h.image_bytes;
  out.arena_bytes = h.arena_bytes;
  out.most_steps = model.work();
  out.is_signed = h.signature != 0;
  out.has_answer = h.answer_seed != 0;
  for (std::uint32_t i = 0; i < model.input_count(); ++i) out.inputs.push_back(port_of(model.input(i), arena[0].bytes));
  for (std::uint32_t i = 0; i < model.output_count(); ++i) {
    out.outputs.push_back(port_of(model.output(i), arena[0].bytes));
  }
  for (std::uint32_t k = 0; k < h.kernel_count; ++k) {
    ImageKernel kernel{};
    std::memcpy(&kernel, bytes.data() + h.kernels + k * sizeof kernel, sizeof kernel);
    out.kernels.emplace_back(reinterpret_cast<const char*>(bytes.data()) + kernel.name);
  }
  return out;
}

}  // namespace mote
