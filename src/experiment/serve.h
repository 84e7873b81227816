#pragma once
// An annotation by people who work at the same time, each in a browser: the page of a task, served
// from the machine that has it.

#include <functional>
#include <string>

#include "experiment/answer_desk.h"

namespace netdissect {

struct ServeExperiment {
  std::string task;                // run folder of `annotate export`, or its export.json
  std::string host = "127.0.0.1";  // another address than this machine's own needs a token
  int port = 8017;                 // 0: one that is free
  AssignmentOptions assignment;
  std::string token;  // "": one is made where it is needed

  std::function<void(const std::string& link)> ready;  // to open, once it can be
  AnswerDesk::Told told;                               // of each answer
};

/// Serves until the observer asks for an end, which is the only good one: Stopped, saying how far
/// the annotation is. The folder is locked meanwhile. With 1024 connections it needs a limit of
/// open files above that (RLIMIT_NOFILE).
[[noreturn]] void RunServe(const ServeExperiment& experiment, Observer& observer);

}  // namespace netdissect
