'use strict';
// Answers: what is needed of one, how it is written, and the file that they are downloaded as.

/// Time that a unit was looked at, in seconds: a page that nobody sees does not count.
class Stopwatch {
  constructor() {
    this.before = 0;
    this.since = 0;
    this.isOn = false;
    document.addEventListener('visibilitychange', () => this.set(this.seconds()));
  }

  /// Goes on from here.
  set(seconds) {
    this.before = seconds;
    this.since = performance.now();
    this.isOn = !document.hidden;
  }

  seconds() {
    const now = this.isOn ? (performance.now() - this.since) / 1000 : 0;
    return Math.round(10 * (this.before + now)) / 10;
  }
}

/// Tells whether all images that do not belong are crossed out, on a page without a server: their
/// places are known as digests alone. A digest takes long, so that nobody tries them all by the
/// way; those of crossed tiles are made as they are crossed.
class NegativeCheck {
  constructor() {
    this.digests = new Map();
  }

  prepare(unit, crossed) {
    for (const tile of crossed) setTimeout(() => this.digest(unit, tile));
  }

  accepts(unit, crossed) {
    const found = new Set(crossed.map(tile => this.digest(unit, tile)));
    return unit.negatives.filter(digest => !found.has(digest)).length === 0;
  }

  digest(unit, tile) {
    const text = `${unit.salt}:${tile}`;
    if (!this.digests.has(text)) this.digests.set(text, sha256Hex(text, annotationTask.rounds));
    return this.digests.get(text);
  }
}

/// A random UUID. Browsers make them for pages from secure addresses alone.
function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = bytes[6] & 0x0f | 0x40;
  bytes[8] = bytes[8] & 0x3f | 0x80;
  const hex = Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/// A line of answers.jsonl. With a reason it says that there is no answer.
function makeAnswer(unit, annotator, draft, seconds, skipped = null) {
  return {
    id: newId(),
    task: annotationTask.task,
    layer: unit.layer,
    unit: unit.unit,
    annotator,
    label: skipped ? '' : draft.label.trim(),
    group: skipped ? '' : draft.group,
    crossed: skipped ? [] : draft.crossed,
    skipped,
    seconds,
    time: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
  };
}

/// Saves all answers of this browser as a file of JSON lines; returns their number.
function downloadAnswers(annotator) {
  const all = allAnswers(annotationTask.task);
  if (all.length === 0) return 0;
  const lines = all.map(({answer}) => `${JSON.stringify(answer)}\n`);
  const link = make('a');
  link.href = URL.createObjectURL(new Blob(lines, {type: 'application/jsonl'}));
  const name = annotator.replace(/[^\p{L}\p{N}]+/gu, '-');
  link.download = `answers-${annotationTask.task.slice(0, 12)}-${name}.jsonl`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  markDownloaded(all);
  return all.length;
}
