// One change to one element, of the kinds that a DOM call can make just as well.

import { Dice } from './random.mjs';

const ROW = '<tr><td>new</td></tr>';
const SECTION = `<tbody>${ROW}</tbody>`;
const LOOSE = ['new', '<b>new</b>', '<i>a</i> b'];

/** What may stand beside an element; null where nothing may. Beside others, loose words may. */
const BESIDE = new Map([
  ...['td', 'th', 'li', 'dt', 'dd', 'option'].map((name) => [name, `<${name}>new</${name}>`]),
  ...['tbody', 'thead', 'tfoot'].map((name) => [name, SECTION]),
  ...['body', 'caption', 'col', 'colgroup', 'rp', 'rt', 'summary'].map((name) => [name, null]),
  ['optgroup', '<option>new</option>'],
  ['tr', ROW],
]);

/** What may stand in an element, in the same way. */
const INSIDE = new Map([
  ...['caption', 'option', 'ruby', 'summary'].map((name) => [name, 'new']),
  ...['optgroup', 'select'].map((name) => [name, '<option>new</option>']),
  ...['tbody', 'thead', 'tfoot'].map((name) => [name, ROW]),
  ...['col', 'colgroup', 'svg'].map((name) => [name, null]),
  ['dl', '<dt>new</dt>'],
  ['table', SECTION],
  ['tr', '<td>new</td>'],
  ['ul', '<li>new</li>'],
]);

/** A few come twice: they need the element's end, which is the hard part. */
const ACTIONS = [
  ...['after', 'after', 'append', 'append', 'attribute', 'before', 'class', 'html', 'prepend'],
  ...['remove', 'remove', 'text'],
];

/** Far from the seeds of the pages, or the element would hang together with the page's form. */
const APART = 0x5bd1e995;

/** A change of any of a page's elements, whose names are given. */
export function makeChange(seed, names) {
  const dice = new Dice(seed + APART);
  const index = dice.between(0, names.length - 1);
  return { selector: `[data-i="${index}"]`, ...action(dice, names[index]) };
}

function action(dice, name) {
  const wish = dice.pick(ACTIONS);
  const content = (places) => (places.has(name) ? places.get(name) : dice.pick(LOOSE));
  const remove = { remove: true };
  switch (wish) {
    case 'remove':
      return remove;
    case 'text':
      // Words may stand where loose HTML may.
      return INSIDE.has(name) && INSIDE.get(name) !== 'new' ? remove : { text: 'new & <x>' };
    case 'attribute':
      return { attribute: { title: 'a "b" & c', href: null } };
    case 'class':
      return { class: { add: ['z', 'a'], remove: ['b'] } };
    case 'html': {
      const html = content(INSIDE);
      return html ? { html } : remove;
    }
    default: {
      const html = content(['before', 'after'].includes(wish) ? BESIDE : INSIDE);
      return html ? { insert: { [wish]: html } } : remove;
    }
  }
}
