'use strict';
// Keys, buttons and what the browser tells. The grid, the field for the concept and the dialogs have
// keys of their own.

const groupKeys = 9;  // groups that have a key, 1 to 9

/// Where no text is typed.
const keyActions = {
  c: () => find('concept').focus(),
  n: () => goOn(),
  s: () => skip(),
  u: () => undo(),
  r: () => redo(),
  d: () => download(),
  l: () => loupe.hold(grid.hovered >= 0 ? grid.hovered : grid.place),
  x: () => grid.focus(),
  '[': () => step(-1),
  ']': () => step(1),
  '?': () => find('help').click(),
  arrowleft: () => grid.focus(),
  arrowright: () => grid.focus(),
  arrowup: () => grid.focus(),
  arrowdown: () => grid.focus(),
};

/// Where text is typed, too.
function actionAnywhere(event, key) {
  const isControl = (event.ctrlKey || event.metaKey) && !event.altKey;
  if (key === 'pageup' || key === 'pagedown') return () => step(key === 'pageup' ? -1 : 1);
  if (!isControl) return undefined;
  if (key === 'z') return event.shiftKey ? redo : undo;
  return {enter: submit, y: redo}[key];
}

function actionOf(event) {
  const key = event.key.toLowerCase();
  const anywhere = actionAnywhere(event, key);
  const isText = event.target.closest('input[type="text"], textarea');
  if (anywhere || isText || event.ctrlKey || event.metaKey) return anywhere;
  // Among choices, arrows choose.
  if (key.startsWith('arrow') && event.target.closest('input')) return undefined;
  const group = /^[1-9]$/.test(key) ? task.taxonomy.groups[key - 1] : undefined;
  return group ? () => chooseByKey(group.name) : keyActions[key];
}

/// The focus goes along where it is among the groups.
function chooseByKey(group) {
  choose(group);
  if (document.activeElement.closest('#groups')) {
    groupInputs().find(input => input.checked)?.focus();
  }
}

function press(event) {
  if (at < 0 || isLeaving || isAsking() || event.isComposing) return;
  const action = actionOf(event);
  if (!action) return;
  event.preventDefault();
  action();
}

function preparePage() {
  grid = new Grid(find('grid'), {toggled: toggle, looked: tile => loupe.open(tile)});
  loupe = new Loupe(grid, {crossed: () => draft().crossed, toggled: toggle});
  concept = new ConceptField(find('concept'), find('suggestions'), {
    names: suggestedNames,
    changed: label => change({...draft(), label}, 'label'),
    done: () => (groupInputs().find(input => input.checked) ?? groupInputs()[0]).focus(),
    left: () => grid.focus(),
  });
  find('groups').replaceChildren(...task.taxonomy.groups.map(makeGroup));
  find('ways').hidden = crowd !== null;
  if (crowd?.isPreview) {
    find('submit').disabled = find('skip').disabled = true;
    find('broken').textContent = say('preview');
  }
  prepareButtons();
  prepareEvents();
}

function prepareButtons() {
  find('answer').addEventListener('submit', event => {
    event.preventDefault();
    submit();
  });
  const clicks = {
    skip,
    undo,
    redo,
    download,
    previous: () => step(-1),
    next: () => step(1),
    unfinished: () => goOn(),
    help: () => showKeys(Math.min(groupKeys, task.taxonomy.groups.length)),
    annotator: changeName,
  };
  for (const [id, action] of Object.entries(clicks)) find(id).addEventListener('click', action);
}

function prepareEvents() {
  document.addEventListener('keydown', press);
  document.addEventListener('keyup', event => {
    if (event.key.toLowerCase() === 'l') loupe.release();
  });
  addEventListener('blur', () => loupe.release());
  find('concept').addEventListener('blur', () => drafts.get(at)?.endRun());
  addEventListener('pagehide', () => {
    keepDraft();
    if (isServed && at >= 0 && !isAnswered(at)) server.release(annotator, at);
  });
  addEventListener('beforeunload', event => {
    const isKept = isServed && memory.lasts;
    const isNew = allAnswers(task.task).some(({delivered}) => !delivered);
    if (isNew && !isKept && !crowd) event.preventDefault();
  });
  // Gone back to, the page is as it was left, but its unit was handed back.
  addEventListener('pageshow', event => {
    if (event.persisted && isServed && at >= 0) begin(annotator);
  });
}
