// The parts of the report that follow the paper.

function makeSection(section) {
  const part = make('section');
  part.id = section.id;
  part.tabIndex = -1;
  const title = make('h2', '', section.title);
  title.id = `${section.id}-title`;
  part.setAttribute('aria-labelledby', title.id);
  part.append(title, make('p', 'where', section.where));
  if (section.missing) {
    const missing = make('p', '', 'Not in this run. It is made by ');
    missing.append(make('code', '', section.missing));
    part.append(missing);
    return part;
  }
  if (section.says) part.append(make('p', 'says', section.says));
  // Plots that follow each other stand side by side.
  let plots = null;
  for (const block of section.blocks) {
    if (block.plot) {
      if (!plots) part.append(plots = make('div', 'plots'));
      plots.append(makeFigure(makePicture(block.plot, block.caption), block.caption));
      plots.lastChild.append(makeSave(block.plot, section.id));
      continue;
    }
    plots = null;
    if (block.table) part.append(makeTable(block.table));
    if (block.text) part.append(make('p', 'text', block.text));
    if (block.photo) {
      const {photo, caption, width, height} = block;
      part.append(makeFigure(makePicture(photo, caption, width, height), caption));
    }
  }
  if (section.differs) {
    const differs = make('p', 'differs');
    differs.append(make('b', '', 'Why the paper’s figures differ: '), section.differs);
    part.append(differs);
  }
  if (section.commands.length > 0) part.append(makeCopy('Made by', section.commands.join('\n')));
  return part;
}

/// A link that saves a plot as it is.
function makeSave(source, name) {
  const save = make('a', 'muted', 'Save as SVG');
  save.href = source;
  save.download = `${name}.svg`;
  return save;
}

function drawSections() {
  find('title').textContent = data.title;
  find('about').textContent = data.about;
  find('about').hidden = !data.about;
  find('found').append(...data.found.map(sentence => make('li', '', shown(sentence))));
  find('made').textContent =
      `${data.results} results in ${data.folder}, by netdissect ${data.version}.`;
  find('left-out').hidden = data.left_out.length === 0;
  find('left-out').append(...data.left_out.map(why => make('li', '', `Left out: ${why}`)));
  const paper = {id: 'paper', title: 'The paper’s figures and these', where: 'All of the paper',
                 says: '', blocks: [{table: data.paper}], differs: '', commands: [], missing: ''};
  const sections = data.paper.rows.length > 0 ? [paper, ...data.sections] : data.sections;
  find('sections').append(...sections.map(makeSection));
  const links = sections.map(({id, title}) => [id, title]);
  if (data.units.length > 0) links.push(['units', `Units (${data.units.length})`]);
  for (const [id, title] of links) {
    const item = make('li'), link = make('a', '', title);
    link.href = `#${id}`;
    item.append(link);
    find('contents').append(item);
  }
}
