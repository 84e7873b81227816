#include "report/published_labels.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include "base/csv.h"
#include "base/text.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

enum PublishedColumn {
  kNetwork,
  kLayer,
  kUnit,
  kAnnotator,
  kLabel,
  kCategory,
  kPrecision,
  kColumns
};
constexpr std::array<const char*, kColumns> kColumnNames = {
    "network", "layer", "unit", "annotator", "label", "category", "precision"};

std::array<size_t, kColumns> PlacesOf(const std::vector<std::string>& header,
                                      const std::string& where) {
  std::array<size_t, kColumns> places{};
  for (size_t column = 0; column < kColumns; ++column) {
    const auto found = std::find_if(header.begin(), header.end(), [&](const std::string& name) {
      return Trim(name) == kColumnNames[column];
    });
    if (found == header.end()) {
      Fail("{}: expected a column \"{}\", found {}", where, kColumnNames[column],
           Excerpt(Join(header)));
    }
    places[column] = static_cast<size_t>(found - header.begin());
  }
  return places;
}

template <typename Number>
std::optional<Number> NumberFrom(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

struct PublishedRow {
  std::string network, layer;
  int unit = 0;
  UnitAnswer answer;
};

class PublishedReader {
 public:
  PublishedReader(const Taxonomy& taxonomy, int shown) : taxonomy_(taxonomy), shown_(shown) {}

  // The file's first row says where its columns are.
  void ReadHeader(const std::vector<std::string>& header, const std::string& where) {
    places_ = PlacesOf(header, where);
    width_ = header.size();
  }

  PublishedRow Read(const std::vector<std::string>& fields, const std::string& where) const {
    if (fields.size() != width_) {
      Fail("{}: expected {} fields, found {}", where, width_, fields.size());
    }
    const auto text = [&](PublishedColumn column) {
      const std::string_view found = Trim(fields[places_[column]]);
      if (found.empty()) Fail("{}: {}: expected some, found none", where, kColumnNames[column]);
      return std::string(found);
    };
    PublishedRow row;
    row.network = text(kNetwork);
    row.layer = text(kLayer);
    row.unit = UnitOf(text(kUnit), where);
    row.answer.annotator = text(kAnnotator);
    row.answer.label = text(kLabel);
    row.answer.group = GroupOfCategory(text(kCategory), where);
    row.answer.precision = PrecisionFrom(text(kPrecision), where);
    row.answer.shown = IsShare(row.answer.precision) ? shown_ : 0;
    return row;
  }

 private:
  static int UnitOf(const std::string& text, const std::string& where) {
    const std::optional<int> number = NumberFrom<int>(text);
    if (!number || *number < 1) {
      Fail("{}: unit: expected a number of at least 1, found {}", where, Excerpt(text));
    }
    return *number - 1;
  }

  std::string GroupOfCategory(const std::string& text, const std::string& where) const {
    const std::optional<int> code = NumberFrom<int>(text);
    const SemanticGroup* group = code ? taxonomy_.FindCode(*code) : taxonomy_.Find(text);
    if (group != nullptr) return group->name;
    std::vector<std::string> known;
    for (const SemanticGroup& each : taxonomy_.groups) {
      known.push_back(each.code < 0 ? each.name : fmt::format("{} = {}", each.code, each.name));
    }
    Fail("{}: category: expected one of taxonomy {} ({}), found {}", where, taxonomy_.name,
         Join(known), Excerpt(text));
  }

  static double PrecisionFrom(const std::string& text, const std::string& where) {
    const std::optional<double> precision = NumberFrom<double>(text);
    if (!precision || !(*precision >= 0 && *precision <= 1)) {
      Fail("{}: precision: expected a number of 0 to 1, found {}", where, Excerpt(text));
    }
    return *precision;
  }

  // As far as a table's digits tell.
  bool IsShare(double precision) const {
    constexpr double kDigits = 0.0051;
    const double kept = precision * shown_;
    return std::abs(kept - std::round(kept)) <= kDigits * shown_ && shown_ > 0;
  }

  const Taxonomy& taxonomy_;
  const int shown_;
  std::array<size_t, kColumns> places_{};
  size_t width_ = 0;
};

AnswerBook& BookOf(const std::string& network, std::vector<PublishedNetwork>& networks) {
  for (PublishedNetwork& each : networks) {
    if (each.name == network) return each.answers;
  }
  return networks.emplace_back(PublishedNetwork{network, {}}).answers;
}

}  // namespace

PublishedLabels ReadPublished(const std::vector<std::string>& files, const Taxonomy& taxonomy,
                              int shown, const std::function<void(const std::string&)>& bad) {
  PublishedLabels labels;
  PublishedReader reader(taxonomy, shown);
  for (const std::string& file : files) {
    bool has_header = false;
    ForEachCsvRow(file, [&](const std::vector<std::string>& fields, int line) {
      const std::string where = fmt::format("{}:{}", file, line);
      if (!std::exchange(has_header, true)) {
        reader.ReadHeader(fields, where);
        return;
      }
      ++labels.rows;
      try {
        PublishedRow row = reader.Read(fields, where);
        labels.uncounted += row.answer.shown == 0 ? 1 : 0;
        const std::string annotator = row.answer.annotator;
        BookOf(row.network, labels.networks)
            .Add(row.layer, row.unit, annotator, std::move(row.answer));
      } catch (const Error& error) {
        ++labels.bad;
        bad(error.what());
      }
    });
    if (!has_header) Fail("{}: expected a table with a header, found an empty file", file);
  }
  return labels;
}

}  // namespace netdissect
