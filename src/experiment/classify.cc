#include "experiment/classify.h"

#include "report/classify_report.h"
#include "report/unfinished.h"

namespace netdissect {

ImageSets FilesAndSets(const ExperimentOptions& options, const std::vector<std::string>& files) {
  if (files.empty()) return LoadImageSets(options);
  std::vector<Dataset> sets = {SetOfFiles(files)};
  const ImageSets named = LoadImageSets(options);
  sets.insert(sets.end(), named.sets().begin(), named.sets().end());
  return sets;
}

std::vector<ClassifyRun> RunClassify(const ClassifyExperiment& options, Observer& observer) {
  const ImageSets images = FilesAndSets(options, options.files);
  std::vector<ClassifyRun> runs;
  ForEachNetwork(options, "classify", observer, [&](const NetworkRun& run) {
    const std::vector<Path> folders = SetFolders(run.folder.path(), images.sets());
    for (size_t s = 0; s < folders.size(); ++s) {
      const Dataset& set = images.sets()[s];
      const bool given = s == 0 && !options.files.empty();
      const RunFiles files(folders[s]);
      RequireWritableFolder(files.folder());
      ClassifyOptions classify;
      classify.top = options.top;
      classify.pass = options.pass;
      if (given) classify.pass.strict = true;
      ClassifyRun done{run.model.name,
                       set.name,
                       files.Result(ResultKind::kClassify),
                       {},
                       {},
                       {},
                       ScoresAreProbabilities(run.model.network)};
      done.classified = Classify(run.model, set, classify, observer);
      ReportSkipped(observer, done.classified.skipped);
      UnfinishedResult unfinished(files, ResultKind::kClassify,
                                  ProvenanceOf(options, "classify", run.model, {set}, observer));
      unfinished.Begin();
      WriteFile(files.Predictions(), PredictionTable(done.classified, run.model, set).Csv());
      AtomicFile file(unfinished.file());
      WriteClassified(file.stream(), unfinished.provenance(), done.classified, run.model, set);
      unfinished.Finish(file);
      SaveOptions(options, files);
      if (given) {
        done.images = options.files;
        for (const Prediction& prediction : done.classified.predictions) {
          for (const RankedClass& c : prediction.ranked) {
            done.classes.push_back(ClassName(run.model, c.index));
          }
        }
      }
      runs.push_back(std::move(done));
    }
  });
  return runs;
}

}  // namespace netdissect
