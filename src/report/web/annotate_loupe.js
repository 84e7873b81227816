'use strict';
// One image, large: as a dialog that goes through the images, or only while a key is held.

class Loupe {
  /// `crossed()` are the tiles crossed out now; calls `toggled(tile)`.
  constructor(grid, {crossed, toggled}) {
    this.grid = grid;
    this.crossed = crossed;
    this.toggled = toggled;
    this.dialog = find('loupe');
    this.tile = 0;
    this.dialog.addEventListener('keydown', event => this.press(event));
    this.dialog.addEventListener('close', () => this.grid.focus(this.tile));
    find('loupe-back').addEventListener('click', () => this.move('ArrowLeft'));
    find('loupe-on').addEventListener('click', () => this.move('ArrowRight'));
    find('loupe-cross').addEventListener('click', () => this.toggle());
    grid.element.addEventListener('pointerover', event => {
      if (this.isHeld && grid.tileOf(event) >= 0) this.draw(grid.tileOf(event));
    });
  }

  setUnit(unit) {
    this.unit = unit;
  }

  get isHeld() {
    return this.dialog.classList.contains('held');
  }

  open(tile) {
    this.draw(tile);
    if (!this.dialog.open) this.dialog.showModal();
    find('loupe-cross').focus();
  }

  /// Shows a tile until `release`; the focus and the pointer stay where they are.
  hold(tile) {
    if (this.dialog.open) return;
    this.draw(tile);
    this.dialog.classList.add('held');
    this.dialog.setAttribute('open', '');
  }

  release() {
    if (!this.isHeld) return;
    this.dialog.classList.remove('held');
    this.dialog.removeAttribute('open');
  }

  draw(tile) {
    this.tile = tile;
    const is = this.crossed().includes(tile);
    const text = say(is ? 'imageOfCrossed' : 'imageOf', {n: tile + 1, total: this.unit.tiles});
    const picture = find('loupe-picture');
    showTile(picture, this.unit, tile);
    picture.classList.toggle('crossed', is);
    picture.setAttribute('aria-label', text);
    find('loupe-text').textContent = text;
    find('loupe-cross').textContent = say(is ? 'crossIn' : 'crossOut');
    find('loupe-back').disabled = tile === 0;
    find('loupe-on').disabled = tile === this.unit.tiles - 1;
  }

  toggle() {
    this.toggled(this.tile);
    this.draw(this.tile);
  }

  move(key) {
    const next = this.grid.after(this.tile, key);
    if (next === undefined) return false;
    this.draw(next);
    // A button at the end is disabled, and would keep the keys for itself.
    if (document.activeElement?.disabled || document.activeElement === document.body) {
      find('loupe-cross').focus();
    }
    return true;
  }

  press(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === 'x' || event.key === 'X') {
      this.toggle();
    } else if (event.key === 'l' || event.key === 'L') {
      this.dialog.close();
    } else if (!this.move(event.key)) {
      return;
    }
    event.preventDefault();
  }
}
