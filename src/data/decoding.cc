#include "data/decoding.h"

namespace netdissect {
namespace {

thread_local const Path* decoded_now = nullptr;

}  // namespace

Decoding::Decoding(const Path& file) : before_(decoded_now) { decoded_now = &file; }

Decoding::~Decoding() { decoded_now = before_; }

const Path* Decoding::Now() { return decoded_now; }

}  // namespace netdissect
