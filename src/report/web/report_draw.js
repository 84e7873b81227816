// Pieces of the report: elements, pictures that wait until they are seen, and tables.

/// A new element with its text.
function make(kind, name = '', text = '') {
  const made = document.createElement(kind);
  if (name) made.className = name;
  made.textContent = text;
  return made;
}

/// Pictures get their source when they come into view, so that a page of a thousand opens at once.
const sources = new WeakMap();
const waiting = new IntersectionObserver(entries => {
  for (const {isIntersecting, target} of entries) {
    if (isIntersecting) load(target);
  }
}, {rootMargin: '600px'});

function load(image) {
  const source = sources.get(image);
  if (!source) return;
  sources.delete(image);
  waiting.unobserve(image);
  image.src = source;
}

function makePicture(source, text, width = 0, height = 0) {
  const image = make('img');
  image.alt = text;
  image.decoding = 'async';
  if (width > 0) [image.width, image.height] = [width, height];
  sources.set(image, source);
  waiting.observe(image);
  return image;
}

/// On paper everything is seen.
function loadAll() {
  for (const image of document.querySelectorAll('#sections img')) load(image);
  for (const image of document.querySelectorAll('.cards li:nth-child(-n + 48) img')) load(image);
}
addEventListener('beforeprint', loadAll);

function makeFigure(image, caption) {
  const figure = make('figure', 'block');
  // Drawings of several plots in a row need the whole width.
  image.addEventListener('load', () => {
    figure.classList.toggle('wide', image.naturalWidth > 700);
  });
  figure.append(image, make('figcaption', '', caption));
  return figure;
}

/// The text of a details element, with a button that copies it.
function makeCopy(title, text) {
  const details = make('details');
  const pre = make('pre', '', text), button = make('button', '', 'Copy');
  pre.tabIndex = 0;
  button.type = 'button';
  button.setAttribute('aria-label', `Copy ${title}`);
  button.addEventListener('click', () => copy(text, button));
  details.append(make('summary', '', title), button, pre);
  return details;
}

async function copy(text, button) {
  const said = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = 'Copied';
  } catch {
    button.textContent = 'Not allowed here: select it and copy';
  }
  setTimeout(() => { button.textContent = said; }, 2000);
}

let tables = 0;

function makeTable({caption, header, rows, csv, tex}) {
  const block = make('div', 'block'), scrolls = make('div', 'scrolls'), table = make('table');
  const title = make('caption', '', caption), head = make('thead'), body = make('tbody');
  title.id = `table-${++tables}`;
  scrolls.tabIndex = 0;
  scrolls.setAttribute('role', 'group');
  scrolls.setAttribute('aria-labelledby', title.id);
  const fill = (parent, kind, cells) => {
    const row = make('tr');
    cells.forEach((cell, i) => {
      const isHead = cell !== '' && (kind === 'th' || i === 0);
      const made = make(isHead ? 'th' : 'td', '', shown(cell));
      if (made.tagName === 'TH') made.scope = kind === 'th' ? 'col' : 'row';
      row.append(made);
    });
    parent.append(row);
  };
  fill(head, 'th', header);
  for (const row of rows) fill(body, 'td', row);
  // Words are read from the left.
  const isWords = rows.flat().some(cell => cell.length > 40);
  if (isWords) table.className = 'words';
  table.append(title, head, body);
  scrolls.append(table);
  block.append(scrolls, makeCopy('CSV', csv), makeCopy('LaTeX', tex));
  return block;
}

/// As people write it: "72.0 ± 20.0".
function shown(text) {
  return String(text).replaceAll('+-', '±');
}
