#pragma once
// Minimal images as JSON, and the tables of Section 3.1.

#include "base/json.h"
#include "netdissect/study/simplify.h"
#include "report/table.h"
#include "study/kept_objects.h"

namespace netdissect {

/// The name of the category an image counts for: its label's in the set, else the class's.
std::string CategoryOf(const SimplifiedImage& image, const Model& model, const Dataset& set);

/// An entry of "images": image, label, class, probability, segments[], steps[], kept[],
/// kept_fraction, refused, seconds; segments by name.
Json ToJson(const SimplifiedImage& image, const Model& model, const Dataset& set);

/// What ToJson wrote of image `index`; throws Json's exceptions where it is something else.
SimplifiedImage SimplifiedImageFrom(const Json& json, int64_t index);

/// Keys of simplify.json but images and categories: target, segments, not_correct, skipped, ...
Json ToJson(const SimplifySummary& summary, const SimplifyOptions& options);

/// "categories" of simplify.json.
Json ToJson(const std::vector<KeptCategory>& categories);

/// Section 3.1: an object a row, for each category those that at least `present` images show, at
/// most `rows` of them (0 = all).
Table KeptObjectTable(const std::vector<KeptCategory>& categories, int64_t present, size_t rows);

/// How little is kept: a category a row, and all images, which are one category of `all`.
Table KeptFractionTable(const std::vector<KeptCategory>& categories,
                        const std::vector<KeptCategory>& all);

}  // namespace netdissect
