#pragma once
// What a value of a TorchScript graph means while the graph is read.

#include <ATen/core/ivalue.h>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "nn/import/graph_builder.h"

namespace netdissect::torchscript {

/// What depends on the image. Views of one tensor have one `storage`: what changes it in place
/// changes them all.
struct Seen {
  View view;
  std::shared_ptr<char> storage;
};

/// What is not supported, or stands on it; the number of its reason.
struct Unread {
  size_t reason = 0;
};

/// A module, by its path from the root.
struct Object {
  c10::IValue object;
  std::string path;
};

struct Value;

/// Of lists, tuples and dictionaries (their values alone); lists are shared, as in Python.
using Items = std::shared_ptr<std::vector<Value>>;

/// IValue: everything that does not depend on the image.
struct Value {
  std::variant<c10::IValue, Seen, Unread, Object, Items> is;

  Value() = default;
  Value(c10::IValue value) : is(std::move(value)) {}  // each of them is a value
  Value(Seen seen) : is(std::move(seen)) {}
  Value(Unread unread) : is(unread) {}
  Value(Object object) : is(std::move(object)) {}
  Value(Items items) : is(std::move(items)) {}

  template <typename T>
  const T* As() const {
    return std::get_if<T>(&is);
  }
};

inline Seen Fresh(View view) { return {std::move(view), std::make_shared<char>()}; }

}  // namespace netdissect::torchscript
