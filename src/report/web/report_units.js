// Units to browse: filters, and a card each.

const networks = data.networks;
const layerOf = unit => networks[unit.n].layers[unit.l];
const nameOf = unit => networks[unit.n].name;

// What units are sorted by: from the unit to its number or text; nothing is last.
const orders = {
  unit: ['number', unit => unit.unit],
  label: ['label', unit => unit.label],
  size: ['receptive field', unit => unit.silent ? null : unit.size],
  precision: ['precision', unit => unit.precision],
  iou: ['IoU', unit => unit.iou],
  ap: ['average precision', unit => unit.ap],
  jaccard: ['Jaccard index', unit => unit.jaccard],
  top: ['largest response', unit => unit.top?.[0]],
};

const percent = share => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)}%`;

/// What is known of a unit, in short: "116 px", "precision 52%".
function factsOf(unit) {
  const facts = [];
  if (unit.silent) facts.push('silent');
  else if (unit.size !== undefined) facts.push(`${unit.size.toFixed(0)} px`);
  if (unit.precision !== undefined) facts.push(`precision ${percent(unit.precision)}`);
  if (unit.iou !== undefined) facts.push(`IoU ${unit.iou.toFixed(3)}`);
  if (unit.ap !== undefined) facts.push(`AP ${percent(unit.ap)}`);
  return facts.join(' · ');
}

function linkOf(unit) {
  return '#unit/' + [nameOf(unit), layerOf(unit).name, unit.unit].map(encodeURIComponent).join('/');
}

const cards = new Map();  // made once

function cardOf(unit) {
  if (!cards.has(unit)) cards.set(unit, makeCard(unit));
  return cards.get(unit);
}

function makeCard(unit) {
  const item = make('li'), card = make('a', 'card');
  card.href = linkOf(unit);
  const image = unit.row ?? unit.field;
  if (image) {
    const picture = makePicture(image, unit.row ? 'Top images' : 'Field');
    picture.className = unit.row ? `row${unit.tiles >= 4 ? ' many' : ''}` : 'field';
    card.append(picture);
  }
  card.append(make('b', '', unit.label ?? 'no label'),
              make('span', 'facts', `${layerOf(unit).name} unit ${unit.unit}`),
              make('span', 'facts', factsOf(unit)));
  item.append(card);
  return item;
}

const fields = ['search', 'network', 'layer', 'group', 'sort', 'falling', 'labelled', 'beside'];

/// What the filters say; a link carries what is not as at first.
function readFilters() {
  return Object.fromEntries(fields.map(name => {
    const field = find(name);
    return [name, field.type === 'checkbox' ? field.checked : field.value];
  }));
}

function putFilters(link) {
  for (const name of fields) {
    const field = find(name), value = link.get(name);
    if (field.type === 'checkbox') field.checked = value === 'true';
    else if (name === 'sort') field.value = value ?? 'unit';
    else field.value = value ?? '';
    if (name === 'network') listLayers();
  }
}

function linkOfFilters() {
  const said = new URLSearchParams();
  for (const [name, value] of Object.entries(readFilters())) {
    if (value && !(name === 'sort' && value === 'unit')) said.set(name, value);
  }
  return `#units${said.size > 0 ? `?${said}` : ''}`;
}

function matches(unit, filters) {
  if (filters.layer && layerOf(unit).name !== filters.layer) return false;
  if (filters.group && unit.group !== filters.group) return false;
  if (filters.labelled && !unit.label) return false;
  const words = filters.search.toLowerCase().split(/\s+/).filter(word => word);
  const text = [unit.label, unit.group, layerOf(unit).name].filter(part => part).join(' ').toLowerCase();
  return words.every(word => text.includes(word) || String(unit.unit) === word);
}

function sorted(units, {sort, falling}) {
  const key = orders[sort][1];
  const sign = falling ? -1 : 1;
  return [...units].sort((a, b) => {
    const [x, y] = [key(a) ?? null, key(b) ?? null];
    if (x === null || y === null) return (x === null) - (y === null);
    return sign * (typeof x === 'string' ? x.localeCompare(y) : x - y);
  });
}

/// The units that fit their label best, one for a label, two of each network: what a network is
/// seen to have learnt.
function drawBest() {
  const fit = unit => unit.iou ?? unit.precision ?? 0;
  for (const n of networks.keys()) {
    const labels = new Set();
    const best = data.units.filter(unit => unit.n === n && unit.row && unit.label)
                     .sort((a, b) => fit(b) - fit(a))
                     .filter(unit => !labels.has(unit.label) && labels.add(unit.label)).slice(0, 2);
    for (const unit of best) {
      const text = `${nameOf(unit)}, ${layerOf(unit).name} unit ${unit.unit}: ${unit.label}`;
      const figure = makeFigure(makePicture(unit.row, `Top images of ${text}, segmented by it`), '');
      const link = make('a', '', text);
      link.href = linkOf(unit);
      figure.querySelector('figcaption').append(link);
      find('best').append(figure);
    }
  }
}

let shownUnits = [];  // in the order of the page

function drawUnits() {
  const filters = readFilters();
  const panes = filters.beside ? [filters.network || networks[0].name, filters.beside]
                               : [filters.network];
  shownUnits = [];
  find('panes').className = panes.length > 1 ? 'two' : '';
  find('panes').replaceChildren(...panes.map((name, i) => {
    // The other network may have no layer of this name.
    const layers = networks.find(network => network.name === name)?.layers ?? [];
    const layer = i > 0 && !layers.some(each => each.name === filters.layer) ? '' : filters.layer;
    const units = sorted(data.units.filter(unit => (!name || nameOf(unit) === name) &&
                                                   matches(unit, {...filters, layer})), filters);
    shownUnits.push(...units);
    const pane = make('div', 'pane'), list = make('ul', 'cards');
    if (panes.length > 1) pane.append(make('h3', '', `${name}: ${units.length}`));
    list.append(...units.map(cardOf));
    pane.append(list);
    return pane;
  }));
  find('count').textContent = `${shownUnits.length} of ${data.units.length} units`;
}

function fillSelect(name, items) {
  find(name).replaceChildren(...items.map(([value, text]) => {
    const option = make('option', '', text);
    option.value = value;
    return option;
  }));
}

function listLayers() {
  const name = find('network').value;
  const names = networks.filter(network => !name || network.name === name)
                    .flatMap(network => network.layers.map(layer => layer.name));
  fillSelect('layer', [['', 'all'], ...[...new Set(names)].map(each => [each, each])]);
}

function startUnits() {
  find('units').hidden = data.units.length === 0;
  if (data.units.length === 0) return;
  const names = networks.map(({name}) => [name, name]);
  const groups = [...new Set(data.units.map(unit => unit.group).filter(group => group))].sort();
  fillSelect('network', [['', 'all'], ...names]);
  fillSelect('group', [['', 'all'], ...groups.map(group => [group, group])]);
  fillSelect('beside', [['', 'nothing'], ...names]);
  find('beside-label').hidden = names.length < 2;
  const known = Object.entries(orders).filter(
      ([, [, key]]) => data.units.some(unit => (key(unit) ?? null) !== null));
  fillSelect('sort', known.map(([name, [text]]) => [name, text]));
  listLayers();
  find('filters').addEventListener('submit', event => event.preventDefault());
  find('filters').addEventListener('input', event => {
    if (event.target.id === 'network') listLayers();
    // A number is asked for to see what is largest.
    if (event.target.id === 'sort') find('falling').checked = !['unit', 'label'].includes(find('sort').value);
    drawUnits();
    history.replaceState(null, '', linkOfFilters());
  });
  find('panes').addEventListener('keydown', moveByArrows);
  drawBest();
  drawUnits();
}

/// Arrows go from card to card as they lie on the page.
function moveByArrows(event) {
  const steps = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
  const step = steps[event.key], card = event.target.closest('.card');
  if (!step || !card) return;
  event.preventDefault();
  const all = [...document.querySelectorAll('.card')], at = all.indexOf(card);
  let next = all[at + step[0]];
  if (step[1] !== 0) {
    const from = card.getBoundingClientRect();
    const middle = each => (each.left + each.right) / 2;
    const ahead = step[1] > 0 ? all.slice(at + 1) : all.slice(0, at).reverse();
    next = ahead.find(each => {
      const box = each.getBoundingClientRect();
      return step[1] * (box.top - from.top) > 4 && Math.abs(middle(box) - middle(from)) < from.width / 2;
    });
  }
  next?.focus();
}
