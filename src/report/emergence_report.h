#pragma once
// Results of `emergence`: emergence.json, tables, and Figure 9.

#include "base/json.h"
#include "report/drawing.h"
#include "report/table.h"
#include "study/emergence.h"
#include "study/presence_model.h"

namespace netdissect {

/// What is the paper's: objects[] {name, frequency, images, units, informative}, correlations
/// {frequency_units, units_informative, difference, partial}, unmatched[]; and what else was asked.
Json ToJson(const EmergenceResult& result, const NetworkEmergence& network,
            const EmergenceOptions& options);
Json ToJson(const PresenceModel& model);

/// A row for each object: its three series, a column of units for each network.
Table EmergenceTable(const EmergenceResult& result);

/// A row for each network: units, those that detect no object, objects detected, the object with
/// most units, and the correlations with their intervals, below the paper's.
Table CorrelationTable(const EmergenceResult& result);

/// A row for each category: the object that tells it best and how well, and the next.
Table CategoryTable(const EmergenceResult& result);

/// How well all objects together tell the categories, and what each of the most important adds.
Table PresenceTable(const PresenceModel& model);

/// Figure 9b to 9d: frequency, units of each network, and informative categories, in one order of
/// the objects: the most frequent, at most `most`.
Drawing DrawEmergence(const EmergenceResult& result, size_t most = 40);

/// For each network units over frequency and over informative categories, and for all Zipf's plot.
Drawing DrawCorrelations(const EmergenceResult& result);

}  // namespace netdissect
