'use strict';
// The dialogs that ask, and the one that shows the keys.

/// The value with which the dialog is closed, "" where it is left.
function shown(dialog) {
  return new Promise(resolve => {
    dialog.returnValue = '';
    dialog.addEventListener('close', () => resolve(dialog.returnValue), {once: true});
    dialog.showModal();
  });
}

/// A dialog is open in which keys have meanings of their own.
function isAsking() {
  return document.querySelector('dialog[open]:not(.held)') !== null;
}

/// The annotator's name; without one before, there is no way around it.
async function askName(before) {
  const dialog = find('asking'), field = find('name');
  field.value = before;
  let name = '';
  while (!name) {
    await shown(dialog);
    name = field.value.trim() || before;
  }
  return name;
}

/// Why a unit is skipped, or "" where it is not.
async function askReason() {
  const dialog = find('skipping'), other = find('reason');
  other.value = '';
  const reasons = texts.skipReasons.map((text, i) => {
    const label = make('label', 'choice');
    const input = make('input');
    Object.assign(input, {type: 'radio', name: 'reason', value: text, checked: i === 0});
    label.append(input, make('span', '', text));
    return label;
  });
  find('reasons').replaceChildren(...reasons);
  if (await shown(dialog) !== 'skip') return '';
  return other.value.trim() || dialog.querySelector('[name="reason"]:checked').value;
}

function showKeys(groups) {
  const rows = texts.keys.map(([keys, meaning]) => {
    const row = make('div');
    const names = make('dt'), text = make('dd', '', meaning);
    for (const key of keys) names.append(make('kbd', '', fill(key, {n: groups})), ' ');
    row.append(names, text);
    return row;
  });
  find('key-list').replaceChildren(...rows);
  return shown(find('keys'));
}

function prepareDialogs() {
  for (const button of document.querySelectorAll('dialog .closes')) {
    button.addEventListener('click', () => button.closest('dialog').close());
  }
  // A click beside a dialog leaves it.
  for (const dialog of document.querySelectorAll('dialog:not(#asking)')) {
    dialog.addEventListener('click', event => {
      const {left, right, top, bottom} = dialog.getBoundingClientRect();
      const {target, clientX: x, clientY: y} = event;
      const isInside = left <= x && x <= right && top <= y && y <= bottom;
      if (target === dialog && !isInside) dialog.close();
    });
  }
}
