#pragma once
// Cairo's objects, freed when they go out of scope.

#include <cairo.h>

#include <memory>

#include "netdissect/base/error.h"

namespace netdissect {

struct CairoFree {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
  void operator()(cairo_t* context) const { cairo_destroy(context); }
};
using CairoSurface = std::unique_ptr<cairo_surface_t, CairoFree>;
using CairoContext = std::unique_ptr<cairo_t, CairoFree>;

/// An error where cairo could not draw what it was asked to.
inline void CheckCairo(cairo_status_t status) {
  if (status != CAIRO_STATUS_SUCCESS) {
    Fail("a drawing cannot be made: {}", cairo_status_to_string(status));
  }
}

}  // namespace netdissect
