// The same work for many items on all cores, with results in order.
#pragma once

#include <sys/resource.h>

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "host/base/process.h"
#include "host/base/result.h"

namespace mote {

// Called now and then with how much of the work is done.
using Progress = std::function<void(std::size_t done, std::size_t total)>;

[[nodiscard]] inline std::size_t worker_count() {
  return std::max<std::size_t>(1, std::thread::hardware_concurrency());
}

// work(i) runs for i = 0 .. count - 1 on all cores, below the priority of other programs; take(i, result) runs in that
// order on the calling thread. The first error of take() ends it, and so does Ctrl-C.
// Errors: those of take(); "interrupted".
template <class T>
Status parallel_ordered(std::size_t count, const std::function<T(std::size_t)>& work,
                        const std::function<Status(std::size_t, T)>& take) {
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::size_t, T> ready;
  std::size_t next = 0;
  std::size_t taken = 0;
  bool stopped = false;
  const std::size_t ahead = 16 * worker_count();  // results that may wait, so that memory stays bounded
  const auto loop = [&] {
    setpriority(PRIO_PROCESS, 0, 5);  // of this thread alone, on Linux
    std::unique_lock lock(mutex);
    while (true) {
      changed.wait(lock, [&] { return stopped || next >= count || next < taken + ahead; });
      if (stopped || next >= count) return;
      const std::size_t mine = next++;
      lock.unlock();
      T result = work(mine);
      lock.lock();
      ready.emplace(mine, std::move(result));
      changed.notify_all();
    }
  };
  Status status;
  {
    std::vector<std::jthread> workers;
    for (std::size_t i = 0; i < std::min(worker_count(), count); ++i) workers.emplace_back(loop);
    std::unique_lock lock(mutex);
    while (taken < count && status.ok()) {
      changed.wait_for(lock, std::chrono::milliseconds(100), [&] { return ready.contains(taken); });
      if (interrupted()) {
        status = Error{"interrupted", "", ""};
      } else if (const auto found = ready.find(taken); found != ready.end()) {
        T result = std::move(found->second);
        ready.erase(found);
        const std::size_t mine = taken++;
        lock.unlock();
        status = take(mine, std::move(result));
        lock.lock();
        changed.notify_all();
      }
    }
    stopped = true;
    changed.notify_all();
  }
  return status;
}

}  // namespace mote
