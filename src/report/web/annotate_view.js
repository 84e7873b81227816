'use strict';
// What is seen and heard of the page's state, which annotate.js holds.

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
  const n = isServed ? shared.done : own;
  const total = isServed ? shared.total : units.length;
  find('progress').max = total;
  find('progress').value = n;
  find('progress-text').textContent = say(isServed ? 'answeredShared' : 'answered', {n, total, own});
  find('annotator').hidden = crowd !== null;
  find('annotator').textContent = annotator;
  find('annotator').setAttribute('aria-label', say('changeName', {name: annotator}));
  if (at < 0) return;
  const {layer, unit} = units[at];
  document.title = say('titleOf', {layer, unit, network: task.network});
  find('unit').textContent = nameOf(at);
  const reason = store.record(at)?.answer.skipped;
  const before = !isAnswered(at) ? '' :
      reason ? say('skippedAlready', {reason}) : say('answeredAlready');
  find('network').textContent = [task.network, before].filter(Boolean).join(' · ');
}

function drawSaved() {
  const fresh = allAnswers(task.task).filter(({delivered}) => !delivered).length;
  const waiting = isServed ? outbox.waiting().length : 0;
  const failed = store.records().filter(([, {error}]) => error).length;
  const text = !memory.lasts ? say(isServed || crowd ? 'notKept' : 'notSaved') :
      !isServed ? say('savedHere') :
      !shared.isKnown ? say('needLink') :
      isLeaving ? say('saving') :
      waiting > 0 ? say('waiting', {n: waiting}) :
      failed > 0 ? say('failedTotal', {n: failed}) : say('saved');
  const saved = find('saved');
  // What is put anew is read aloud anew.
  if (saved.textContent !== text) saved.textContent = text;
  const isDone = memory.lasts && shared.isKnown && waiting + failed === 0;
  saved.classList.toggle('pending', !isDone);
  find('download').hidden = isServed || crowd !== null;
  find('download').textContent = fresh > 0 ? say('downloadNew', {n: fresh}) : say('download');
  find('download').classList.toggle('fresh', fresh > 0);
}

/// What the server has against answers that were left.
function drawMail() {
  const failed = store.records().filter(([, record]) => record.error);
  const lines = [
    ...[...refused].map(unit => [unit, say('refusedElsewhere', {unit: nameOf(unit)})]),
    ...failed.map(([unit, {error}]) => [unit, say('failed', {unit: nameOf(unit), message: error})]),
  ];
  const mail = find('mail'), shown = JSON.stringify([at, lines]);
  if (mail.dataset.shown === shown) return;
  mail.dataset.shown = shown;
  mail.replaceChildren(...lines.map(([unit, line]) => {
    const paragraph = make('p', '', line);
    if (unit === at) return paragraph;
    const back = make('button', '', say('goBack'));
    back.type = 'button';
    back.addEventListener('click', () => show(unit));
    paragraph.append(' ', back);
    return paragraph;
  }));
}

function drawLoading(isLoading, isThere = false) {
  find('grid').setAttribute('aria-busy', isLoading);
  find('grid-state').textContent =
      isLoading ? say('loadingImages') : isThere ? '' : say('noImages');
}

function setLeaving(is) {
  isLeaving = is;
  find('work').classList.toggle('leaving', is);
  drawSaved();
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

/// Shows an answer that nobody takes.
function showToCopy(text) {
  const copy = make('textarea', '', text);
  copy.readOnly = true;
  copy.setAttribute('aria-label', say('copyAnswer'));
  find('notice').append(copy);
  copy.select();
}

function groupInputs() {
  return [...find('groups').querySelectorAll('input')];
}

function makeGroup({name, examples}, i) {
  const label = make('label', 'choice');
  const input = make('input');
  Object.assign(input, {type: 'radio', name: 'group', value: name});
  input.addEventListener('change', () => choose(name));
  const words = make('span', '', name);
  words.append(' ', make('span', 'muted', examples.join(', ')));
  label.append(input, words);
  if (i < groupKeys) label.append(make('kbd', 'keys', i + 1));
  return label;
}
