const steps = data.steps;
const last = steps.length - 1;
const slider = find('step');
const curve = find('curve');
const plot = {left: 48, right: 428, top: 12, bottom: 214};  // within the curve's box
let current = 0;

const xOf = step => last > 0 ? plot.left + (plot.right - plot.left) * step / last : plot.left;
const yOf = probability => plot.bottom - (plot.bottom - plot.top) * probability;

function drawCurve() {
  for (const p of [0, 0.25, 0.5, 0.75, 1]) {
    const y = yOf(p);
    appendSvg(curve, 'line', {class: 'grid', x1: plot.left, x2: plot.right, y1: y, y2: y});
    appendSvg(curve, 'text', {class: 'end', x: plot.left - 8, y: y + 5}, p);
  }
  // Numbers of removals, a few round ones.
  const gap = [1, 2, 5, 10, 20, 50, 100, 200, 500].find(each => last / each <= 8) ?? last;
  for (let step = 0; step <= last; step += gap) {
    appendSvg(curve, 'text', {class: 'middle', x: xOf(step), y: plot.bottom + 20}, step);
  }
  const middle = (plot.left + plot.right) / 2;
  appendSvg(curve, 'text', {class: 'middle', x: middle, y: plot.bottom + 44},
            `segments removed, of ${data.count}`);
  const points = steps.map((step, i) => `${xOf(i)},${yOf(step.probability)}`);
  appendSvg(curve, 'polyline', {points: points.join(' ')});
}

function textOf(step) {
  const {segment, probability} = steps[step];
  const removed = step === 0 ? 'The whole picture' : `${step} removed, the last: ${segment}`;
  const end = step === last ? ` ${data.end}` : '';
  return `${removed}. Probability ${probability.toFixed(3)}.${end}`;
}

function show(step) {
  current = Math.max(0, Math.min(last, step));
  const text = textOf(current);
  slider.value = current;
  slider.setAttribute('aria-valuetext', text);
  find('picture').src = steps[current].image;
  find('picture').alt =
      current === 0 ? 'The whole picture' : `The picture after ${current} removals`;
  find('said').textContent = text;
  find('back').disabled = current === 0;
  find('on').disabled = current === last;
  const x = xOf(current);
  for (const [name, value] of Object.entries({x1: x, x2: x, y1: plot.top, y2: plot.bottom})) {
    now.setAttribute(name, value);
  }
  dot.setAttribute('cx', x);
  dot.setAttribute('cy', yOf(steps[current].probability));
}

find('class').textContent = data.class;
find('image').textContent = data.image;
find('summary').textContent = data.summary;
find('kept').textContent = data.kept;
find('segments').src = data.segments;
slider.max = last;
drawCurve();
const now = appendSvg(curve, 'line', {class: 'now'});
const dot = appendSvg(curve, 'circle', {r: 6});
show(0);

slider.addEventListener('input', () => show(Number(slider.value)));
find('back').addEventListener('click', () => show(current - 1));
find('on').addEventListener('click', () => show(current + 1));
curve.addEventListener('click', event => {
  const box = curve.getBoundingClientRect();
  const x = (event.clientX - box.left) / box.width * curve.viewBox.baseVal.width;
  show(Math.round((x - plot.left) / (plot.right - plot.left) * last));
});
onKeys({ArrowLeft: () => show(current - 1), ArrowRight: () => show(current + 1)});
slider.focus({preventScroll: true});
