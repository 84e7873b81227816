#include "train/image_cache.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <opencv2/imgproc.hpp>
#include <system_error>
#include <thread>

#include "netdissect/base/error.h"

namespace netdissect {

void CacheOptions::Validate() const {
  if (bytes < 0) Fail("cache: expected bytes from 0, found {}", bytes);
  if (threads < 1 || threads > 1024) {
    Fail("threads: expected 1 to 1024, found {}", threads);
  }
  if (ahead < 1) Fail("ahead: expected at least 1 image, found {}", ahead);
  if (largest < 0) Fail("largest: expected pixels from 0, found {}", largest);
  decode.Validate();
}

namespace {

cv::Mat Limited(const cv::Mat& image, int largest) {
  if (largest == 0 || (image.cols <= largest && image.rows <= largest)) return image;
  cv::Mat limited;
  cv::resize(image, limited, {std::min(image.cols, largest), std::min(image.rows, largest)}, 0, 0,
             cv::INTER_LINEAR);
  return limited;
}

int64_t BytesOf(const cv::Mat& image) {
  return static_cast<int64_t>(image.total() * image.elemSize());
}

}  // namespace

struct ImageCache::State {
  State(const std::vector<ImageEntry>& image_list, const CacheOptions& cache_options)
      : images(image_list), options(cache_options) {
    options.Validate();
    kept.resize(images.size());
    workers.reserve(static_cast<size_t>(options.threads));
    try {
      for (int i = 0; i < options.threads; ++i) workers.emplace_back([this] { Work(); });
    } catch (const std::system_error& error) {
      Stop();
      Fail("threads: {} could not be started: {}", options.threads, error.what());
    }
  }

  ~State() { Stop(); }

  void Stop() {
    {
      const std::lock_guard<std::mutex> lock(mutex);
      stopping = true;
    }
    wanted.notify_all();
    for (std::thread& worker : workers) worker.join();
    workers.clear();
  }

  int64_t end() const { return first + static_cast<int64_t>(order.size()); }
  size_t ImageAt(int64_t position) const {
    return static_cast<size_t>(order[static_cast<size_t>(position - first)]);
  }
  bool Known(size_t image) const { return !kept[image].empty() || unreadable.count(image) != 0; }

  void Work() {
    std::unique_lock<std::mutex> lock(mutex);
    for (;;) {
      wanted.wait(lock, [&] {
        return stopping || (next < end() && next < taken + options.ahead && !failure);
      });
      if (stopping) return;
      const int64_t position = next++;
      const size_t image = ImageAt(position);
      if (Known(image)) continue;
      lock.unlock();
      cv::Mat decoded;
      std::string reason;
      std::exception_ptr accident;
      try {
        decoded = Limited(DecodeImage(images[image].path, options.decode), options.largest);
      } catch (const Error& error) {
        reason = error.what();
        if (options.strict) accident = std::current_exception();
      } catch (...) {
        accident = std::current_exception();
      }
      lock.lock();
      Store(position, image, decoded, reason, accident);
      ready.notify_all();
    }
  }

  void Store(int64_t position, size_t image, const cv::Mat& decoded, const std::string& reason,
             const std::exception_ptr& accident) {
    if (accident) {
      if (!failure) failure = accident;
    } else if (decoded.empty()) {
      if (unreadable.emplace(image, reason).second) unreported.push_back(image);
    } else if (!kept[image].empty()) {
      // Meanwhile another position of the same image has been decoded.
    } else if (kept_bytes + BytesOf(decoded) <= options.bytes) {
      kept[image] = decoded;
      kept_bytes += BytesOf(decoded);
    } else {
      waiting[position] = decoded;
    }
  }

  cv::Mat Take(int64_t position) {
    std::unique_lock<std::mutex> lock(mutex);
    if (position < first || position >= end()) {
      Fail("expected a position of {} to {}, found {}", first, end() - 1, position);
    }
    const size_t image = ImageAt(position);
    ready.wait(lock, [&] { return failure || Known(image) || waiting.count(position) != 0; });
    if (failure) std::rethrow_exception(failure);
    cv::Mat result = kept[image];
    if (const auto found = waiting.find(position); found != waiting.end()) {
      result = found->second;
      waiting.erase(found);
    }
    ++taken;
    wanted.notify_one();
    return result;
  }

  void Expect(const std::vector<int64_t>& more) {
    const std::lock_guard<std::mutex> lock(mutex);
    // The order of what is done with is forgotten.
    const int64_t done = std::min(taken, next);
    order.erase(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(done - first));
    first = done;
    for (const int64_t image : more) {
      if (image < 0 || image >= static_cast<int64_t>(images.size())) {
        Fail("expected an image of 0 to {}, found {}", images.size() - 1, image);
      }
      order.push_back(image);
    }
    wanted.notify_all();
  }

  const std::vector<ImageEntry>& images;
  const CacheOptions options;

  mutable std::mutex mutex;        // guards what follows up to `stopping`
  std::condition_variable wanted;  // for workers
  std::condition_variable ready;   // for Take
  std::deque<int64_t> order;       // images of the positions from `first`
  int64_t first = 0;
  int64_t next = 0;           // position that a worker looks at next
  int64_t taken = 0;          // positions taken
  std::vector<cv::Mat> kept;  // by image
  int64_t kept_bytes = 0;
  std::map<int64_t, cv::Mat> waiting;        // by position
  std::map<size_t, std::string> unreadable;  // by image: why
  std::vector<size_t> unreported;            // of them
  std::exception_ptr failure;
  bool stopping = false;
  std::vector<std::thread> workers;
};

ImageCache::ImageCache(const std::vector<ImageEntry>& images, const CacheOptions& options)
    : state_(std::make_unique<State>(images, options)) {}

ImageCache::~ImageCache() = default;

void ImageCache::Expect(const std::vector<int64_t>& order) { state_->Expect(order); }

cv::Mat ImageCache::Take(int64_t position) { return state_->Take(position); }

std::vector<SkippedImage> ImageCache::NewlySkipped() {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  std::sort(state_->unreported.begin(), state_->unreported.end());
  std::vector<SkippedImage> skipped;
  for (const size_t image : state_->unreported) {
    skipped.push_back({state_->images[image].name, state_->unreadable.at(image)});
  }
  state_->unreported.clear();
  return skipped;
}

}  // namespace netdissect
