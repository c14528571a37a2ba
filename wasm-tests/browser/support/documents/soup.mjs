// Tags in no order at all. A parser has to make a page of this too, and the standard says which.

import {
  ATTRIBUTES,
  COMMENTS,
  ODD_ATTRIBUTES,
  ODD_TEXTS,
  oddEnd,
  RAW,
  rawText,
  TEXTS,
} from './odd.mjs';
import { VOID } from './trees.mjs';

const FORMATTING = [
  ...['a', 'b', 'big', 'code', 'em', 'font', 'i', 'nobr', 's', 'small', 'strike', 'strong', 'tt'],
  'u',
];
const BLOCKS = [
  ...['address', 'article', 'aside', 'blockquote', 'center', 'dd', 'details', 'dialog', 'dir'],
  ...['div', 'dl', 'dt', 'fieldset', 'figcaption', 'figure', 'footer', 'form', 'h1', 'h2', 'h6'],
  ...['header', 'hgroup', 'hr', 'li', 'listing', 'main', 'menu', 'nav', 'ol', 'p', 'pre', 'search'],
  ...['section', 'summary', 'ul'],
];
const OTHERS = [
  ...['applet', 'area', 'audio', 'bgsound', 'br', 'button', 'embed', 'image', 'img', 'input'],
  ...['keygen', 'label', 'marquee', 'object', 'param', 'rb', 'rp', 'rt', 'rtc', 'ruby', 'source'],
  ...[
    'span',
    'sup',
    'video',
    'wbr',
    'x-card',
    'command',
    'isindex',
    'portal',
    'slot',
    'ins',
    'plaintext',
  ],
];
const TABLE = ['caption', 'col', 'colgroup', 'table', 'tbody', 'td', 'tfoot', 'th', 'thead', 'tr'];
/**
 * Not among them is `selectedcontent`, which the browser fills with a copy of an option: what a change
 * of the one does to the other is told by no page.
 */
const CHOICES = ['select', 'option', 'optgroup', 'hr', 'button', 'datalist'];
const SVG = [
  ...['svg', 'svg', 'g', 'path', 'foreignObject', 'foreignobject', 'desc', 'title', 'a', 'font'],
  ...['lineargradient', 'text', 'style', 'script', 'use', 'image', 'template', 'switch'],
];
const MATH = [
  ...['math', 'math', 'mi', 'mo', 'mn', 'ms', 'mtext', 'annotation-xml', 'mrow', 'mglyph'],
  ...['malignmark', 'semantics', 'svg'],
];
const PAGE = [
  'html',
  'head',
  'body',
  'base',
  'link',
  'meta',
  'title',
  'style',
  'template',
  'script',
];
const FRAMES = ['frameset', 'frame', 'noframes'];

/** Sets of names that go together, by what a page is about; the first comes up most. */
const VOCABULARIES = {
  anything: [FORMATTING, BLOCKS, OTHERS, TABLE, CHOICES, SVG, MATH, PAGE, RAW, FRAMES],
  inline: [
    FORMATTING,
    FORMATTING,
    BLOCKS,
    ['applet', 'marquee', 'object', 'td', 'table', 'button'],
  ],
  blocks: [BLOCKS, BLOCKS, FORMATTING, ['button', 'p', 'li', 'dd', 'ruby', 'rt', 'rp', 'option']],
  foreign: [[...SVG, ...MATH], SVG, MATH, ['p', 'div', 'b', 'font', 'br', 'table', 'td', 'select']],
  tables: [
    TABLE,
    TABLE,
    ['b', 'p', 'div', 'input', 'form', 'a', 'select', 'template', 'script', 'svg'],
  ],
  templates: [['template', 'template'], TABLE, ['div', 'p', 'li', 'option', 'b'], PAGE, CHOICES],
  choices: [CHOICES, CHOICES, ['p', 'div', 'b', 'input', 'table', 'td', 'textarea', 'svg', 'form']],
  page: [PAGE, PAGE, ['p', 'div', 'br', 'noscript', 'noframes', 'svg', 'table'], FRAMES],
  frames: [FRAMES, FRAMES, ['html', 'body', 'head', 'noframes', 'p', 'title', 'input', 'div']],
};
export const TOPICS = Object.keys(VOCABULARIES);

/** Of pages that are about nothing else. */
const PICTURES = [
  ['picture', 'picture', 'source', 'source', 'source', 'img', 'img'],
  ['picture', 'source', 'img', 'p', 'b', 'a', 'div', 'table', 'td', 'template', 'svg', 'select'],
];

/** Attributes without which an element is not what the parser takes notice of. */
const TELLING = new Map([
  ['annotation-xml', [' encoding=text/html', ' encoding="application/xhtml+xml"', ' encoding=x']],
  ['font', [' color=red', ' size=1', ' face=x', ' x']],
  ['input', [' type=hidden', ' type=HIDDEN', ' type=text']],
  ['template', [' shadowrootmode=open', ' shadowrootmode=OPEN', ' shadowrootmode=x']],
  ['meta', [' charset=utf-8', ' name=description content=d']],
]);

export class Cook {
  /** The names of the elements written so far; the index of each is its `data-i`. */
  names = [];
  #dice;
  #names;
  /** Names of start tags that have had no end tag; what the parser makes of them is another matter. */
  #open = [];

  constructor(dice, topic) {
    this.#dice = dice;
    this.#names = topic === 'pictures' ? PICTURES : VOCABULARIES[topic];
  }

  cook(least, most) {
    const number = this.#dice.between(least, most);
    const parts = Array.from({ length: number }, () => this.#token());
    // The page may break off anywhere.
    if (this.#dice.chance(0.06))
      parts.push(this.#dice.pick(['<', '</', '<p', '<!--', '<!-- a', '<b x="']));
    return parts.join('');
  }

  #token() {
    const dice = this.#dice;
    const roll = dice.between(1, 100);
    if (roll <= 50) return this.#start(this.#name());
    if (roll <= 70 && this.#open.length > 0) return this.#end(this.#openName());
    if (roll <= 78) return this.#end(this.#name());
    if (roll <= 93) return dice.pick(dice.chance(0.2) ? ODD_TEXTS : TEXTS);
    return dice.chance(0.5) ? dice.pick(COMMENTS) : this.#start(dice.pick(RAW));
  }

  #name() {
    const first = this.#dice.chance(0.3);
    return this.#dice.pick(first ? this.#names[0] : this.#dice.pick(this.#names));
  }

  #openName() {
    // Most often the last one, as in pages that are right.
    const back = this.#dice.chance(0.6) ? 0 : this.#dice.between(0, this.#open.length - 1);
    const [name] = this.#open.splice(this.#open.length - 1 - back, 1);
    return name;
  }

  #start(name) {
    const dice = this.#dice;
    const index = this.names.push(name) - 1;
    const parts = [` data-i=${index}`];
    if (TELLING.has(name) && dice.chance(0.5)) parts.push(dice.pick(TELLING.get(name)));
    if (dice.chance(0.15)) parts.push(dice.pick(ATTRIBUTES));
    if (dice.chance(0.04)) parts.unshift(dice.pick(ODD_ATTRIBUTES));
    const spelled = dice.chance(0.03) ? name.toUpperCase() : name;
    const tag = `<${spelled}${parts.join('')}${dice.chance(0.06) ? ' /' : ''}>`;
    if (RAW.includes(name) && dice.chance(0.85)) return `${tag}${rawText(dice, name)}</${name}>`;
    if (!VOID.has(name)) this.#open.push(name);
    return tag;
  }

  #end(name) {
    return this.#dice.chance(0.05) ? oddEnd(this.#dice, name) : `</${name}>`;
  }
}
