// What all pages share. A page's own script follows in the same module.

/// What the program has to say.
const data = JSON.parse(document.getElementById('data').textContent);

/// The element of this id.
function find(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`expected an element "${id}", found none`);
  return found;
}

/// Appends to `parent` a new element of SVG and returns it.
function appendSvg(parent, kind, attributes = {}, text = '') {
  const made = document.createElementNS('http://www.w3.org/2000/svg', kind);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.textContent = text;
  parent.append(made);
  return made;
}

/// Calls the action of a key pressed anywhere but where the key has a meaning already.
function onKeys(actions) {
  document.addEventListener('keydown', event => {
    const action = actions[event.key];
    if (!action || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    if (event.target.closest('input, select, textarea')) return;
    event.preventDefault();
    action();
  });
}
