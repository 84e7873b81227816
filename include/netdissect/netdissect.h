#pragma once
// The whole library:
//
//   Model model = LoadModel("net.json");
//   const ImageSets images{LoadDataset("images.json")};
//   const RecordResult record = Record(model, images, {"pool5"});
//
// Layers, of which each includes those before it: base (errors, files, observers), data (image
// sets, annotations, pixels), nn (networks and the pass of images through them), probe (recording,
// occlusion, receptive fields, segmentation), study (labels, localisation, minimal images).
//
// Everything throws Error. Nothing prints, and nothing of the process is changed (thread counts,
// allocator, LibTorch's settings) but by base/system.h and nn/convolution_check.h, when asked.

#include "netdissect/base/error.h"
#include "netdissect/base/file.h"
#include "netdissect/base/observer.h"
#include "netdissect/base/system.h"
#include "netdissect/base/version.h"
#include "netdissect/data/annotation.h"
#include "netdissect/data/dataset.h"
#include "netdissect/data/decode.h"
#include "netdissect/data/image_sets.h"
#include "netdissect/data/input_view.h"
#include "netdissect/data/loader.h"
#include "netdissect/data/preprocess.h"
#include "netdissect/nn/convolution_check.h"
#include "netdissect/nn/geometry.h"
#include "netdissect/nn/layer.h"
#include "netdissect/nn/model.h"
#include "netdissect/nn/network.h"
#include "netdissect/nn/pass.h"
#include "netdissect/probe/gradient.h"
#include "netdissect/probe/image_sample.h"
#include "netdissect/probe/incremental.h"
#include "netdissect/probe/occlusion.h"
#include "netdissect/probe/operators.h"
#include "netdissect/probe/quantile_sketch.h"
#include "netdissect/probe/receptive_field.h"
#include "netdissect/probe/record.h"
#include "netdissect/probe/segmentation.h"
#include "netdissect/probe/top_list.h"
#include "netdissect/study/classify.h"
#include "netdissect/study/localize.h"
#include "netdissect/study/minimal_image.h"
#include "netdissect/study/poisson.h"
#include "netdissect/study/segments.h"
#include "netdissect/study/simplify.h"
#include "netdissect/study/unit_labels.h"
#include "netdissect/study/unit_quality.h"
