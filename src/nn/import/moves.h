#pragma once
// What moves numbers and computes none: other axes, parts of tensors, several as one.

#include <string>
#include <vector>

#include "nn/import/graph_builder.h"

namespace netdissect {

/// An axis counted from the end where it is negative; Error where there is none of that number.
size_t AxisAt(int64_t axis, size_t rank);
std::vector<size_t> AxesAt(const std::vector<int64_t>& axes, size_t rank);

View Reshape(GraphBuilder& graph, const std::string& name, const View& x,
             const std::vector<int64_t>& sizes);
View Permute(GraphBuilder& graph, const std::string& name, const View& x,
             const std::vector<int64_t>& order);
/// Axes of size 1 taken out; all of them where none is given.
View Squeeze(GraphBuilder& graph, const std::string& name, const View& x,
             const std::vector<int64_t>& axes);
View Unsqueeze(GraphBuilder& graph, const std::string& name, const View& x,
               const std::vector<int64_t>& axes);
/// (axes before `axis`, axes from it on) as two axes.
View FlattenFrom(GraphBuilder& graph, const std::string& name, const View& x, int64_t axis);
/// The axes first ... last as one.
View FlattenBetween(GraphBuilder& graph, const std::string& name, const View& x, int64_t first,
                    int64_t last);

/// The places `indices` along an axis, in this order.
View Select(GraphBuilder& graph, const std::string& name, const View& x, size_t axis,
            const std::vector<int64_t>& indices);
/// The places begin, begin + step, ... before `end`, as Python counts them; step is positive.
View Slice(GraphBuilder& graph, const std::string& name, const View& x, size_t axis, int64_t begin,
           int64_t end, int64_t step);

View Concatenate(GraphBuilder& graph, const std::string& name, const std::vector<View>& views,
                 int64_t axis);

/// As many copies along axes of size 1 as `sizes` say: nothing but the same sizes is supported.
View Expand(GraphBuilder& graph, const std::string& name, const View& x,
            const std::vector<int64_t>& sizes);

}  // namespace netdissect
