// Pages as people write them, good and bad, made by dice. Every element has its own `data-i`, so that
// a change can be aimed at any one of them.

import { Dice } from './random.mjs';

/** How well a page is written. */
export const WELL_FORMED = 'well-formed';
export const LEFT_OUT = 'end tags left out';
export const BROKEN = 'broken';

/** Deeper than that there is only text. */
const MAX_DEPTH = 8;

const PHRASING = [
  ...['a', 'b', 'br', 'button', 'em', 'i', 'img', 'input', 'label', 'ruby', 'select', 'span'],
  ...['svg', 'x-card'],
];
const BLOCKS = [
  ...['article', 'blockquote', 'details', 'div', 'dl', 'figure', 'form', 'h1', 'hr', 'nav', 'p'],
  // Twice, for the sake of the many tags that end a paragraph.
  ...['p', 'pre', 'section', 'table', 'textarea', 'ul'],
];
const FLOW = [...PHRASING, ...BLOCKS];
/** What has its place in a list, a table, a menu: anywhere else the parser makes something of it. */
const MISPLACED = [
  ...['caption', 'div', 'dt', 'h2', 'li', 'option', 'p', 'rt', 'table', 'tbody', 'td', 'tr'],
];

const VOID = new Set(['br', 'col', 'hr', 'img', 'input']);
const OPTIONAL_END = new Set([
  ...['body', 'caption', 'colgroup', 'dd', 'dt', 'head', 'html', 'li', 'optgroup', 'option', 'p'],
  ...['rp', 'rt', 'tbody', 'td', 'tfoot', 'th', 'thead', 'tr'],
]);
/** Elements that hold only words and what may stand among them. */
const HOLDS_PHRASING = new Set([
  ...['a', 'b', 'button', 'em', 'h1', 'i', 'label', 'p', 'pre', 'span', 'x-card'],
]);
/** What a visitor can use may not hold another of its kind, nor what is used by a click of its own. */
const CANNOT_NEST = new Set(['a', 'button', 'form', 'label', 'select']);
const INTERACTIVE = new Set(['a', 'button', 'details', 'form', 'input', 'label', 'select']);

const TEXTS = ['words', 'a &amp; b', 'x ', '\n', 'é', '<!-- <p> -->'];
const ATTRIBUTES = [' class=a', ' id=x', ' title="t > t"', ' href="/p?a=1&amp;b=2"'];

/** A page, and the names of its elements; the index of each is its `data-i`. */
export function makeDocument(seed, kind) {
  const writer = new Writer(new Dice(seed), kind);
  const html = writer.document();
  return { html, names: writer.names };
}

class Writer {
  names = [];
  #dice;
  #kind;

  constructor(dice, kind) {
    this.#dice = dice;
    this.#kind = kind;
  }

  document() {
    const doctype = this.#kind === BROKEN && this.#dice.chance(0.3) ? '' : '<!doctype html>';
    const elements = () => this.#times(1, 4, () => this.#element(this.#dice.pick(FLOW), []));
    if (this.#dice.chance(0.5)) return `${doctype}<title>t</title>${elements()}`;
    const head = '<html><head><meta charset=utf-8><title>t</title>';
    const body = this.#open('body') + elements();
    return doctype + head + this.#close('head') + body + this.#close('body') + this.#close('html');
  }

  /** One element with all it holds; `around` are the names of those it stands in, outermost first. */
  #element(wish, around) {
    if (around.length > MAX_DEPTH) return this.#text();
    const broken = this.#kind === BROKEN;
    const name = broken ? wish : permitted(wish, around);
    if (VOID.has(name)) return this.#open(name);
    const inside = [...around, name];
    if (broken && this.#dice.chance(0.15)) {
      const anything = this.#dice.pick([FLOW, MISPLACED]);
      return this.#wrap(name, () => this.#content(anything, inside));
    }
    switch (name) {
      case 'details':
        return this.#wrap(
          name,
          () => this.#wrap('summary', () => this.#text()) + this.#content(FLOW, inside),
        );
      case 'dl':
        return this.#wrap(name, () => this.#definitions(inside));
      case 'ruby':
        return this.#wrap(name, () => this.#annotations());
      case 'select':
        return this.#wrap(name, () => this.#times(1, 3, () => this.#choice()));
      case 'svg':
        return `${this.#open(name)}<g><path d="M0 0"/><text>t</text></g></svg>`;
      case 'table':
        return this.#wrap(name, () => this.#tableParts(inside));
      case 'textarea':
        return `${this.#open(name)}te<xt</textarea>`;
      case 'ul':
        return this.#wrap(name, () => this.#gap() + this.#times(1, 3, () => this.#item(inside)));
      default: {
        const names = HOLDS_PHRASING.has(name) ? PHRASING : FLOW;
        return this.#wrap(name, () => this.#content(names, inside));
      }
    }
  }

  #item(inside) {
    return this.#part('li', FLOW, inside);
  }

  #definitions(inside) {
    const pair = () => this.#part('dt', PHRASING, inside) + this.#part('dd', FLOW, inside);
    return this.#gap() + this.#times(1, 3, pair);
  }

  #annotations() {
    const paren = (text) => this.#wrap('rp', () => text);
    const annotation = () => {
      const before = this.#dice.chance(0.5) ? paren('(') : '';
      const over = this.#wrap('rt', () => this.#text());
      return before + over + (this.#dice.chance(0.5) ? `${paren(')')}ji` : '');
    };
    return `kan${this.#times(1, 2, annotation)}`;
  }

  #choice() {
    const option = () => this.#wrap('option', () => this.#text());
    if (!this.#dice.chance(0.3)) return option();
    return this.#wrap('optgroup', () => option() + option());
  }

  #tableParts(inside) {
    const caption = () => this.#part('caption', PHRASING, inside);
    const columns = () => this.#wrap('colgroup', () => this.#open('col')) + this.#gap();
    const rows = () => this.#gap() + this.#times(1, 2, () => this.#row(inside));
    const sections = this.#dice.pick([[], ['tbody'], ['thead', 'tbody'], ['thead', 'tfoot']]);
    let parts = this.#gap();
    if (this.#dice.chance(0.3)) parts += caption();
    if (this.#dice.chance(0.2)) parts += columns();
    // Rows may do without a section; the parser makes one for them.
    if (sections.length === 0) parts += rows();
    for (const section of sections) parts += this.#wrap(section, rows) + this.#gap();
    return parts;
  }

  #row(inside) {
    const cell = () => {
      const name = this.#dice.pick(['td', 'td', 'th']);
      return this.#part(name, name === 'td' ? FLOW : PHRASING, inside);
    };
    return this.#wrap('tr', () => this.#gap() + this.#times(1, 2, cell)) + this.#gap();
  }

  /** A part of a list or table, filled with elements of those names. */
  #part(name, names, around) {
    return this.#wrap(name, () => this.#content(names, [...around, name])) + this.#gap();
  }

  /** Some words and elements. */
  #content(names, around) {
    return this.#times(0, 3, () =>
      this.#dice.chance(0.35) ? this.#text() : this.#element(this.#dice.pick(names), around),
    );
  }

  #wrap(name, content) {
    return this.#open(name) + content() + this.#close(name);
  }

  #open(name) {
    const index = this.names.push(name) - 1;
    const attribute = this.#dice.chance(0.3) ? this.#dice.pick(ATTRIBUTES) : '';
    return `<${name} data-i=${index}${attribute}>`;
  }

  #close(name) {
    const tag = `</${name}>`;
    if (this.#kind === LEFT_OUT) {
      return OPTIONAL_END.has(name) && this.#dice.chance(0.8) ? '' : tag;
    }
    if (this.#kind === BROKEN) {
      if (this.#dice.chance(0.15)) return '';
      const stray = `</${this.#dice.pick(FLOW)}>`;
      if (this.#dice.chance(0.06)) return stray;
      if (this.#dice.chance(0.03)) return tag + stray;
    }
    return tag;
  }

  #text() {
    return this.#dice.pick(TEXTS);
  }

  /** White space where it means nothing. Who leaves out end tags leaves it out too. */
  #gap() {
    return this.#kind !== LEFT_OUT && this.#dice.chance(0.2) ? '\n' : '';
  }

  #times(least, most, make) {
    return Array.from({ length: this.#dice.between(least, most) }, make).join('');
  }
}

/** The element wished for, or another where the standard does not let that one stand. */
function permitted(name, around) {
  if (CANNOT_NEST.has(name) && around.includes(name)) return 'span';
  const inControl = around.includes('a') || around.includes('button');
  return inControl && INTERACTIVE.has(name) ? 'em' : name;
}
