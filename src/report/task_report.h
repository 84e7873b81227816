#pragma once
// The files of an annotation by people. export.json, to be kept from annotators: what stands at
// each place of the page and which are the negatives. Answers, a line of JSON each. task.js, which
// gives the page what it may know.

#include <string>
#include <vector>

#include "base/json.h"
#include "report/provenance.h"
#include "study/annotation_task.h"

namespace netdissect {

/// export.json without its header.
Json ToJson(const AnnotationTask& task);

/// Error where the file is missing, malformed, or was changed: its id is a digest of what it says.
AnnotationTask ReadTask(const Path& file);

/// The digest that `id` has to be.
std::string IdOf(const AnnotationTask& task);

/// One line: {"id", "task", "layer", "unit", "annotator", "label", "group", "crossed", "skipped"
/// (null, or why), "seconds", "time"}.
Json ToJson(const Answer& answer);

/// Error, beginning with `where`, where it is no answer; unknown keys are left out.
Answer AnswerFrom(const Json& json, const std::string& where);

/// How the digests of negatives on a page without a server are made, from the unit's salt and a
/// tile's place: SHA-256 of "SALT:TILE", then of the 32 bytes before, `kTileRounds` digests in all;
/// 64 hexadecimal digits. Many rounds: whoever looks into the page's source shall not read them.
constexpr int kTileRounds = 4000;
std::string TileDigest(const std::string& salt, int tile);

/// The script that sets `globalThis.annotationTask`: {"format", "task", "network", "served",
/// "taxonomy": {"name", "groups": [{"name", "level", "examples"}]}, "names", "columns", "tile",
/// "rounds", "units": [{"layer", "unit", "sheet", "tiles" (their number), "salt", "negatives":
/// [digest, ...] by digest}]}. A page from a server, which checks the answers, gets no rounds,
/// salts and digests.
std::string TaskScript(const AnnotationTask& task, bool served);

}  // namespace netdissect
