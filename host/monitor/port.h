// A serial port, pseudo-terminal or file that is read as bytes arrive, and that may vanish and return.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "host/base/result.h"

namespace mote {

class Port {
 public:
  // Errors: not there, not readable, a speed that the system does not have.
  static Result<Port> open(const std::filesystem::path& path, int baud);
  Port(Port&& other) noexcept;
  Port& operator=(Port&&) = delete;
  ~Port();

  enum class State { open, ended, gone };  // ended: the end of a file; gone: the device vanished

  // Waits at most so long for bytes and appends them. A port that is gone is looked for again at every call.
  State read(std::string& to, std::chrono::milliseconds wait);
  // How often it was there again after it had vanished.
  [[nodiscard]] int returns() const { return returns_; }

 private:
  Port(std::filesystem::path path, int baud) : path_(std::move(path)), baud_(baud) {}
  Status connect();
  void disconnect();

  std::filesystem::path path_;
  int baud_;
  int file_ = -1;
  bool is_device_ = false;
  int returns_ = 0;
};

}  // namespace mote
