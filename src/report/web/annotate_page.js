'use strict';
// What the annotators' page and the server's overview share: elements, and texts put on them.

/// The element of this id.
function find(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`expected an element "${id}", found none`);
  return found;
}

/// A new element with a class and a text.
function make(kind, name = '', text = '') {
  const made = document.createElement(kind);
  if (name) made.className = name;
  made.textContent = text;
  return made;
}

/// A text, or its form for `values.n`, with {words} filled in.
function say(key, values = {}) {
  const entry = texts[key];
  if (entry === undefined) throw new Error(`expected a text "${key}", found none`);
  if (typeof entry === 'string') return fill(entry, values);
  const form = new Intl.PluralRules(texts.language).select(values.n);
  return fill(entry[form] ?? entry.other, values);
}

function fill(text, values) {
  return text.replace(/{(\w+)}/g, (all, word) => String(values[word] ?? all));
}

/// Puts texts where the HTML says which: `data-text` within an element, `data-label` as its name.
function putTexts() {
  document.documentElement.lang = texts.language;
  for (const element of document.querySelectorAll('[data-text]')) {
    element.textContent = say(element.dataset.text);
  }
  for (const element of document.querySelectorAll('[data-label]')) {
    element.setAttribute('aria-label', say(element.dataset.label));
  }
}
