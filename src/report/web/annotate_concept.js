'use strict';
// The field for the concept, with suggestions to choose from: a combobox after WAI-ARIA 1.2.

const mostSuggestions = 8;

/// The names that fit what was typed: those that begin with it, then those of which a word does,
/// then those that hold it; each group in the order of `names`. Names that differ in case alone are
/// one.
function suggestionsFor(typed, names) {
  const text = typed.trim().toLowerCase();
  const groups = [[], [], []];
  const seen = new Set();
  for (const name of names) {
    const lower = name.toLowerCase();
    if (lower === text || seen.has(lower)) continue;
    const at = lower.indexOf(text);
    if (at < 0) continue;
    seen.add(lower);
    groups[at === 0 ? 0 : lower.includes(` ${text}`) ? 1 : 2].push(name);
  }
  return groups.flat().slice(0, mostSuggestions);
}

class ConceptField {
  /// `names()` are all suggestions, best first. Calls `changed(text)` as it is typed or chosen, and
  /// `done()` where Enter is pressed, `left()` where Escape is.
  constructor(input, list, {names, changed, done, left}) {
    Object.assign(this, {input, list, names, changed, done, left});
    this.options = [];
    this.active = -1;
    input.addEventListener('input', () => {
      this.changed(input.value);
      input.value.trim() ? this.open() : this.close();
    });
    input.addEventListener('keydown', event => this.press(event));
    input.addEventListener('blur', () => this.close());
    // Before the field loses the focus to it.
    list.addEventListener('pointerdown', event => {
      event.preventDefault();
      const option = event.target.closest('[role="option"]');
      if (option) this.choose(option.textContent);
    });
  }

  show(text) {
    if (this.input.value !== text) this.input.value = text;
    if (document.activeElement !== this.input) this.close();
  }

  open() {
    this.options = suggestionsFor(this.input.value, this.names());
    this.list.replaceChildren(...this.options.map((name, i) => {
      const option = make('li', '', name);
      option.id = `suggestion-${i}`;
      option.setAttribute('role', 'option');
      return option;
    }));
    this.setActive(-1);
    this.setOpen(this.options.length > 0);
  }

  close() {
    this.setActive(-1);
    this.setOpen(false);
  }

  setOpen(is) {
    this.list.hidden = !is;
    this.input.setAttribute('aria-expanded', is);
  }

  setActive(place) {
    this.active = place;
    [...this.list.children].forEach((option, i) => {
      option.setAttribute('aria-selected', i === place);
      if (i === place) option.scrollIntoView({block: 'nearest'});
    });
    if (place < 0) {
      this.input.removeAttribute('aria-activedescendant');
    } else {
      this.input.setAttribute('aria-activedescendant', `suggestion-${place}`);
    }
  }

  choose(name) {
    this.input.value = name;
    this.close();
    this.changed(name);
  }

  press(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const count = this.options.length, isOpen = !this.list.hidden;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      const step = event.key === 'ArrowDown' ? 1 : -1;
      if (!isOpen) {
        this.open();
      } else {
        // From the last to none chosen, and on to the first.
        this.setActive((this.active + step + 1 + count + 1) % (count + 1) - 1);
      }
    } else if (event.key === 'Enter') {
      if (isOpen && this.active >= 0) this.choose(this.options[this.active]);
      this.close();
      this.done();
    } else if (event.key === 'Escape') {
      isOpen ? this.close() : this.left();
    } else {
      return;
    }
    event.preventDefault();
  }
}
