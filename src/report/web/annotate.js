'use strict';
// The annotators' page: whose work it is, which unit is shown, what is written of it, and answers.
// What is seen of it is in annotate_view.js, keys and buttons are in annotate_keys.js.

const task = globalThis.annotationTask;
const units = task?.units ?? [];
const isServed = task?.served === true;
const patience = 1;       // seconds that the server has to say what it makes of an answer
let crowd = null;         // one unit alone
let annotator = '';
let store, outbox, grid, loupe, concept;
let at = -1;              // the unit that is shown
let isLeaving = false;    // an answer is on its way, nothing can be changed
const drafts = new Map();   // DraftHistory by unit, of those shown in this session
const refused = new Set();  // units whose answers the server refused after they were left
const watch = new Stopwatch();
const check = new NegativeCheck();
const server = new Server();
// What the server said last: who has done what, and how long a unit is an annotator's.
const shared = {answered: new Set(), done: 0, total: units.length, lease: 60, isKnown: true};

async function start() {
  putTexts();
  if (task?.format !== 1 || units.length === 0) return stop(say('noTask'));
  crowd = crowdRequest(new URL(location.href), units.length);
  if (crowd?.error) return stop(crowd.error);
  prepareDialogs();
  preparePage();
  if (isServed) {
    outbox = new Outbox(server, hear);
    outbox.send();
    renew();
  }
  await begin(crowd?.annotator || memory.read(annotatorKey) || await askName(''));
}

function stop(text) {
  find('broken').textContent = text;
}

/// Takes up the work of an annotator where it was left.
async function begin(name) {
  annotator = name;
  if (!crowd) memory.write(annotatorKey, name);
  store = new Store(task.task, name);
  shared.answered = new Set();
  drafts.clear();
  refused.clear();
  at = -1;
  find('work').hidden = false;
  const before = units[store.at] ? store.at : null;
  if (crowd) {
    show(crowd.unit);
  } else if (before !== null && (!isServed || store.record(before))) {
    show(before);
    if (isServed) askServer(null);
  } else {
    await goOn(before);
  }
}

async function changeName() {
  const name = await askName(annotator);
  if (name === annotator) return;
  keepDraft();
  begin(name);
}

// ---- Units ----

/// An answer that the server has something against is none.
function isAnswered(unit) {
  const record = store.record(unit);
  return (record !== null && !record.error) || shared.answered.has(unit);
}

/// The server has not seen the answer.
function isWaiting(unit) {
  const record = store.record(unit);
  return record !== null && !record.delivered && !record.error;
}

/// Indices of the units that this annotator has answered or skipped, rising.
function answeredUnits() {
  const own = store.records().filter(([, {error}]) => !error).map(([unit]) => unit);
  return [...new Set([...own, ...shared.answered])].sort((a, b) => a - b);
}

/// The next without an answer in the task's order, from the first again after the last; -1 = none.
function nextOpen(from) {
  const answered = new Set(answeredUnits());
  const order = units.map((_, i) => (from + 1 + i) % units.length);
  return order.find(unit => !answered.has(unit) && unit !== from) ?? -1;
}

/// Shows the next open unit: on a server the one that it hands out, first of all `held`.
async function goOn(held = null) {
  const next = isServed ? await askServer(held) : nextOpen(at);
  if (next >= 0 && next !== at) return show(next);
  if (at < 0) show(answeredUnits()[0] ?? 0);
  const end = isServed ? ['finished', 'noOtherHandedOut'] : ['finishedHere', 'noOther'];
  tell(say(end[isAnswered(at) ? 0 : 1]));
}

/// The unit that the server hands out, -1 = none; where it cannot be reached, or has not seen all
/// answers yet, one that has no answer here.
async function askServer(held) {
  const reply = await server.post('api/next', {annotator, unit: held});
  shared.isKnown = reply.status !== 401;
  if (reply.ok) {
    const {unit, answered, done, total, lease_seconds: lease} = reply.body;
    Object.assign(shared, {answered: new Set(answered), done, total, lease});
    drawHeader();
    drawSaved();
    if (unit === null || !isWaiting(unit)) return unit ?? -1;
  }
  drawSaved();
  return held ?? nextOpen(at);
}

/// Keeps the unit that the server has handed out.
async function renew() {
  for (;;) {
    await after(Math.max(1, shared.lease / 3));
    const isActive = at >= 0 && !document.hidden && !isAnswered(at);
    if (isActive) await server.post('api/renew', {annotator, unit: at});
  }
}

/// Goes to a neighbour: of all units, or of those that the server has handed out.
function step(by) {
  if (crowd || isLeaving) return;
  const all = isServed ? [...new Set([...answeredUnits(), at])].sort((a, b) => a - b) :
                         units.map((_, i) => i);
  const next = all[all.indexOf(at) + by];
  if (next === undefined) return tell(say(by < 0 ? 'noPrevious' : 'noNext'));
  show(next);
}

function show(unit) {
  keepDraft();
  at = unit;
  store.at = unit;
  refused.delete(unit);
  const kept = keptDraft(unit);
  if (!drafts.has(unit)) drafts.set(unit, new DraftHistory(kept.draft));
  watch.set(kept.seconds);
  grid.show(units[unit]);
  loupe.setUnit(units[unit]);
  tell('');
  draw();
  grid.focus();
  loadImages(unit);
  if (!isServed) check.prepare(units[unit], draft().crossed);
}

async function loadImages(unit) {
  drawLoading(true);
  const isThere = await loadSheet(units[unit]).then(() => true, () => false);
  if (at !== unit) return;
  drawLoading(false, isThere);
  // Most likely the next; where another is, nothing is lost.
  const next = crowd ? -1 : nextOpen(unit);
  if (next >= 0) loadSheet(units[next]).catch(() => {});
}

// ---- The draft ----

function draft() {
  return drafts.get(at).now;
}

/// What is written of a unit: as it was left, else as it was answered.
function keptDraft(unit) {
  const kept = store.draft(unit) ?? store.record(unit)?.answer ?? {};
  const {label, group, crossed, seconds} = {...emptyDraft, seconds: 0, ...kept};
  return {draft: {label, group, crossed}, seconds};
}

/// As the unit is left: how long it was looked at is known only then.
function keepDraft() {
  if (at < 0 || !store.draft(at) && isAnswered(at)) return;
  store.keepDraft(at, {...draft(), seconds: watch.seconds()});
}

function change(next, run = '') {
  if (isLeaving) return;
  drafts.get(at).change(next, run);
  noteChange();
}

function noteChange() {
  store.keepDraft(at, {...draft(), seconds: watch.seconds()});
  tell('');
  draw();
}

function toggle(tile) {
  change(withToggled(draft(), tile));
  if (!isServed && draft().crossed.includes(tile)) check.prepare(units[at], [tile]);
}

function choose(group) {
  if (group !== draft().group) change({...draft(), group});
}

function undo() {
  if (isLeaving) return;
  const isDone = drafts.get(at).undo();
  if (isDone) noteChange();
  speak(say(isDone ? 'undone' : 'nothingToUndo'));
}

function redo() {
  if (isLeaving) return;
  const isDone = drafts.get(at).redo();
  if (isDone) noteChange();
  speak(say(isDone ? 'redone' : 'nothingToRedo'));
}

// ---- Answers ----

async function submit() {
  if (isLeaving || crowd?.isPreview) return;
  const {label, group, crossed} = draft();
  if (!label.trim()) return complain(say('needLabel'), find('concept'));
  if (!group) return complain(say('needGroup'), groupInputs()[0]);
  if (!isServed && !check.accepts(units[at], crossed)) {
    store.countRefusal();
    return complain(say('refused'), grid.tiles[grid.place]);
  }
  await give(makeAnswer(units[at], annotator, draft(), watch.seconds()));
}

async function skip() {
  if (isLeaving || crowd?.isPreview) return;
  const reason = await askReason();
  if (reason) await give(makeAnswer(units[at], annotator, draft(), watch.seconds(), reason));
}

/// Keeps an answer, sends it where there is a server, and goes on: without the server's word where
/// that is long in coming.
async function give(answer) {
  const unit = at;
  store.keepAnswer(unit, answer);
  // Who comes back to a unit that was skipped finds what was written.
  answer.skipped ? keepDraft() : store.dropDraft(unit);
  if (isServed) {
    setLeaving(true);
    const outcome = outbox.outcome(answer.id);
    outbox.send();
    const reply = await Promise.race([outcome, after(patience)]);
    setLeaving(false);
    if (reply?.kind === 'uncrossed' || reply?.kind === 'failed') return;
    if (crowd && reply?.kind !== 'saved') return tell(say('later'));
  }
  speak(say(answer.skipped ? 'skippedNow' : 'accepted'));
  draw();
  crowd ? leave(answer) : await goOn();
}

function after(seconds) {
  return new Promise(resolve => setTimeout(resolve, 1000 * seconds));
}

/// What the server says to an answer.
function hear(answer, unit, outcome) {
  shared.isKnown = outcome.kind !== 'unknown';
  if (at < 0) return;
  if (outcome.kind === 'uncrossed' && answer.annotator === annotator) {
    if (unit === at) {
      complain(say('refused'), grid.tiles[grid.place]);
    } else {
      refused.add(unit);
    }
  }
  draw();
}

/// Hands the answer to the platform that opened the page.
function leave(answer) {
  const text = handOver(crowd, answer);
  store.settle(at, answer.id, {delivered: true});
  tell(say(text ? 'copyAnswer' : 'handedOver'));
  if (text) showToCopy(text);
}

function download() {
  if (isServed || crowd) return;
  const n = downloadAnswers(annotator);
  draw();
  speak(n > 0 ? say('downloaded', {n}) : say('nothingToDownload'));
}

/// Labels of earlier answers, most used first, then the names that the task suggests.
function suggestedNames() {
  const uses = new Map();
  for (const {answer} of allAnswers(task.task)) {
    if (answer.label) uses.set(answer.label, (uses.get(answer.label) ?? 0) + 1);
  }
  const used = [...uses].sort(([, a], [, b]) => b - a).map(([label]) => label);
  return [...used, ...task.names];
}

start();
