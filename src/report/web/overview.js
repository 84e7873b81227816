'use strict';
// The server's overview: who has answered what, asked for again and again.

const pollSeconds = 3;

async function poll() {
  try {
    const response = await fetch('api/overview');
    if (response.status === 401) {
      find('as-of').textContent = say('needLink');
    } else if (response.ok) {
      draw(await response.json());
    } else {
      throw new Error(`status ${response.status}`);
    }
  } catch {
    find('as-of').textContent = say('noServer', {time: lastTime || '–'});
  }
  setTimeout(poll, pollSeconds * 1000);
}

let lastTime = '';

function draw(overview) {
  lastTime = new Date().toLocaleTimeString(texts.language);
  find('as-of').textContent = say('asOf', {time: lastTime});
  find('network').textContent = `${overview.network} ·`;
  find('done').textContent =
      say('unitsDone', {n: overview.units_done, total: overview.units, wanted: overview.wanted});
  find('progress').max = overview.units;
  find('progress').value = overview.units_done;
  find('totals').replaceChildren(
      make('li', '', say('answersTotal', {n: overview.answers})),
      make('li', '', say('refusedTotal', {n: overview.refused})),
      make('li', '', say('skippedTotal', {n: overview.skipped})));
  const {label, group_alpha: alpha, crossed} = overview.agreement;
  find('agreement').replaceChildren(
      makeFigure('agreementLabel', label, percent),
      makeFigure('agreementGroup', alpha, value => value.toFixed(2)),
      makeFigure('agreementCrossed', crossed, percent),
      makeFigure('secondsMedian', overview.seconds_median, duration));
  drawAnnotators(overview.annotators);
  drawUnits(overview.per_unit, overview.wanted);
}

function percent(share) {
  return share.toLocaleString(texts.language, {style: 'percent', maximumFractionDigits: 0});
}

function duration(seconds) {
  return say('seconds', {n: Math.round(seconds)});
}

function makeFigure(name, value, written) {
  const isKnown = value !== null && value !== undefined;
  const figure = make('div');
  const text = isKnown ? written(value) : say('unknown');
  figure.append(make('dt', '', say(name)), make('dd', isKnown ? '' : 'unknown', text));
  return figure;
}

function drawAnnotators(annotators) {
  find('annotators').hidden = annotators.length === 0;
  find('nobody').hidden = annotators.length > 0;
  find('annotators').tBodies[0].replaceChildren(...annotators.map(each => {
    const row = make('tr');
    const seconds = each.seconds_median ?? null;
    const last = each.last ? new Date(each.last).toLocaleString(texts.language) : '–';
    for (const text of [each.name, each.answers, each.refused,
                        seconds === null ? '–' : duration(seconds), last]) {
      row.append(make('td', '', text));
    }
    return row;
  }));
}

function drawUnits(units, wanted) {
  find('units').replaceChildren(...units.map(({layer, unit, answers, label}) => {
    const name = answers >= wanted ? 'all' : answers > 0 ? 'some' : '';
    const item = make('li', name);
    const text = say(label ? 'unitAnswersLabel' : 'unitAnswers', {layer, unit, n: answers, label});
    item.title = text;
    const number = make('b', '', answers), place = make('span', '', unit);
    for (const seen of [number, place]) seen.setAttribute('aria-hidden', true);
    item.append(number, place, make('span', 'unseen', text));
    return item;
  }));
}

putTexts();
document.title = say('overviewTitle');
poll();
