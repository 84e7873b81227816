#pragma once
// Rows of a layer that sums up what the taps of a window give, where few of its inputs have
// changed: an output is what it was for the unchanged image, and what the changes add. Of a window
// of w x w changed positions under k x k taps, w^2 k^2 products of channels are taken rather than
// (w + k - 1)^2 k^2.

#include "nn/kinds/window.h"
#include "nn/rows/row_task.h"

namespace netdissect {

/// The task's rows, from `task.unchanged` and the changes of its first source's windows. Outputs
/// add up tap by tap, in one order: they do not depend on what is computed beside them, and where
/// nothing that they see has changed they are the unchanged ones to the bit.
void AddChanges(const RowTask& task, const Window& window, int groups);

/// How many taps of outputs `outputs` fall on the input positions `changed`, along one axis.
int64_t CountTaps(const AxisWindow& window, const Range& outputs, const Range& changed);

}  // namespace netdissect
