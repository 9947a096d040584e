// POSIX terminals.
#include "host/monitor/port.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <thread>
#include <utility>

namespace mote {
namespace {

constexpr std::array<std::pair<int, speed_t>, 12> kSpeeds = {{{9600, B9600},
                                                              {19200, B19200},
                                                              {38400, B38400},
                                                              {57600, B57600},
                                                              {115200, B115200},
                                                              {230400, B230400},
                                                              {460800, B460800},
                                                              {500000, B500000},
                                                              {921600, B921600},
                                                              {1000000, B1000000},
                                                              {1500000, B1500000},
                                                              {2000000, B2000000}}};

std::optional<speed_t> speed_of(int baud) {
  for (const auto& [number, speed] : kSpeeds) {
    if (number == baud) return speed;
  }
  return std::nullopt;
}

}  // namespace

Result<Port> Port::open(const std::filesystem::path& path, int baud) {
  if (!speed_of(baud)) {
    return Error{fmt::format("{} baud is no usual speed", baud), path.string(), "give 115200, or what the chip uses"};
  }
  Port out(path, baud);
  MOTE_TRY(out.connect());
  return out;
}

Port::Port(Port&& other) noexcept
    : path_(std::move(other.path_)),
      baud_(other.baud_),
      file_(std::exchange(other.file_, -1)),
      is_device_(other.is_device_),
      returns_(other.returns_) {}

Port::~Port() { disconnect(); }

void Port::disconnect() {
  if (file_ >= 0) ::close(file_);
  file_ = -1;
}

Status Port::connect() {
  file_ = ::open(path_.c_str(), O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  struct stat info{};
  if (file_ < 0 || fstat(file_, &info) != 0) {
    const std::string why = std::strerror(errno);
    disconnect();
    return Error{fmt::format("cannot be opened: {}", why), path_.string(),
                 "check that the board is connected, and that you may read the port (group dialout)"};
  }
  if (S_ISDIR(info.st_mode)) {
    disconnect();
    return Error{"is a folder", path_.string(), "give a serial port or a file"};
  }
  is_device_ = !S_ISREG(info.st_mode);
  termios settings{};
  if (tcgetattr(file_, &settings) != 0) return {};  // a pipe or file
  cfmakeraw(&settings);
  settings.c_cflag |= CLOCAL | CREAD;
  const speed_t speed = speed_of(baud_).value_or(B115200);
  cfsetispeed(&settings, speed);
  cfsetospeed(&settings, speed);
  if (tcsetattr(file_, TCSANOW, &settings) != 0) {
    const std::string why = std::strerror(errno);
    disconnect();
    return Error{fmt::format("takes no speed of {} baud: {}", baud_, why), path_.string(), ""};
  }
  return {};
}

Port::State Port::read(std::string& to, std::chrono::milliseconds wait) {
  if (file_ < 0) {
    if (!connect().ok()) {
      std::this_thread::sleep_for(wait);
      return State::gone;
    }
    ++returns_;
  }
  pollfd poll{file_, POLLIN, 0};
  if (is_device_ && ::poll(&poll, 1, static_cast<int>(wait.count())) == 0) return State::open;
  std::array<char, 4096> bytes{};
  const ssize_t n = ::read(file_, bytes.data(), bytes.size());
  if (n > 0) {
    to.append(bytes.data(), static_cast<std::size_t>(n));
    return State::open;
  }
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return State::open;
  if (n == 0 && !is_device_) return State::ended;
  disconnect();  // hung up
  return State::gone;
}

}  // namespace mote
