'use strict';
// The images of a unit, tiles of one sheet, of which any can be crossed out.

/// Shows one tile of a unit's sheet as an element's background.
function showTile(element, unit, tile) {
  const {columns} = annotationTask;
  const rows = Math.ceil(unit.tiles / columns);
  const share = (place, count) => count > 1 ? `${100 * place / (count - 1)}%` : '0%';
  const across = share(tile % columns, columns), down = share(Math.floor(tile / columns), rows);
  element.style.backgroundImage = `url("${new URL(unit.sheet, document.baseURI).href}")`;
  element.style.backgroundSize = `${100 * columns}% ${100 * rows}%`;
  element.style.backgroundPosition = `${across} ${down}`;
}

/// Loads a sheet, so that it shows at once later. Error where it is not there.
function loadSheet(unit) {
  const image = new Image();
  image.src = unit.sheet;
  return image.decode();
}

class Grid {
  /// Calls `toggled(tile)` and `looked(tile)`.
  constructor(element, {toggled, looked}) {
    this.element = element;
    this.toggled = toggled;
    this.looked = looked;
    this.tiles = [];
    this.place = 0;  // the tile that has the focus while the grid has it
    this.hovered = -1;
    element.addEventListener('click', event => this.click(event));
    element.addEventListener('keydown', event => this.press(event));
    element.addEventListener('focusin', event => this.stand(this.tileOf(event)));
    element.addEventListener('pointerover', event => this.hovered = this.tileOf(event));
    element.addEventListener('pointerleave', () => this.hovered = -1);
    this.watchLongPress();
  }

  /// The tiles of a unit, none crossed out.
  show(unit) {
    this.tiles = Array.from({length: unit.tiles}, (_, tile) => {
      const button = make('button', 'tile');
      button.type = 'button';
      showTile(button, unit, tile);
      return button;
    });
    this.element.replaceChildren(...this.tiles);
    this.stand(0);
  }

  draw(crossed) {
    this.tiles.forEach((button, tile) => {
      const is = crossed.includes(tile);
      button.setAttribute('aria-pressed', is);
      button.setAttribute('aria-label', say(is ? 'imageCrossed' : 'image', {n: tile + 1}));
    });
  }

  focus(tile = this.place) {
    this.stand(tile);
    this.tiles[this.place]?.focus();
  }

  /// Where a key leads from a tile; the tile itself at an edge, nothing where it is another key.
  after(tile, key) {
    const columns = getComputedStyle(this.element).gridTemplateColumns.split(' ').length;
    const last = this.tiles.length - 1;
    const step = {ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns}[key];
    if (key === 'Home') return 0;
    if (key === 'End') return last;
    if (step === undefined) return undefined;
    return tile + step < 0 || tile + step > last ? tile : tile + step;
  }

  stand(tile) {
    if (tile < 0) return;
    this.place = tile;
    this.tiles.forEach((button, each) => button.tabIndex = each === tile ? 0 : -1);
  }

  tileOf(event) {
    return this.tiles.indexOf(event.target.closest('.tile'));
  }

  click(event) {
    const tile = this.tileOf(event);
    const isEndOfPress = this.wasLongPress;
    this.wasLongPress = false;
    if (tile < 0 || isEndOfPress) return;
    this.stand(tile);
    this.toggled(tile);
  }

  press(event) {
    const tile = this.tileOf(event);
    if (tile < 0 || event.ctrlKey || event.altKey || event.metaKey) return;
    const next = this.after(tile, event.key);
    if (next !== undefined) {
      this.focus(next);
    } else if (event.key === 'x' || event.key === 'X') {
      this.toggled(tile);
    } else if (event.key === 'Enter') {
      this.looked(tile);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  // A finger that stays looks closer and crosses nothing out.
  watchLongPress() {
    let timer = 0;
    this.wasLongPress = false;
    this.element.addEventListener('pointerdown', event => {
      this.wasLongPress = false;
      const tile = this.tileOf(event);
      if (event.pointerType === 'mouse' || tile < 0) return;
      timer = setTimeout(() => {
        this.wasLongPress = true;
        this.looked(tile);
      }, 450);
    });
    for (const kind of ['pointerup', 'pointercancel', 'pointerleave']) {
      this.element.addEventListener(kind, () => clearTimeout(timer));
    }
    this.element.addEventListener('contextmenu', event => {
      if (this.wasLongPress) event.preventDefault();
    });
  }
}
