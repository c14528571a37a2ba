// Writes a tree as HTML: in full, as a minifier would, or with the mistakes that people make.

import { ATTRIBUTES, COMMENTS, ODD_ATTRIBUTES, oddEnd } from './odd.mjs';
import { FLOW, MISPLACED, VOID } from './trees.mjs';

/** How tags are written. */
export const IN_FULL = 'in full';
export const MINIFIED = 'minified';
export const CARELESS = 'careless';
export const WRONG = 'wrong';

const ENDS_PARAGRAPH = new Set([
  ...['address', 'article', 'aside', 'blockquote', 'details', 'dialog', 'div', 'dl', 'fieldset'],
  ...['figcaption', 'figure', 'footer', 'form', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'header'],
  ...['hgroup', 'hr', 'main', 'menu', 'nav', 'ol', 'p', 'pre', 'search', 'section', 'table', 'ul'],
]);
const KEEPS_PARAGRAPH_END = new Set([
  'a',
  'audio',
  'del',
  'ins',
  'map',
  'noscript',
  'video',
  'x-card',
]);

/**
 * After which an element's end tag may go, as the standard says; LAST stands for the end of the
 * parent.
 */
const LAST = '';
const END_MAY_GO_BEFORE = new Map(
  Object.entries({
    li: ['li', LAST],
    dt: ['dt', 'dd'],
    dd: ['dt', 'dd', LAST],
    rt: ['rt', 'rp', LAST],
    rp: ['rt', 'rp', LAST],
    optgroup: ['optgroup', 'hr', LAST],
    option: ['option', 'optgroup', 'hr', LAST],
    thead: ['tbody', 'tfoot'],
    tbody: ['tbody', 'tfoot', LAST],
    tfoot: [LAST],
    tr: ['tr', LAST],
    td: ['td', 'th', LAST],
    th: ['td', 'th', LAST],
  }),
);
/** Those whose end tag may go wherever no space and no comment follows. */
const END_MAY_GO = new Set(['html', 'head', 'body', 'colgroup', 'caption']);
/** Careless people leave out these end tags wherever they please. */
const OPTIONAL_END = new Set([...END_MAY_GO_BEFORE.keys(), ...END_MAY_GO, 'p']);

const HEAD_STARTERS = new Set(['meta', 'noscript', 'link', 'script', 'style', 'template']);
const SECTIONS = new Set(['tbody', 'thead', 'tfoot']);

export class Speller {
  /** The names of the elements written so far; the index of each is its `data-i`. */
  names = [];
  #dice;
  #style;
  /** Sections and column groups whose end tag has just been left out. */
  #endless = null;
  /** How likely a minifier is to leave out a tag that may go. */
  #thorough;

  constructor(dice, style) {
    this.#dice = dice;
    this.#style = style;
    this.#thorough = dice.chance(0.7) ? 1 : 0.7;
  }

  write(nodes, parent = null) {
    return nodes.map((node, at) => this.#node(node, nodes, at, parent)).join('');
  }

  #node(node, siblings, at, parent) {
    if (typeof node === 'string') return this.#mayGo(node, parent) ? '' : node;
    const { name, children, attributes } = node;
    const next = siblings[at + 1];
    const start = this.#mayBegin(node) ? '' : this.open(name, attributes);
    if (VOID.has(name)) return start;
    const content = this.write(children, name);
    const end = this.#close(name, next, parent);
    this.#endless = end ? null : name;
    return start + content + end;
  }

  /** Who leaves out tags leaves out white space where it means nothing. */
  #mayGo(text, parent) {
    if (this.#style !== MINIFIED && this.#style !== CARELESS) return false;
    return text === '\n' && ['ul', 'ol', 'dl', 'table', 'tr', ...SECTIONS].includes(parent);
  }

  open(name, attributes = '') {
    const index = this.names.push(name) - 1;
    this.#endless = null;
    const extra = this.#dice.chance(0.3) ? this.#dice.pick(ATTRIBUTES) : '';
    const all = [` data-i=${index}`, attributes, extra];
    if (this.#style !== WRONG) return `<${name}${all.join('')}>`;
    if (this.#dice.chance(0.15)) {
      all.splice(this.#dice.between(0, 2), 0, this.#dice.pick(ODD_ATTRIBUTES));
    }
    const tag = `<${name}${all.join('')}`;
    if (this.#dice.chance(0.05)) return `${tag} />`;
    return this.#dice.chance(0.05) ? `${tag.replace(name, name.toUpperCase())}\n>` : `${tag}>`;
  }

  #close(name, next, parent) {
    const tag = `</${name}>`;
    switch (this.#style) {
      case MINIFIED:
        return endMayGo(name, next, parent) && this.#dice.chance(this.#thorough) ? '' : tag;
      case CARELESS:
        return OPTIONAL_END.has(name) && this.#dice.chance(0.8) ? '' : tag;
      case WRONG:
        return this.#wrongEnd(name, tag);
      default:
        return tag;
    }
  }

  #wrongEnd(name, tag) {
    const dice = this.#dice;
    if (dice.chance(0.15)) return '';
    if (dice.chance(0.05)) return oddEnd(dice, name);
    const stray = `</${dice.pick(dice.pick([FLOW, MISPLACED]))}>`;
    if (dice.chance(0.06)) return stray;
    if (dice.chance(0.03)) return tag + stray;
    if (dice.chance(0.03)) return stray + tag;
    return dice.chance(0.02) ? tag + dice.pick(COMMENTS) : tag;
  }

  #mayBegin({ name, children }) {
    if (this.#style !== MINIFIED || !this.#dice.chance(this.#thorough)) return false;
    const [first] = children;
    const began = first === undefined ? LAST : (first.name ?? first);
    switch (name) {
      case 'html':
        return !began.startsWith('<!');
      case 'head':
        return began === LAST || first.name !== undefined;
      case 'body':
        return began === LAST || !(HEAD_STARTERS.has(began) || /^(\s|<!)/.test(began));
      case 'colgroup':
        return began === 'col' && this.#endless !== 'colgroup';
      case 'tbody':
        return began === 'tr' && !SECTIONS.has(this.#endless);
      default:
        return false;
    }
  }
}

function endMayGo(name, next, parent) {
  const following = next === undefined ? LAST : (next.name ?? next);
  if (END_MAY_GO.has(name)) return !/^(\s|<!--)/.test(following);
  if (name === 'p') {
    return following === LAST ? !KEEPS_PARAGRAPH_END.has(parent) : ENDS_PARAGRAPH.has(following);
  }
  return END_MAY_GO_BEFORE.get(name)?.includes(following) ?? false;
}
