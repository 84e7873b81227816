#pragma once
// Training from scratch on a labelled list (Section 2): stochastic gradient descent with momentum,
//
//   v <- momentum * v + gradient + decay * w,   w <- w - rate(t) * v,
//
// on the cross-entropy of the network's class scores (decay on weights, not on biases). Any network
// whose scores come from a convolution or inner product is trained, through all kinds of layers
// that have a gradient. With batch normalisation (Ioffe and Szegedy 2015) each convolution's output
// is normalised by its own mean and variance before the rectification, and so is what a layer
// scales and shifts, which such normalisations are once they are folded; running means are folded
// into the weights that come out, so that the trained network is a plain one.
//
// A step's batch is split into shards, each computed on one thread and normalised by its own
// statistics; gradients are added up in the order of the shards. So the result is the same, bit by
// bit, whatever the number of threads, and after an interruption. Everything random is a function
// of (seed, epoch, image) or (seed, step, place in the batch).

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "netdissect/base/observer.h"
#include "netdissect/data/dataset.h"
#include "netdissect/data/loader.h"
#include "netdissect/nn/network.h"
#include "nn/safetensors.h"
#include "train/augment.h"

namespace netdissect {

enum class Schedule { kCosine, kStep };

struct EpochRecord {
  int epoch = 0;       // from 1
  int64_t images = 0;  // trained on
  double loss = 0;     // mean over them, as they were augmented
  double train_top1 = 0;
  double top1 = 0;  // of the held-out images, fractions; NaN where there are none
  double top5 = 0;
  double rate = 0;     // at the end
  double seconds = 0;  // since the beginning of all training
};

struct TrainOptions {
  int epochs = 60;     // passes over the images
  double minutes = 0;  // where above 0, the time to train for instead

  int batch = 64;  // images a step
  int shard = 16;  // images that share a thread and the statistics of batch normalisation
  double rate = 0.02;
  double momentum = 0.9;
  double decay = 5e-4;                    // L2; Krizhevsky et al. 2012
  Schedule schedule = Schedule::kCosine;  // kStep: a tenth after each third, as the original does
  double warmup = 1;                      // epochs in which the rate rises from 0
  std::optional<double> dropout;  // of all dropout layers, in [0, 1); none: each layer's own rate
  double label_smoothing = 0;     // share of every target spread over all classes, in [0, 1)
  bool batch_norm = true;
  bool half = false;  // the weights that come out, and are validated at the end, are float16
  AugmentOptions augment;
  uint64_t seed = 0;

  int threads = 2;
  int64_t cache = int64_t{2} << 30;  // bytes of decoded images that are kept
  bool strict = false;               // an unreadable image is an Error instead of being left out

  Path checkpoint;                // file that training can go on from; none where empty
  double checkpoint_minutes = 5;  // between two checkpoints
  bool resume = false;            // go on from `checkpoint` where it exists, from the one before it
                                  // where it is damaged; where both are, start again
  std::function<void(const EpochRecord&)> on_epoch;  // told of every epoch that ends

  void Validate() const;
};

struct TrainResult {
  bool finished = false;             // false: stopped, and there is a checkpoint to go on from
  Json graph;                        // of the trained network, as nn/graph_file.h has it
  SafeTensors weights;               // that belong to it
  std::vector<std::string> classes;  // names; may be empty
  int64_t parameters = 0;            // numbers in the weights
  std::vector<EpochRecord> epochs;
  int64_t steps = 0;
  int64_t images = 0;       // trained on, over all epochs
  double seconds = 0;       // all training, over all runs
  double step_seconds = 0;  // of it in steps: without validation and checkpoints
  double top1 = 0;          // of the held-out images, by `weights`; NaN where there are none
  double top5 = 0;
  int64_t counted = 0;                // held-out images that have a class
  int64_t left_out = 0;               // training images without label
  std::vector<SkippedImage> skipped;  // training images that cannot be read
};

/// Trains the graph of `network` from random weights of the seed: neither its weights nor the
/// number of its classes count, which is taken from the labels of `train`. Layers that the class
/// scores do not need are left out. `held_out` may have no images. Errors: a layer that cannot be
/// trained, an input that the format does not fit, a class without images, a label out of range, a
/// checkpoint of another training (naming what differs), a loss that is no number or stays far
/// above that of guessing. Where the observer asks for an end, after a step, a checkpoint is
/// written and what has been done until then comes back.
TrainResult Train(const Network& network, const InputFormat& format, const Dataset& train,
                  const Dataset& held_out, const TrainOptions& options = {},
                  Observer& observer = Silent());

/// The learning rate after `epoch` epochs, a real number, at `progress` in [0, 1] of the training.
double RateAt(const TrainOptions& options, double epoch, double progress);

}  // namespace netdissect
