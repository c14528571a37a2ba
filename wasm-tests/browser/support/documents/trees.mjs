// Pages as trees, made by dice. A page in earnest keeps to the standard's content models; the others
// put anything anywhere now and then.

import { COMMENTS, GOOD_COMMENTS, goodRawText, ODD_TEXTS, rawText, TEXTS } from './odd.mjs';

/** Deeper than that, or after that many elements, there is only text. */
const MAX_DEPTH = 8;
const MAX_ELEMENTS = 60;

export const VOID = new Set([
  ...['area', 'base', 'basefont', 'bgsound', 'br', 'col', 'embed', 'frame', 'hr', 'image', 'img'],
  ...['input', 'keygen', 'link', 'meta', 'param', 'source', 'track', 'wbr'],
]);

const PHRASING = [
  ...['a', 'abbr', 'b', 'br', 'button', 'code', 'em', 'i', 'img', 'input', 'label', 'ruby'],
  ...[
    'select',
    'span',
    'span',
    'strong',
    'svg',
    'u',
    'wbr',
    'x-card',
    'math',
    'object',
    'noscript',
  ],
];
const BLOCKS = [
  ...['article', 'blockquote', 'details', 'div', 'dl', 'figure', 'form', 'h1', 'h2', 'hr', 'nav'],
  // Twice, for the sake of the many tags that end a paragraph.
  ...['p', 'p', 'pre', 'section', 'table', 'table', 'textarea', 'ul', 'ol', 'template', 'menu'],
];
export const FLOW = [...PHRASING, ...BLOCKS];

/** What has its place in a list, a table, a menu: anywhere else the parser makes something of it. */
export const MISPLACED = [
  ...[
    'caption',
    'div',
    'dt',
    'h2',
    'li',
    'option',
    'p',
    'rt',
    'table',
    'tbody',
    'td',
    'tr',
    'form',
  ],
  ...['a', 'nobr', 'button', 'b', 'col', 'title', 'h1', 'dd', 'svg', 'template', 'select', 'hr'],
];

/** Elements that hold only words and what may stand among them. */
const HOLDS_PHRASING = new Set([
  ...['a', 'abbr', 'b', 'button', 'code', 'em', 'h1', 'h2', 'i', 'label', 'noscript', 'p', 'pre'],
  ...['span', 'strong', 'u', 'x-card'],
]);
/** What a visitor can use may not hold another of its kind, nor what is used by a click of its own. */
const CANNOT_NEST = new Set(['a', 'button', 'form', 'label', 'select', 'noscript']);
const INTERACTIVE = new Set([
  'a',
  'button',
  'details',
  'form',
  'input',
  'label',
  'select',
  'object',
]);

const HEADS = ['meta', 'link', 'style', 'script', 'noscript', 'base', 'template'];
const SHAPES = ['g', 'path', 'circle', 'text', 'linearGradient', 'a', 'use'];
const SIGNS = ['mi', 'mo', 'mn', 'mtext'];

/** An element of a tree: its name, what is in it, and attributes that it cannot do without. */
export const element = (name, children = [], attributes = '') => ({ name, children, attributes });

/** Grows trees. Each method gives nodes: elements, or texts and comments as they are written. */
export class Grower {
  #dice;
  #mischief;
  #themes;
  #left = MAX_ELEMENTS;

  /**
   * `mischief` is the chance that an element holds what it should not; `themes` are elements that
   * come up more often than others.
   */
  constructor(dice, mischief, themes = []) {
    this.#dice = dice;
    this.#mischief = mischief;
    this.#themes = themes;
  }

  head() {
    const extra = this.#times(0, 2, () => this.#headElement(this.#dice.pick(HEADS)));
    const title = element('title', [this.#dice.pick(['t', 'a &amp; <b>', 'Old words'])]);
    return [element('meta', [], ' charset=utf-8'), title, ...extra];
  }

  body() {
    return this.#times(1, 4, () => this.#element(this.#wish(FLOW), []));
  }

  #headElement(name) {
    if (name === 'noscript') return element(name, ['<link rel=x>']);
    if (name === 'template') return element(name, this.#content(FLOW, ['template']));
    if (VOID.has(name)) return element(name, [], name === 'base' ? ' target=x' : ' name=x');
    return element(name, [this.#raw(name)]);
  }

  /** One element with all it holds; `around` are the names of those it stands in, outermost first. */
  #element(wish, around) {
    this.#left -= 1;
    if (around.length > MAX_DEPTH || this.#left < 0) return this.#text();
    const astray = this.#dice.chance(this.#mischief);
    const name = this.#mischief > 0 ? wish : permitted(wish, around);
    if (VOID.has(name)) return element(name);
    const inside = [...around, name];
    if (astray) return element(name, this.#content(this.#dice.pick([FLOW, MISPLACED]), inside));
    switch (name) {
      case 'details':
        return element(name, [element('summary', [this.#text()]), ...this.#content(FLOW, inside)]);
      case 'dl':
        return element(name, this.#definitions(inside));
      case 'figure':
        return element(name, [...this.#content(FLOW, inside), element('figcaption', ['f'])]);
      case 'math':
        return element(name, this.#formula(inside));
      case 'object':
        return element(name, [element('param'), ...this.#content(PHRASING, inside)]);
      case 'picture':
        return element(name, this.#sources(inside));
      case 'ruby':
        return element(name, this.#annotations());
      case 'select':
        return element(name, this.#times(1, 3, () => this.#choice()).flat());
      case 'svg':
        return element(name, this.#picture(inside));
      case 'table':
        return element(name, this.#tableParts(inside));
      case 'template':
        return this.#template(inside);
      case 'textarea':
      case 'noscript':
        return element(name, [this.#raw(name)]);
      case 'ul':
      case 'ol':
        return element(name, [
          ...this.#gap(),
          ...this.#times(1, 3, () => this.#item(inside)).flat(),
        ]);
      default:
        return element(name, this.#content(HOLDS_PHRASING.has(name) ? PHRASING : FLOW, inside));
    }
  }

  #template(inside) {
    const shadow = this.#dice.chance(0.25) ? ' shadowrootmode=open' : '';
    if (!shadow && this.#dice.chance(0.4)) {
      // A template may hold what elsewhere only stands in a table or a list.
      const parts = [
        () => this.#row(inside),
        () => this.#part('td', FLOW, inside),
        () => this.#item(inside),
        () => [element('tbody', this.#row(inside))],
        () => [element('option', ['o'])],
        () => [element('col')],
      ];
      return element('template', this.#dice.pick(parts)());
    }
    return element('template', this.#content(FLOW, inside), shadow);
  }

  #picture(inside) {
    const part = (depth) => {
      const roll = this.#dice.between(0, 9);
      if (roll === 0) return element('foreignObject', this.#content(FLOW, inside));
      if (roll === 1) return element('title', [this.#text(), ...this.#inTitle(inside)]);
      if (roll === 2) return element('style', ['a b { c: d }']);
      if (roll === 3) return '<![CDATA[a < b]]>';
      if (roll === 4) return element('desc', this.#content(PHRASING, inside));
      const name = this.#dice.pick(SHAPES);
      if (depth > 2) return element(name);
      return element(name, name === 'text' ? ['t'] : this.#times(0, 2, () => part(depth + 1)));
    };
    return this.#times(0, 3, () => part(0));
  }

  /** Sources and the image that they are for, now and then with more than should be there. */
  #sources(inside) {
    const dice = this.#dice;
    const source = () => element('source', [], dice.pick([' srcset=/a.webp', ' type=image/avif']));
    const image = () => element('img', [], dice.pick([' src=/a.jpg', ' src=/b.jpg', '']));
    const misplaced = () => (this.#mischief > 0 ? this.#content(FLOW, inside) : []);
    const parts = this.#times(0, 3, () => [source(), ...this.#gap(), ...misplaced()]).flat();
    const behind = dice.chance(0.2) ? [source(), ...this.#gap(), image()] : [];
    return [...this.#gap(), ...parts, image(), ...this.#gap(), ...behind];
  }

  #inTitle(inside) {
    return this.#mischief > 0 ? this.#content(PHRASING, inside) : [];
  }

  #formula(inside) {
    const part = () => {
      const roll = this.#dice.between(0, 5);
      if (roll === 0) return element('mrow', [element('mi', ['x']), element('mo', ['+'])]);
      if (roll === 1) return element('mtext', this.#content(PHRASING, inside));
      if (roll === 2) {
        const html = element(
          'annotation-xml',
          this.#content(FLOW, inside),
          ' encoding="text/html"',
        );
        return element('semantics', [element('mi', ['x']), html]);
      }
      return element(this.#dice.pick(SIGNS), ['y']);
    };
    return this.#times(0, 3, part);
  }

  #item(inside) {
    return this.#part('li', FLOW, inside);
  }

  #definitions(inside) {
    const pair = () => [...this.#part('dt', PHRASING, inside), ...this.#part('dd', FLOW, inside)];
    return [...this.#gap(), ...this.#times(1, 3, pair).flat()];
  }

  #annotations() {
    const paren = (text) => element('rp', [text]);
    const annotation = () => {
      const over = element('rt', [this.#text()]);
      const before = this.#dice.chance(0.5) ? [paren('(')] : [];
      return [...before, over, ...(this.#dice.chance(0.5) ? [paren(')'), 'ji'] : [])];
    };
    return ['kan', ...this.#times(1, 2, annotation).flat()];
  }

  #choice() {
    const option = () => element('option', [this.#dice.pick(['words', 'a &amp; b'])]);
    if (this.#dice.chance(0.1)) return [element('hr'), option()];
    if (!this.#dice.chance(0.3)) return [option()];
    return [element('optgroup', [option(), option()])];
  }

  #tableParts(inside) {
    const columns = () => [element('colgroup', [element('col')]), ...this.#gap()];
    const rows = () => [...this.#gap(), ...this.#times(1, 2, () => this.#row(inside)).flat()];
    const sections = this.#dice.pick([
      ...[[], ['tbody'], ['thead', 'tbody'], ['thead', 'tfoot'], ['tbody', 'tbody']],
    ]);
    const parts = this.#gap();
    if (this.#dice.chance(0.3)) parts.push(...this.#part('caption', PHRASING, inside));
    if (this.#dice.chance(0.2)) parts.push(...columns());
    // Rows may do without a section; the parser makes one for them.
    if (sections.length === 0) parts.push(...rows());
    for (const section of sections) parts.push(element(section, rows()), ...this.#gap());
    return parts;
  }

  #row(inside) {
    const cell = () => {
      const name = this.#dice.pick(['td', 'td', 'th']);
      return this.#part(name, name === 'td' ? FLOW : PHRASING, inside);
    };
    return [element('tr', [...this.#gap(), ...this.#times(1, 2, cell).flat()]), ...this.#gap()];
  }

  /** A part of a list or table, filled with elements of those names. */
  #part(name, names, around) {
    return [element(name, this.#content(names, [...around, name])), ...this.#gap()];
  }

  /** Some words and elements. */
  #content(names, around) {
    return this.#times(0, 3, () =>
      this.#dice.chance(0.35) ? this.#text() : this.#element(this.#wish(names), around),
    );
  }

  #wish(names) {
    const themed = this.#themes.length > 0 && this.#dice.chance(0.4);
    return this.#dice.pick(themed ? this.#themes : names);
  }

  #text() {
    if (this.#mischief > 0 && this.#dice.chance(0.1)) return this.#dice.pick(ODD_TEXTS);
    const comments = this.#mischief > 0 ? COMMENTS : GOOD_COMMENTS;
    return this.#dice.chance(0.1) ? this.#dice.pick(comments) : this.#dice.pick(TEXTS);
  }

  #raw(name) {
    return this.#mischief > 0 ? rawText(this.#dice, name) : goodRawText(this.#dice, name);
  }

  /** White space where it means nothing. */
  #gap() {
    return this.#dice.chance(0.2) ? ['\n'] : [];
  }

  #times(least, most, make) {
    return Array.from({ length: this.#dice.between(least, most) }, make);
  }
}

/** The element wished for, or another where the standard does not let that one stand. */
function permitted(name, around) {
  if (CANNOT_NEST.has(name) && around.includes(name)) return 'span';
  const inControl = around.includes('a') || around.includes('button');
  return inControl && INTERACTIVE.has(name) ? 'em' : name;
}
