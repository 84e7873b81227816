'use strict';
// What is written of a unit before it is submitted, with all that can be undone.

/// Changes of a draft make new ones. `crossed` are tiles, from 0, rising.
const emptyDraft = Object.freeze({label: '', group: '', crossed: []});

/// The draft with a tile crossed out, or no longer.
function withToggled(draft, tile) {
  const others = draft.crossed.filter(each => each !== tile);
  const crossed = others.length < draft.crossed.length ? others : [...others, tile];
  return {...draft, crossed: crossed.sort((a, b) => a - b)};
}

class DraftHistory {
  constructor(draft) {
    this.now = draft;
    this.past = [];
    this.future = [];
    this.run = '';
  }

  /// Changes of one `run`, such as letters typed one after another, are undone together.
  change(draft, run = '') {
    if (!run || run !== this.run) this.past.push(this.now);
    this.run = run;
    this.now = draft;
    this.future = [];
  }

  /// What comes next is undone by itself.
  endRun() {
    this.run = '';
  }

  /// False where there is nothing to undo.
  undo() {
    return this.move(this.past, this.future);
  }

  redo() {
    return this.move(this.future, this.past);
  }

  move(from, to) {
    if (from.length === 0) return false;
    to.push(this.now);
    this.now = from.pop();
    this.run = '';
    return true;
  }
}
