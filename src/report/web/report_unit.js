// A unit's own view.

let openUnit = null;
let leftFrom = '';  // the filters' link

function makeFacts(unit) {
  const facts = make('dl');
  const add = (name, text) => facts.append(make('dt', '', name), make('dd', '', text));
  const layer = layerOf(unit);
  add('Network', nameOf(unit));
  add('Layer', layer.name);
  if (unit.silent) add('Receptive field', 'silent: nothing changes it');
  else if (unit.size !== undefined) {
    const interval = unit.interval?.[0] === undefined || unit.interval[0] === null ? '' :
        ` (95% over its images: ${unit.interval[0].toFixed(1)} to ${unit.interval[1].toFixed(1)})`;
    const most = layer.theoretical > 0 ? ` of ${layer.theoretical.toFixed(0)} in theory` : '';
    add('Receptive field', `${unit.size.toFixed(1)} px${interval}${most}`);
  }
  if (unit.label) add('Label', unit.label);
  if (unit.group) add('Group', unit.group);
  if (unit.source) add('Said by', unit.source);
  if (unit.annotators) add('Annotators', unit.annotators);
  if (unit.precision !== undefined) add('Precision', percent(unit.precision));
  if (unit.iou !== undefined) add('Intersection over union', unit.iou.toFixed(3));
  if (unit.ap !== undefined) add('Average precision', percent(unit.ap));
  if (unit.jaccard !== undefined) add('Jaccard index', percent(unit.jaccard));
  return facts;
}

/// Falling responses: how much more the unit likes its first images than the next.
function makeCurve(values) {
  const figure = make('figure');
  const curve = appendSvg(figure, 'svg', {
    viewBox: '0 0 440 190', class: 'curve', role: 'img',
    'aria-label': `Responses by rank, from ${values[0]} to ${values.at(-1)}`});
  const [left, right, top, bottom] = [56, 430, 12, 150];
  const most = Math.max(values[0], 1e-12);
  const x = i => left + (right - left) * i / Math.max(1, values.length - 1);
  const y = value => bottom - (bottom - top) * Math.max(0, value) / most;
  for (const share of [0, 0.5, 1]) {
    appendSvg(curve, 'line', {x1: left, x2: right, y1: y(share * most), y2: y(share * most)});
    appendSvg(curve, 'text', {x: left - 6, y: y(share * most) + 4, 'text-anchor': 'end'},
              (share * most).toPrecision(3));
  }
  appendSvg(curve, 'text', {x: left, y: bottom + 18}, 'first');
  appendSvg(curve, 'text', {x: right, y: bottom + 18, 'text-anchor': 'end'},
            `image ${values.length} by response`);
  appendSvg(curve, 'polyline', {points: values.map((value, i) => `${x(i)},${y(value)}`).join(' ')});
  figure.append(make('figcaption', '', 'Largest response to each of its top images'));
  return figure;
}

function makeAnswers(answers) {
  const rows = answers.map(each => [each.annotator ?? '', each.label ?? '', each.group ?? '',
                                    each.precision === null || each.precision === undefined
                                        ? '' : percent(each.precision)].map(String));
  const header = ['annotator', 'label', 'group', 'precision'];
  const csv = [header, ...rows].map(row => row.map(cell => `"${cell.replaceAll('"', '""')}"`)
                                               .join(',')).join('\n');
  const table = makeTable({caption: 'What annotators answered', header, rows, csv, tex: ''});
  table.querySelectorAll('details')[1].remove();
  return table;
}

/// Units of other networks that bear the same label.
function makeAlike(unit) {
  const alike = data.units.filter(
      each => unit.label && each.label === unit.label && each.n !== unit.n);
  if (alike.length === 0) return [];
  const best = [...alike].sort((a, b) => (b.iou ?? b.precision ?? 0) - (a.iou ?? a.precision ?? 0));
  const list = make('ul', 'cards');
  list.append(...best.slice(0, 4).map(makeCard));
  for (const [i, item] of [...list.children].entries()) {
    item.querySelector('.facts').textContent =
        `${nameOf(best[i])} ${layerOf(best[i]).name} unit ${best[i].unit}`;
  }
  const title = `Units of other networks with the label ${unit.label}: ${alike.length}`;
  return [make('h3', '', title), list];
}

function showUnit(unit) {
  openUnit = unit;
  const dialog = find('unit'), place = shownUnits.indexOf(unit);
  const title = `${layerOf(unit).name} unit ${unit.unit}${unit.label ? `: ${unit.label}` : ''}`;
  find('unit-title').textContent = title;
  find('unit-back').disabled = place <= 0;
  find('unit-on').disabled = place < 0 || place + 1 >= shownUnits.length;
  const body = [makeFacts(unit)];
  const names = unit.images ? ` ${unit.images.join(', ')}` : '';
  if (unit.row) {
    body.push(make('h3', '', 'Its top images, segmented by it'),
              makePicture(unit.row, `Top images segmented by the unit:${names}`));
  }
  if (unit.pipeline) {
    body.push(make('h3', '', 'How its receptive field comes about (Figure 3)'),
              makePicture(unit.pipeline, 'Three pictures, occluders on them, where the unit ' +
                                         'changes, and the aligned mean'));
  }
  const columns = make('div', 'columns');
  if (unit.field) {
    columns.append(makeFigure(makePicture(unit.field, 'The averaged field, and patches'),
                              'Averaged field, with its size, above what it covers of top images'));
  }
  if (unit.top?.length > 1) columns.append(makeCurve(unit.top));
  body.push(columns);
  if (unit.answers?.length > 0) body.push(makeAnswers(unit.answers));
  if (unit.images) body.push(makeCopy('Top images', unit.images.join('\n')));
  body.push(...makeAlike(unit));
  find('unit-body').replaceChildren(...body);
  for (const image of dialog.querySelectorAll('img')) load(image);
  document.title = `${title} – ${data.title}`;
  if (!dialog.open) {
    leftFrom = linkOfFilters();
    dialog.showModal();
  }
  dialog.scrollTop = 0;
}

function step(by) {
  const next = shownUnits[shownUnits.indexOf(openUnit) + by];
  if (next) location.replace(linkOf(next));
}

function startUnit() {
  const dialog = find('unit');
  find('unit-back').addEventListener('click', () => step(-1));
  find('unit-on').addEventListener('click', () => step(1));
  find('unit-close').addEventListener('click', () => dialog.close());
  find('unit-link').addEventListener('click', () => copy(location.href, find('unit-link')));
  dialog.addEventListener('close', () => {
    const card = openUnit && cards.get(openUnit)?.querySelector('.card');
    openUnit = null;
    document.title = data.title;
    if (location.hash.startsWith('#unit/')) history.replaceState(null, '', leftFrom);
    card?.focus();
  });
  dialog.addEventListener('click', event => {
    if (event.target === dialog) dialog.close();  // beside it
  });
}
