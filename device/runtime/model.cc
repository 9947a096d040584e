// Proof and execution of model images.
#include "device/runtime/model.h"

#include <cstring>

#include "contract/wire/crc32.h"

namespace mote::runtime {
namespace {

[[nodiscard]] bool is_aligned(const void* at, std::uint32_t bytes) {
  return reinterpret_cast<std::uintptr_t>(at) % bytes == 0;
}

[[nodiscard]] bool same_text(const char* a, const char* b) {
  while (*a != '\0' && *a == *b) {
    ++a;
    ++b;
  }
  return *a == *b;
}

constexpr std::uint32_t kMostBytes = 1U << 30;  // of an image or an arena: kernels count in int32
constexpr std::int64_t kMostWork = std::int64_t{1} << 62;

[[nodiscard]] std::uint32_t kind_of(std::uint32_t word) { return word & 0xFF; }
[[nodiscard]] std::uint32_t kernel_of(std::uint32_t word) { return word >> 8 & 0xFF; }
[[nodiscard]] std::uint32_t count_of(std::uint32_t word) { return word >> 16; }

constexpr std::uint32_t kCarryWords = 5;

// Moves rows, first to last. Rows of one move may lie within each other's way only as the check allows.
void carry(std::uint8_t* arena, const std::uint32_t* words, std::uint32_t turn) {
  std::uint8_t* to = arena + words[0];
  const std::uint8_t* from = arena + words[1] + words[2] * turn;
  for (std::uint32_t row = 0; row < words[4]; ++row, to += words[3], from += words[3]) {
    std::memcpy(to, from, words[3]);
  }
}

}  // namespace

bool Call::has(int i, std::int64_t elements, std::uint32_t element_bytes) {
  Argument& a = arguments[i];
  if (elements >= kTooMany || elements * element_bytes > a.room || !is_aligned(a.data, element_bytes) ||
      a.step % element_bytes != 0) {
    return false;
  }
  a.bytes = static_cast<std::uint32_t>(elements * element_bytes);  // <= room
  return true;
}

bool Call::has_scratch(int i, std::int64_t bytes) {
  Argument& a = arguments[i];
  a.is_scratch = true;
  return has(i, bytes, 1) && (bytes == 0 || (a.moves == 0 && is_aligned(a.data, kArenaAlignment)));
}

bool Call::has_shifts(int i, std::int64_t elements) {
  if (!has(i, elements) || !arguments[i].is_constant) return false;
  const auto* shifts = reinterpret_cast<const std::int8_t*>(arguments[i].data);
  for (std::uint32_t c = 0; c < arguments[i].bytes; ++c) {
    if (!is_within(shifts[c], -31, 30)) return false;
  }
  return true;
}

bool Call::leaves_scratch_alone() const {
  for (int s = 0; s < count; ++s) {
    const Argument& scratch = arguments[s];
    if (!scratch.is_scratch || scratch.bytes == 0) continue;
    for (int i = 0; i < count; ++i) {
      const Argument& other = arguments[i];
      if (i == s || other.is_constant || other.bytes == 0) continue;
      const bool is_before = other.begin + other.moves + other.bytes <= scratch.begin;
      const bool is_behind = other.begin >= scratch.begin + scratch.bytes;
      if (!is_before && !is_behind) return false;
    }
  }
  return true;
}

// Proves an image, a part at a time. Sums of two offsets fit 32 bits, as each is at most kMostBytes.
class Model::Reader {
 public:
  Reader(Model& model, Image image, Arena arena) : model_(model), arena_(arena) {
    image_ = static_cast<const std::uint8_t*>(image.data);
  }

  Status header(std::uint32_t bytes, Verify verify) {
    if (bytes < sizeof(ImageHeader)) return {Code::truncated, sizeof(ImageHeader)};
    if (!is_aligned(image_, kArenaAlignment) || !is_aligned(arena_.data, kArenaAlignment)) return {Code::misaligned};
    const auto& h = *reinterpret_cast<const ImageHeader*>(image_);
    if (h.magic != kImageMagic) return {Code::not_an_image};
    if (h.version != kImageVersion || h.header_bytes != sizeof(ImageHeader)) return {Code::other_version, h.version};
    if (h.image_bytes > bytes || h.image_bytes > kMostBytes) return {Code::truncated, h.image_bytes};
    bytes_ = h.signature == 0 ? h.image_bytes : h.signature;
    if (bytes_ < sizeof(ImageHeader) || bytes_ > h.image_bytes) return {Code::bad_layout, h.signature};
    if (crc32(image_ + kImageCrcBegin, bytes_ - kImageCrcBegin) != h.crc) return {Code::damaged};
    if (h.signature == 0 && verify != nullptr) return {Code::unsigned_image};
    if (h.signature != 0 && verify == nullptr) return {Code::cannot_verify};
    if (verify != nullptr && !verify(image_, bytes_, image_ + bytes_, h.image_bytes - bytes_)) {
      return {Code::bad_signature};
    }
    if (h.arena_bytes > arena_.bytes || h.arena_bytes > kMostBytes) return {Code::arena_too_small, h.arena_bytes};
    arena_.bytes = h.arena_bytes;
    header_ = &h;
    if (!is_text(h.name)) return {Code::bad_layout, h.name};
    if (!has_words(h.steps, h.step_words)) return {Code::bad_layout, h.steps};
    return {};
  }

  Status ports() {
    const ImageHeader& h = *header_;
    constexpr std::uint32_t kMostPorts = 256;
    constexpr std::uint32_t kPortWords = sizeof(ImagePort) / 4;
    if (h.input_count > kMostPorts || h.output_count > kMostPorts ||
        !has_words(h.ports, (h.input_count + h.output_count) * kPortWords)) {
      return {Code::bad_layout, h.ports};
    }
    for (std::uint32_t i = 0; i < h.input_count + h.output_count; ++i) {
      if (!is_port(reinterpret_cast<const ImagePort*>(image_ + h.ports)[i])) return {Code::bad_port, i};
    }
    return {};
  }

  Status kernels(Registry registry) {
    const ImageHeader& h = *header_;
    if (h.kernel_count > kMaxKernels || !has_words(h.kernels, h.kernel_count * (sizeof(ImageKernel) / 4))) {
      return {Code::bad_layout, h.kernels};
    }
    for (std::uint32_t k = 0; k < h.kernel_count; ++k) {
      const ImageKernel& wanted = reinterpret_cast<const ImageKernel*>(image_ + h.kernels)[k];
      if (!is_text(wanted.name)) return {Code::bad_layout, wanted.name};
      const char* const name = reinterpret_cast<const char*>(image_ + wanted.name);
      model_.kernels_[k] = nullptr;
      for (std::uint32_t r = 0; r < registry.count && model_.kernels_[k] == nullptr; ++r) {
        const Kernel& kernel = registry.kernels[r];
        if (kernel.params_bytes == wanted.params_bytes && same_text(kernel.name, name)) model_.kernels_[k] = &kernel;
      }
      if (model_.kernels_[k] == nullptr) {
        model_.missing_ = name;
        return {Code::missing_kernel, k};
      }
    }
    return {};
  }

  Status steps() {
    const auto* const first = reinterpret_cast<const std::uint32_t*>(image_ + header_->steps);
    const std::uint32_t* const end = first + header_->step_words;
    std::uint32_t turns = 1;
    const std::uint32_t* body_end = nullptr;  // of the loop that `step` is in
    for (const std::uint32_t* step = first; step != end;) {
      const auto at = static_cast<std::uint32_t>(step - first);
      const auto kind = static_cast<ImageStep>(kind_of(*step));
      if (step == body_end) {
        body_end = nullptr;
        turns = 1;
      }
      const auto left = static_cast<std::uint32_t>((body_end != nullptr ? body_end : end) - step) - 1;
      if (kind == ImageStep::loop) {
        if (body_end != nullptr || left < 2 || step[1] == 0 || step[1] > kMostBytes || step[2] == 0 ||
            step[2] > left - 2) {
          return {Code::bad_step, at};
        }
        turns = step[1];
        step += 3;
        body_end = step + step[-1];
      } else if (kind == ImageStep::carry) {
        if (left < kCarryWords || !is_carry(step + 1, turns)) return {Code::bad_step, at};
        step += 1 + kCarryWords;
      } else if (kind == ImageStep::call || kind == ImageStep::rows) {
        const std::uint32_t count = count_of(*step);
        const std::uint32_t words = 1 + (kind == ImageStep::rows ? 2 * count : count);
        if (kernel_of(*step) >= header_->kernel_count || left < words) return {Code::bad_step, at};
        const Kernel& kernel = *model_.kernels_[kernel_of(*step)];
        if (count != kernel.count || !has_words(step[1], kernel.params_bytes / 4U)) return {Code::bad_step, at};
        const std::uint32_t* const moves = kind == ImageStep::rows ? step + 2 + count : nullptr;
        if (!is_call(kernel, image_ + step[1], step + 2, moves, turns)) return {Code::refused_call, at};
        step += 1 + words;
      } else {
        return {Code::bad_step, at};
      }
    }
    return {};
  }

  [[nodiscard]] std::int64_t work() const { return work_; }

 private:
  [[nodiscard]] bool has_words(std::uint32_t offset, std::uint32_t words) const {
    return offset % 4 == 0 && offset <= bytes_ && words <= (bytes_ - offset) / 4;
  }

  [[nodiscard]] bool is_text(std::uint32_t offset) const {
    for (; offset < bytes_; ++offset) {
      if (image_[offset] == 0) return true;
    }
    return false;
  }

  [[nodiscard]] bool is_port(const ImagePort& port) const {
    if (!is_text(port.name) || port.type > static_cast<std::uint32_t>(ImageType::boolean) ||
        port.rank > kImageMaxRank || !has_words(port.dims, port.rank)) {
      return false;
    }
    const std::uint32_t element = image_type_bytes(static_cast<ImageType>(port.type));
    std::int64_t elements = 1;
    for (std::uint32_t d = 0; d < port.rank; ++d) {
      const std::int32_t extent = reinterpret_cast<const std::int32_t*>(image_ + port.dims)[d];
      if (extent < 1) return false;
      elements = product(elements, extent);
    }
    return elements * element == port.size_bytes && port.offset_bytes % element == 0 &&
           port.offset_bytes <= arena_.bytes && port.size_bytes <= arena_.bytes - port.offset_bytes;
  }

  // `to` and `from` on the first and on the last turn within the arena, and each row clear of where it goes.
  [[nodiscard]] bool is_carry(const std::uint32_t* words, std::uint32_t turns) {
    const std::uint32_t to = words[0];
    const std::uint32_t from = words[1];
    const std::uint64_t moves = std::uint64_t{words[2]} * (turns - 1);
    const std::uint64_t bytes = std::uint64_t{words[3]} * words[4];
    if (to > arena_.bytes || from > arena_.bytes || moves > arena_.bytes || bytes > arena_.bytes) return false;
    add_work(static_cast<std::int64_t>(bytes), turns);  // < 2^30
    return to + bytes <= arena_.bytes && from + moves + bytes <= arena_.bytes && from >= to + words[3];
  }

  [[nodiscard]] bool is_call(const Kernel& kernel, const std::uint8_t* params, const std::uint32_t* offsets,
                             const std::uint32_t* moves, std::uint32_t turns) {
    Call call;
    call.count = kernel.count;
    for (int i = 0; i < call.count; ++i) {
      Call::Argument& a = call.arguments[i];
      const std::uint32_t move = moves == nullptr ? 0 : moves[i];
      const bool is_written = (kernel.element_bytes[i] & Kernel::kWritten) != 0;
      a.element_bytes = kernel.element_bytes[i] & ~Kernel::kWritten & 0xFFU;
      if (offsets[i] == kImageNoArgument) {
        if (move != 0) return false;
        continue;
      }
      a.is_constant = (offsets[i] & kImageConstant) != 0;
      if (a.is_constant && (is_written || move != 0)) return false;
      const std::uint32_t end = a.is_constant ? bytes_ : arena_.bytes;
      const std::uint64_t distance = std::uint64_t{move} * (turns - 1);
      a.begin = offsets[i] & ~kImageConstant;
      if (a.begin > end || distance > end - a.begin) return false;
      a.step = move;
      a.moves = static_cast<std::uint32_t>(distance);  // < end
      a.room = end - a.begin - a.moves;
      a.data = (a.is_constant ? image_ : static_cast<const std::uint8_t*>(arena_.data)) + a.begin;
    }
    if (!kernel.check(params, call) || !call.leaves_scratch_alone()) return false;
    add_work(call.work, turns);
    return true;
  }

  // work in [0, 2^62], as checks multiply two saturated counts; turns < 2^30.
  void add_work(std::int64_t work, std::uint32_t turns) {
    const std::int64_t once = work > kMostWork >> 31 ? kMostWork >> 31 : work;
    work_ += once * turns;
    if (work_ > kMostWork) work_ = kMostWork;
  }

  Model& model_;
  const std::uint8_t* image_ = nullptr;
  Arena arena_;
  const ImageHeader* header_ = nullptr;
  std::uint32_t bytes_ = 0;  // up to the signature
  std::int64_t work_ = 0;
};

Status Model::open(Image image, Arena arena, Registry registry, Verify verify) {
  header_ = nullptr;
  Reader reader(*this, image, arena);
  Status status = reader.header(image.bytes, verify);
  if (status.ok()) status = reader.ports();
  if (status.ok()) status = reader.kernels(registry);
  if (status.ok()) status = reader.steps();
  if (!status.ok()) return status;
  work_ = reader.work();
  image_ = static_cast<const std::uint8_t*>(image.data);
  arena_ = static_cast<std::uint8_t*>(arena.data);
  header_ = reinterpret_cast<const ImageHeader*>(image_);
  return {};
}

const char* Model::text(std::uint32_t offset) const { return reinterpret_cast<const char*>(image_ + offset); }

Port Model::port(std::uint32_t i) const {
  const ImagePort& p = reinterpret_cast<const ImagePort*>(image_ + header().ports)[i];
  return {text(p.name), arena_ + p.offset_bytes,
          p.size_bytes, static_cast<ImageType>(p.type),
          p.rank,       reinterpret_cast<const std::int32_t*>(image_ + p.dims),
          p.scale,      p.zero_point};
}

void Model::invoke() {
  if (header_ == nullptr) return;
  const auto* step = reinterpret_cast<const std::uint32_t*>(image_ + header().steps);
  const std::uint32_t* const end = step + header().step_words;
  while (step != end) {
    if (static_cast<ImageStep>(kind_of(*step)) != ImageStep::loop) {
      step = run(step, 0);
      continue;
    }
    const std::uint32_t turns = step[1];
    const std::uint32_t* const body = step + 3;
    const std::uint32_t* const body_end = body + step[2];
    for (std::uint32_t turn = 0; turn < turns; ++turn) {
      for (step = body; step != body_end;) step = run(step, turn);
    }
  }
}

const std::uint32_t* Model::run(const std::uint32_t* step, std::uint32_t turn) {
  const std::uint32_t word = *step++;
  if (static_cast<ImageStep>(kind_of(word)) == ImageStep::carry) {
    carry(arena_, step, turn);
    return step + kCarryWords;
  }
  const void* const params = image_ + *step++;
  const std::uint32_t count = count_of(word);
  const bool are_rows = static_cast<ImageStep>(kind_of(word)) == ImageStep::rows;
  void* arguments[kMaxArguments];
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t offset = step[i];
    if (offset == kImageNoArgument) {
      arguments[i] = nullptr;
    } else if ((offset & kImageConstant) != 0) {
      // The kernel takes it as const, which the row's template restores.
      arguments[i] = const_cast<std::uint8_t*>(image_ + (offset & ~kImageConstant));
    } else {
      arguments[i] = arena_ + offset + (are_rows ? step[count + i] * turn : 0);
    }
  }
  kernels_[kernel_of(word)]->call(params, arguments);
  return step + (are_rows ? 2 * count : count);
}

Status Model::check_answer() {
  if (header_ == nullptr || header().answer_seed == 0) return {};
  std::uint32_t state = header().answer_seed;
  for (std::uint32_t i = 0; i < input_count(); ++i) {
    const Port p = input(i);
    auto* const bytes = static_cast<std::uint8_t*>(p.data);
    for (std::uint32_t b = 0; b < p.bytes; ++b) {
      state = image_random(state);
      bytes[b] = static_cast<std::uint8_t>(state >> 24);
    }
  }
  invoke();
  std::uint32_t crc = 0;
  for (std::uint32_t i = 0; i < output_count(); ++i) {
    const Port p = output(i);
    crc = crc32(static_cast<const std::uint8_t*>(p.data), p.bytes, crc);
  }
  return crc == header().answer_crc ? Status{} : Status{Code::wrong_answer, crc};
}

}  // namespace mote::runtime
