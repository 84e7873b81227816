#include "nn/rows/row_task.h"

namespace netdissect {

int64_t CountRows(const std::vector<Span>& spans) {
  int64_t rows = 0;
  for (const Span& span : spans) rows += span.rect.area();
  return rows;
}

}  // namespace netdissect
