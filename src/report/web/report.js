// The report: where the page's address leads, and keys.

/// Of "#unit/NETWORK/LAYER/N".
function findUnit(hash) {
  const [network, layer, number] = hash.slice('#unit/'.length).split('/').map(decodeURIComponent);
  return data.units.find(unit => nameOf(unit) === network && layerOf(unit).name === layer &&
                                 unit.unit === Number(number));
}

function follow() {
  const hash = location.hash;
  if (hash.startsWith('#unit/')) {
    const unit = findUnit(hash);
    if (unit) return showUnit(unit);
    find('count').textContent = `No unit ${decodeURIComponent(hash.slice(6))} in this report.`;
    find('units').scrollIntoView();
  } else if (hash.startsWith('#units?')) {
    if (find('unit').open) find('unit').close();
    putFilters(new URLSearchParams(hash.slice('#units?'.length)));
    drawUnits();
    find('units').scrollIntoView();
  } else if (find('unit').open) {
    find('unit').close();
  } else if (hash.length > 1) {
    document.getElementById(hash.slice(1))?.scrollIntoView();
  }
}

drawSections();
startUnits();
startUnit();
addEventListener('hashchange', follow);
follow();
onKeys({
  '/': () => {
    if (find('unit').open) return;
    find('units').scrollIntoView();
    find('search').focus();
  },
  ArrowLeft: () => { if (openUnit) step(-1); },
  ArrowRight: () => { if (openUnit) step(1); },
});
