// Changes by dice, of the kinds that DOM calls can make just as well.

import { RAW } from './documents/odd.mjs';
import { Dice } from './random.mjs';
import { exactSelector, makeSelector, pickElement } from './selectors.mjs';

/**
 * What changes there are. Besides the actions: `misfits` is HTML that does not fit its place,
 * `selectors` are those of all kinds, `expect` says how many elements are meant, `several` is more
 * than one change at a time.
 */
export const FEATURES = [
  ...['after', 'append', 'attribute', 'before', 'class', 'find', 'hide', 'html', 'image', 'meta'],
  ...['move', 'prepend', 'remove', 'replace', 'style', 'text', 'title'],
  ...['misfits', 'selectors', 'expect', 'several'],
];

/** How often each comes up; those that need the element's end are the hard part. */
const ACTIONS = [
  ...[
    'after',
    'after',
    'append',
    'append',
    'attribute',
    'before',
    'before',
    'class',
    'find',
    'find',
  ],
  ...['hide', 'html', 'html', 'meta', 'move', 'move', 'move', 'prepend', 'prepend', 'remove'],
  ...['remove', 'remove', 'replace', 'replace', 'style', 'text', 'text', 'title'],
];

const ROW = '<tr><td>new</td></tr>';
const SECTION = `<tbody>${ROW}</tbody>`;
const LOOSE = ['new', '<b>new</b>', '<i>a</i> b', '<!-- new -->', '<img src=x>'];

/** What may stand beside an element; null where nothing may. Beside others, loose words may. */
const BESIDE = new Map([
  ...['td', 'th', 'li', 'dt', 'dd', 'option'].map((name) => [name, `<${name}>new</${name}>`]),
  ...['tbody', 'thead', 'tfoot'].map((name) => [name, SECTION]),
  ...['body', 'caption', 'col', 'colgroup', 'rp', 'rt', 'summary'].map((name) => [name, null]),
  ...['head', 'html'].map((name) => [name, null]),
  ...['link', 'meta', 'title', 'base'].map((name) => [name, '<!-- new -->']),
  ['optgroup', '<option>new</option>'],
  ['tr', ROW],
]);

/** What may stand in an element, in the same way. */
const INSIDE = new Map([
  ...['caption', 'option', 'ruby', 'summary', 'title', 'textarea'].map((name) => [name, 'new']),
  ...['optgroup', 'select'].map((name) => [name, '<option>new</option>']),
  ...['tbody', 'thead', 'tfoot'].map((name) => [name, ROW]),
  ...['col', 'colgroup', 'html', 'meta', 'link', 'base'].map((name) => [name, null]),
  ...['svg', 'g'].map((name) => [name, '<path d="M0 0"/>']),
  ['dl', '<dt>new</dt>'],
  ['head', '<!-- new -->'],
  ['table', SECTION],
  ['tr', '<td>new</td>'],
  ['ul', '<li>new</li>'],
]);

/** What has no place in most elements, or needs them to be left as they are. */
const MISFITS = [
  ...['<div>new</div>', '<p>new', '<li>x', ROW, '<b>new', 'new', '<p>a<p>b', '</p>', '</div>new'],
  ...['<table><tr><td>x</table>', '<option>o', '<td>c', '<svg><circle /></svg>', '<form>f</form>'],
  ...[
    '<a href=x>y</a>',
    '<h2>h</h2>',
    '<select><option>o</select>',
    '<template>t</template>',
    '<hr>',
  ],
  ...[
    '<body class=q>',
    '<textarea>\n\nx</textarea>',
    '\nnew',
    '\n\nnew',
    ' new ',
    '<caption>c',
    '<br>',
  ],
  ...[
    '<i><p>x</i>y',
    '<table>x</table>',
    '<nobr>n',
    '<button>b</button>',
    '<title>t</title>',
    '<g/>x',
  ],
  ...[
    '<!-- new',
    '<dd>d',
    '<ul><li>a<li>b</ul>',
    '<head><meta>',
    '<rt>r',
    '<col>',
    'a &lt; b &amp c',
  ],
  ...[
    '<math><mi>x</mi></math>',
    '<style>a{}</style>',
    '<pre>\nx</pre>',
    '<b>1<b>2<b>3<b>4',
    '<!---->',
  ],
];

/** What found words become. */
const DEEDS = ['new', 'deeds & <b>', '', 'new\nlines', 'ß'];

/** Far from the seeds of the pages, or the change would hang together with the page's form. */
const APART = 0x5bd1e995;

/** One or more changes of elements of that tree, of the features that are enabled. */
export function makeChanges(seed, tree, enabled) {
  const maker = new Maker(new Dice(seed + APART), tree, enabled);
  return maker.changes();
}

class Maker {
  #dice;
  #tree;
  #enabled;
  #actions;

  constructor(dice, tree, enabled) {
    this.#dice = dice;
    this.#tree = tree;
    this.#enabled = new Set(enabled);
    this.#actions = ACTIONS.filter((action) => this.#enabled.has(action));
  }

  changes() {
    const several = this.#enabled.has('several') && this.#dice.chance(0.25);
    return Array.from({ length: several ? this.#dice.between(2, 4) : 1 }, () => this.#change());
  }

  #change() {
    const dice = this.#dice;
    const wish = dice.pick(this.#actions);
    const images = this.#enabled.has('image')
      ? this.#tree.elements.filter(({ name, isHtml }) => name === 'img' && isHtml)
      : [];
    if (images.length > 0 && dice.chance(0.4)) return this.#image(dice.pick(images));
    // Where nothing else is wanted.
    if (wish === undefined) return this.#image(pickElement(dice, this.#tree));
    if (wish === 'title') return { title: dice.pick(['New', 'a & <b>', '</title>', '']) };
    if (wish === 'meta') return { meta: { [dice.pick(['description', 'x'])]: 'new "d" & <e>' } };
    if (wish === 'find') return this.#find();
    if (wish === 'move') return this.#move();
    const element = pickElement(dice, this.#tree);
    const anyhow = this.#enabled.has('selectors') && dice.chance(0.5);
    const selector = anyhow
      ? makeSelector(dice, this.#tree, element)
      : exactSelector(this.#tree, element);
    const change = { selector, ...this.#action(wish, element.name) };
    const expects = anyhow && this.#enabled.has('expect') && dice.chance(0.4);
    return expects ? { ...change, expect: dice.pick(['one', 'all', 'at-least-one']) } : change;
  }

  /** Another picture for an image, and now and then for one that is none. */
  #image(element) {
    const dice = this.#dice;
    const image = dice.pick([
      { src: '/b.jpg' },
      { src: '/b.jpg', srcset: '/b.jpg 1x, /c.jpg 2x', alt: 'New "b"' },
      { src: '/b.jpg?a&b', srcset: '/b.jpg 9w', sizes: '50vw', alt: '' },
    ]);
    const loose = this.#enabled.has('selectors') && dice.chance(0.3);
    const selector = loose ? dice.pick(['img', 'picture > *']) : exactSelector(this.#tree, element);
    return { selector, image };
  }

  /** Finds words that are there, in the element that has them or one around it. */
  #find() {
    const dice = this.#dice;
    const speaking = this.#tree.elements.filter(
      ({ name, text }) => text.trim() !== '' && (!RAW.includes(name) || dice.chance(0.05)),
    );
    const element = speaking.length > 0 ? dice.pick(speaking) : pickElement(dice, this.#tree);
    const words = element.text.split(/[\t\n\f\r ]+/).filter(Boolean);
    const start = dice.between(0, words.length - 1);
    const phrase = words.slice(start, start + dice.between(1, 3)).join(' ') || 'words';
    const text = dice.chance(0.2)
      ? [...phrase].slice(0, dice.between(1, 4)).join('').trim()
      : phrase;
    const deed = dice.pick(DEEDS);
    const around = dice.chance(0.5) ? element : dice.pick([element, ...this.#tree.around(element)]);
    const find = { text, with: deed.includes(text) ? '' : deed };
    return { selector: exactSelector(this.#tree, around), find };
  }

  /** Moves an element to a place that does not lie in it, if there is one. */
  #move() {
    const dice = this.#dice;
    let [element, target] = [pickElement(dice, this.#tree), pickElement(dice, this.#tree)];
    if (this.#tree.around(target).includes(element)) [element, target] = [target, element];
    const side = dice.pick(['before', 'after', 'prepend', 'append']);
    const move = { [side]: exactSelector(this.#tree, target) };
    const loose = this.#enabled.has('selectors') && dice.chance(0.2);
    const selector = loose
      ? makeSelector(dice, this.#tree, element)
      : exactSelector(this.#tree, element);
    return { selector, move };
  }

  #action(wish, name) {
    const dice = this.#dice;
    switch (wish) {
      case 'remove':
        return { remove: true };
      case 'hide':
        return { hide: true };
      case 'style':
        return { style: { color: 'red', 'margin-top': '1px' } };
      case 'text':
        return { text: dice.pick(['new & <x>', 'new', '', '\nnew', ' ']) };
      case 'attribute':
        return { attribute: dice.pick([{ title: 'a "b" & c', href: null }, { id: 'new' }]) };
      case 'class':
        return {
          class: dice.pick([{ add: ['z', 'a'], remove: ['b'] }, { add: ['a'] }, { remove: ['a'] }]),
        };
      case 'html':
        return { html: this.#html(INSIDE, name) };
      case 'replace':
        return { replace: this.#html(BESIDE, name) };
      case 'before':
      case 'after':
        return { insert: { [wish]: this.#html(BESIDE, name) } };
      default:
        return { insert: { [wish]: this.#html(INSIDE, name) } };
    }
  }

  /** HTML that fits the place, or does not. */
  #html(places, name) {
    const dice = this.#dice;
    if (this.#enabled.has('misfits') && dice.chance(0.35)) return dice.pick(MISFITS);
    const known = places.get(name);
    return known ?? (known === null ? '<!-- new -->' : dice.pick(LOOSE));
  }
}
