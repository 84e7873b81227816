'use strict';
// What the browser keeps: the annotator's name, and of each task the drafts and answers of each
// annotator. Each unit has entries of its own, so that two windows do not overwrite each other's.
//
//   netdissect/annotator                     name
//   netdissect/TASK/ANNOTATOR/at             the unit that was shown last
//   netdissect/TASK/ANNOTATOR/draft/UNIT     {label, group, crossed, seconds}
//   netdissect/TASK/ANNOTATOR/answer/UNIT    {answer, delivered, error}: downloaded or acknowledged
//                                            by the server, or what the server has against it
//   netdissect/TASK/ANNOTATOR/refused        how many answers left an image that does not belong

/// The browser's storage, or memory alone where it keeps nothing, which `lasts` tells.
const memory = {
  lasts: true,
  entries: new Map(),

  read(key) {
    const text = this.entries.get(key) ?? this.tried(() => localStorage.getItem(key));
    try {
      return text === undefined || text === null ? null : JSON.parse(text);
    } catch {
      return null;  // another program's
    }
  },

  write(key, value) {
    const text = JSON.stringify(value);
    const kept = this.tried(() => {
      localStorage.setItem(key, text);
      return true;
    });
    if (kept) {
      this.entries.delete(key);
    } else {
      this.entries.set(key, text);
    }
  },

  remove(key) {
    this.entries.delete(key);
    this.tried(() => localStorage.removeItem(key));
  },

  keys(prefix) {
    const kept = this.tried(() => Object.keys(localStorage)) ?? [];
    const all = new Set([...kept, ...this.entries.keys()]);
    return [...all].filter(key => key.startsWith(prefix));
  },

  // A browser may refuse its storage at any time: it is switched off, or full.
  tried(work) {
    try {
      return work();
    } catch {
      this.lasts = false;
      return undefined;
    }
  },
};

const annotatorKey = 'netdissect/annotator';

class Store {
  constructor(task, annotator) {
    this.own = `netdissect/${task}/${encodeURIComponent(annotator)}/`;
  }

  get at() {
    return memory.read(`${this.own}at`);
  }

  set at(unit) {
    memory.write(`${this.own}at`, unit);
  }

  draft(unit) {
    return memory.read(`${this.own}draft/${unit}`);
  }

  keepDraft(unit, draft) {
    memory.write(`${this.own}draft/${unit}`, draft);
  }

  dropDraft(unit) {
    memory.remove(`${this.own}draft/${unit}`);
  }

  record(unit) {
    return memory.read(`${this.own}answer/${unit}`);
  }

  keepAnswer(unit, answer) {
    memory.write(`${this.own}answer/${unit}`, {answer, delivered: false, error: null});
  }

  dropAnswer(unit) {
    memory.remove(`${this.own}answer/${unit}`);
  }

  /// Notes what has become of an answer, unless another has replaced it.
  settle(unit, id, {delivered = false, error = null}) {
    const record = this.record(unit);
    if (record?.answer.id !== id) return;
    memory.write(`${this.own}answer/${unit}`, {...record, delivered, error});
  }

  /// [unit, record] of each answer of the annotator, in the units' order.
  records() {
    const prefix = `${this.own}answer/`;
    return memory.keys(prefix)
        .map(key => [Number(key.slice(prefix.length)), memory.read(key)])
        .filter(([, record]) => record?.answer)
        .sort(([a], [b]) => a - b);
  }

  countRefusal() {
    const key = `${this.own}refused`;
    memory.write(key, (memory.read(key) ?? 0) + 1);
  }

  /// Makes an answer a draft again; what was changed since is what counts.
  refuse(unit, {id, label, group, crossed, seconds}) {
    this.countRefusal();
    if (!this.draft(unit)) this.keepDraft(unit, {label, group, crossed, seconds});
    if (this.record(unit)?.answer.id === id) this.dropAnswer(unit);
  }
}

/// {key, unit, answer, delivered, error} of all answers to a task in this browser, oldest first.
function allAnswers(task) {
  const isAnswer = /^netdissect\/[^/]+\/[^/]+\/answer\/(\d+)$/;
  return memory.keys(`netdissect/${task}/`)
      .filter(key => isAnswer.test(key))
      .map(key => ({key, unit: Number(isAnswer.exec(key)[1]), ...memory.read(key)}))
      .filter(({answer}) => answer)
      .sort((a, b) => a.answer.time < b.answer.time ? -1 : 1);
}

/// Notes that they are in a file.
function markDownloaded(answers) {
  for (const {key, answer, error} of answers) memory.write(key, {answer, delivered: true, error});
}
