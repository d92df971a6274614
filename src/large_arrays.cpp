// Large arrays on huge pages: a solve touches every cell's memory once a pass, and what the first touch of a page costs
// (10 microseconds on virtual machines) and what looking it up costs is paid per 2 MiB instead of per 4 KiB.
#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__)

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <new>

namespace {

constexpr std::size_t large = std::size_t{4} << 20;

}  // namespace

/// As the standard's, whose operator delete it goes with: memory that std::free takes.
void* operator new(std::size_t size) {
  void* memory = nullptr;
  while ((memory = std::malloc(size > 0 ? size : 1)) == nullptr) {
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc();
    handler();
  }
  if (size < large) return memory;
  constexpr std::uintptr_t page = 4096;
  const auto start = reinterpret_cast<std::uintptr_t>(memory);
  const std::uintptr_t first = (start + page - 1) / page * page;
  const std::uintptr_t last = (start + size) / page * page;
  ::madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE);  // a wish: all works without it
  return memory;
}

void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t /*size*/) noexcept {
  std::free(memory);
}

#endif
