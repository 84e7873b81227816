'use strict';
// The annotators' page: what is shown, what is done, and the keys for it.

const task = globalThis.annotationTask;
const units = task?.units ?? [];
const isServed = task?.served === true;
const renewals = 3;      // of a unit that the server has handed out, before it hands it to others
const patience = 1;      // seconds that the server has to say what it makes of an answer
let crowd = null;        // one unit alone
let annotator = '';
let store, outbox, grid, loupe, concept;
let at = -1;             // the unit that is shown
let isLeaving = false;   // an answer is on its way, nothing can be changed
const drafts = new Map();          // DraftHistory of units shown in this session
const watch = new Stopwatch();
const check = new NegativeCheck();
const server = new Server();
const shared = {answered: new Set(), done: 0, total: units.length, lease: 0, isKnown: true};
const refused = new Set();         // units whose answers the server refused after they were left

async function start() {
  putTexts();
  if (task?.format !== 1 || units.length === 0) return stop(say('noTask'));
  crowd = crowdRequest(new URL(location.href), units.length);
  if (crowd?.error) return stop(crowd.error);
  prepareDialogs();
  preparePage();
  await begin(crowd?.annotator || memory.read(annotatorKey) || await askName(''));
}

function stop(text) {
  find('broken').textContent = text;
}

/// Takes up the work of an annotator.
async function begin(name) {
  annotator = name;
  if (!crowd) memory.write(annotatorKey, name);
  store = new Store(task.task, name);
  outbox = new Outbox(server, store, hear);
  drafts.clear();
  refused.clear();
  at = -1;
  find('work').hidden = false;
  find('annotator').hidden = crowd !== null;
  if (isServed) outbox.send();
  const before = store.at;
  if (crowd) return show(crowd.unit);
  if (units[before] && (!isServed || !isAnswered(before))) {
    show(before);
    if (isServed) askServer(before);
  } else {
    goOn();
  }
}

// ---- Units ----

function isAnswered(unit) {
  return store.record(unit) !== null || shared.answered.has(unit);
}

/// Indices of the units that this annotator has answered or skipped, rising.
function answeredUnits() {
  const own = store.records().map(([unit]) => unit);
  return [...new Set([...own, ...shared.answered])].sort((a, b) => a - b);
}

/// The next without an answer in the task's order, from the first again after the last; -1 = none.
function nextOpen(from) {
  const answered = new Set(answeredUnits());
  const order = units.map((_, i) => (from + 1 + i) % units.length);
  return order.find(unit => !answered.has(unit) && unit !== from) ?? -1;
}

/// Shows the next open unit.
async function goOn() {
  const next = isServed ? await askServer(null) : nextOpen(at);
  if (next >= 0 && next !== at) return show(next);
  if (at < 0) show(answeredUnits()[0] ?? 0);
  tell(say(next < 0 && nextOpen(at) < 0 && isAnswered(at) ? 'finished' : 'noOther'));
}

/// The unit that the server hands out, -1 where it has none; where it cannot be reached, one that
/// has no answer from here.
async function askServer(held) {
  const reply = await server.post('api/next', {annotator, unit: held});
  shared.isKnown = reply.status !== 401;
  if (!reply.ok) {
    drawSaved();
    return nextOpen(at);
  }
  const {unit, answered, done, total, lease_seconds: lease} = reply.body;
  Object.assign(shared, {answered: new Set(answered), done, total, lease});
  drawHeader();
  drawSaved();
  return unit ?? -1;
}

/// Goes to a neighbour: of all units, or of those that the server has handed out.
function step(by) {
  if (crowd) return;
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
  const element = find('grid'), state = find('grid-state');
  element.setAttribute('aria-busy', true);
  state.textContent = say('loadingImages');
  const isThere = await loadSheet(units[unit]).then(() => true, () => false);
  if (at !== unit) return;
  element.setAttribute('aria-busy', !isThere);
  state.textContent = isThere ? '' : say('noImages');
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
  const {label, group, crossed} = {...emptyDraft, ...kept};
  return {draft: {label, group, crossed}, seconds: kept.seconds ?? 0};
}

function keepDraft() {
  if (at < 0) return;
  const isNew = store.draft(at) !== null || draft() !== keptDraft(at).draft && !isAnswered(at);
  if (isNew) store.keepDraft(at, {...draft(), seconds: watch.seconds()});
}

function change(next, run = '') {
  if (isLeaving) return;
  drafts.get(at).change(next, run);
  changed();
}

function changed() {
  store.keepDraft(at, {...draft(), seconds: watch.seconds()});
  tell('');
  draw();
}

function toggle(tile) {
  change(withToggled(draft(), tile));
  if (!isServed) check.prepare(units[at], draft().crossed.filter(each => each === tile));
}

function choose(group) {
  if (group && group.name !== draft().group) change({...draft(), group: group.name});
}

function undo() {
  if (isLeaving) return;
  const isDone = drafts.get(at).undo();
  if (isDone) changed();
  speak(say(isDone ? 'undone' : 'nothingToUndo'));
}

function redo() {
  if (isLeaving) return;
  const isDone = drafts.get(at).redo();
  if (isDone) changed();
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

/// Keeps an answer, sends it where there is a server, and goes on.
async function give(answer) {
  const unit = at;
  store.keepAnswer(unit, answer);
  if (!answer.skipped) store.dropDraft(unit);
  if (isServed) {
    setLeaving(true);
    const outcome = outbox.outcome(answer.id);
    outbox.send();
    drawSaved();
    const reply = await Promise.race([outcome, after(patience)]);
    setLeaving(false);
    if (reply?.kind === 'uncrossed' || reply?.kind === 'failed') return;
    if (crowd && reply?.kind !== 'saved') return;
  }
  speak(say(answer.skipped ? 'skippedNow' : 'accepted'));
  if (crowd) return leave(answer);
  drafts.delete(unit);
  draw();
  await goOn();
}

function after(seconds) {
  return new Promise(resolve => setTimeout(resolve, 1000 * seconds));
}

function setLeaving(is) {
  isLeaving = is;
  find('work').classList.toggle('leaving', is);
  if (is) find('saved').textContent = say('saving');
}

/// What the server says to an answer.
function hear(unit, answer, outcome) {
  shared.isKnown = outcome.kind !== 'unknown';
  if (outcome.kind === 'uncrossed') {
    store.countRefusal();
    const {label, group, crossed, seconds} = answer;
    // What was changed since is what counts.
    if (!store.draft(unit)) store.keepDraft(unit, {label, group, crossed, seconds});
    drafts.delete(unit);
    if (unit === at) {
      drafts.set(unit, new DraftHistory(keptDraft(unit).draft));
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
  draw();
  tell(say(text ? 'copyAnswer' : 'handedOver'));
  if (!text) return;
  const copy = make('textarea', '', text);
  copy.readOnly = true;
  copy.setAttribute('aria-label', say('copyAnswer'));
  find('notice').append(copy);
  copy.select();
}

function download() {
  if (isServed || crowd) return;
  const n = downloadAnswers(store, annotator);
  draw();
  speak(n > 0 ? say('downloaded', {n}) : say('nothingToDownload'));
}

/// Labels of earlier answers, most used first, then the names that the task suggests.
function suggestedNames() {
  const uses = new Map();
  for (const [, {answer}] of store.everybodys()) {
    if (answer.label) uses.set(answer.label, (uses.get(answer.label) ?? 0) + 1);
  }
  const used = [...uses].sort(([, a], [, b]) => b - a).map(([label]) => label);
  return [...used, ...task.names];
}

// ---- What is seen and heard ----

function nameOf(unit) {
  return say('unitName', units[unit]);
}

function draw() {
  const {label, group, crossed} = draft();
  grid.draw(crossed);
  concept.show(label);
  for (const input of groupInputs()) input.checked = input.value === group;
  find('crossed').textContent = say('crossedCount', {n: crossed.length});
  find('undo').disabled = drafts.get(at).past.length === 0;
  find('redo').disabled = drafts.get(at).future.length === 0;
  drawHeader();
  drawSaved();
  drawMail();
}

function drawHeader() {
  const own = answeredUnits().length;
  const n = isServed ? shared.done : own, total = isServed ? shared.total : units.length;
  find('progress').max = total;
  find('progress').value = n;
  find('progress-text').textContent = say(isServed ? 'answeredShared' : 'answered', {n, total, own});
  find('annotator').textContent = say('annotator', {name: annotator});
  find('annotator').setAttribute('aria-label', say('changeName', {name: annotator}));
  if (at < 0) return;
  const {layer, unit} = units[at];
  document.title = say('titleOf', {layer, unit, network: task.network});
  find('unit').textContent = nameOf(at);
  const answer = store.record(at)?.answer;
  const before = !isAnswered(at) ? '' :
      answer?.skipped ? say('skippedAlready', {reason: answer.skipped}) : say('answeredAlready');
  find('network').textContent = [task.network, before].filter(Boolean).join(' · ');
}

function drawSaved() {
  const isReady = store.everybodys().some(([, record]) => !record.delivered);
  const waiting = isServed ? outbox.waiting().length : 0;
  const text = !memory.lasts ? say('notSaved') :
      !isServed ? say('savedHere') :
      !shared.isKnown ? say('needLink') :
      waiting > 0 ? say('waiting', {n: waiting}) : say('saved');
  const saved = find('saved');
  if (!isLeaving && saved.textContent !== text) saved.textContent = text;
  saved.classList.toggle('pending', waiting > 0 || !shared.isKnown || !memory.lasts);
  const fresh = store.everybodys().filter(([, record]) => !record.delivered).length;
  find('download').hidden = isServed || crowd !== null;
  find('download').textContent = fresh > 0 ? say('downloadNew', {n: fresh}) : say('download');
  find('download').classList.toggle('fresh', isReady);
}

/// What the server has against answers of other units.
function drawMail() {
  const failed = store.records().filter(([, record]) => record.error);
  const lines = [
    ...[...refused].map(unit => [unit, say('refusedElsewhere', {unit: nameOf(unit)})]),
    ...failed.map(([unit, {error}]) => [unit, say('failed', {unit: nameOf(unit), message: error})]),
  ];
  const text = JSON.stringify([at, lines]);
  if (find('mail').dataset.shown === text) return;
  find('mail').dataset.shown = text;
  find('mail').replaceChildren(...lines.map(([unit, line]) => {
    const paragraph = make('p', '', line);
    if (unit !== at) {
      const back = make('button', '', say('goBack'));
      back.type = 'button';
      back.addEventListener('click', () => show(unit));
      paragraph.append(' ', back);
    }
    return paragraph;
  }));
}

/// Says what is of weight, until the next change.
function tell(text) {
  find('notice').replaceChildren(...(text ? [make('p', '', text)] : []));
}

/// Says what an answer lacks, and goes there.
function complain(text, element) {
  tell(text);
  element.focus();
  find('notice').scrollIntoView({block: 'nearest'});
}

/// Says what sighted people see.
function speak(text) {
  find('spoken').replaceChildren(make('span', '', text));
}

function groupInputs() {
  return [...find('groups').querySelectorAll('input')];
}

function makeGroup(group, i) {
  const label = make('label', 'choice');
  const input = make('input');
  Object.assign(input, {type: 'radio', name: 'group', value: group.name});
  input.addEventListener('change', () => choose(group));
  const words = make('span');
  words.append(make('span', 'name', group.name));
  if (group.examples.length > 0) {
    words.append(' ', make('span', 'muted', group.examples.join(', ')));
  }
  label.append(input, words);
  if (i < 9) label.append(make('kbd', 'keys', i + 1));
  return label;
}

// ---- Keys and buttons ----

function preparePage() {
  grid = new Grid(find('grid'), {toggled: toggle, looked: tile => loupe.open(tile)});
  loupe = new Loupe(grid, {crossed: () => draft().crossed, toggled: toggle});
  concept = new ConceptField(find('concept'), find('suggestions'), {
    names: suggestedNames,
    changed: label => change({...draft(), label}, 'label'),
    done: () => (groupInputs().find(input => input.checked) ?? groupInputs()[0]).focus(),
    left: () => grid.focus(),
  });
  find('concept').addEventListener('blur', () => drafts.get(at)?.endRun());
  find('groups').replaceChildren(...task.taxonomy.groups.map(makeGroup));
  find('answer').addEventListener('submit', event => {
    event.preventDefault();
    submit();
  });
  for (const [id, action] of Object.entries({
    skip, undo, redo, download,
    previous: () => step(-1),
    next: () => step(1),
    unfinished: goOn,
    help: () => showKeys(Math.min(9, task.taxonomy.groups.length)),
    annotator: changeName,
  })) {
    find(id).addEventListener('click', action);
  }
  find('ways').hidden = crowd !== null;
  if (crowd?.isPreview) {
    find('submit').disabled = find('skip').disabled = true;
    find('broken').textContent = say('preview');
  }
  document.addEventListener('keydown', press);
  document.addEventListener('keyup', event => {
    if (event.key === 'l' || event.key === 'L') loupe.release();
  });
  addEventListener('blur', () => loupe.release());
  addEventListener('pagehide', () => {
    keepDraft();
    if (isServed && at >= 0 && !isAnswered(at)) server.release(annotator, at);
  });
  addEventListener('beforeunload', event => {
    const isLost = store?.everybodys().some(([, record]) => !record.delivered);
    if (!isServed && !crowd && isLost) event.preventDefault();
  });
  if (isServed) renew();
}

/// Keeps the unit that the server has handed out.
async function renew() {
  for (;;) {
    await after(Math.max(1, (shared.lease || 60) / renewals));
    const isActive = at >= 0 && !document.hidden && !isAnswered(at);
    if (isActive) await server.post('api/renew', {annotator, unit: at});
  }
}

async function changeName() {
  const name = await askName(annotator);
  if (name === annotator) return;
  keepDraft();
  begin(name);
}

const actions = {
  c: () => find('concept').focus(),
  n: goOn,
  s: skip,
  u: undo,
  r: redo,
  d: download,
  l: () => loupe.hold(grid.hovered >= 0 ? grid.hovered : grid.place),
  x: () => grid.focus(),
  '[': () => step(-1),
  ']': () => step(1),
  '?': () => find('help').click(),
};
for (const key of ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown']) {
  actions[key] = () => grid.focus();
}

/// Keys that work while text is typed, too.
function everywhere(event) {
  const key = event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey) {
    if (event.altKey) return undefined;
    if (key === 'enter') return submit;
    if (key === 'z') return event.shiftKey ? redo : undo;
    return key === 'y' ? redo : undefined;
  }
  return {pageup: () => step(-1), pagedown: () => step(1)}[key];
}

function press(event) {
  if (at < 0 || isAsking() || event.isComposing) return;
  let action = everywhere(event);
  const isTyping = event.target.closest('input[type="text"], textarea, select');
  const isPlain = !event.ctrlKey && !event.metaKey;
  if (!action && isPlain && !isTyping) {
    // In a group of choices, arrows choose.
    if (event.key.startsWith('Arrow') && event.target.closest('input')) return;
    const group = /^[1-9]$/.test(event.key) && task.taxonomy.groups[Number(event.key) - 1];
    action = group ? () => pick(group) : actions[event.key.toLowerCase()] ?? actions[event.key];
  }
  if (!action) return;
  event.preventDefault();
  action();
}

/// Chooses a group by its key; the focus goes along where it is among the groups.
function pick(group) {
  choose(group);
  if (document.activeElement.closest('#groups')) {
    groupInputs().find(input => input.checked).focus();
  }
}

start();
