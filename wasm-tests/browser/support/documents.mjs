// Pages as people and programs write them, good and bad, made by dice. Every start tag has its own
// `data-i`, so that a change can be aimed at any one of them.

import { ATTRIBUTES, COMMENTS, oddDoctype, TEXTS } from './documents/odd.mjs';
import { Cook, TOPICS } from './documents/soup.mjs';
import { CARELESS, IN_FULL, MINIFIED as SHORT, Speller, WRONG } from './documents/spelling.mjs';
import { element, Grower } from './documents/trees.mjs';
import { Dice } from './random.mjs';

/** How a page is written, or what it is about. */
export const WELL_FORMED = 'well-formed';
export const MINIFIED = 'minified';
export const LEFT_OUT = 'end tags left out';
export const BROKEN = 'broken';
export const FOREIGN = 'foreign';
export const TABLES = 'tables';
export const TEMPLATES = 'templates';
export const ANYTHING = 'anything';
export const PICTURES = 'pictures';
export const KINDS = [
  ...[WELL_FORMED, MINIFIED, LEFT_OUT, BROKEN, FOREIGN, TABLES, TEMPLATES, ANYTHING, PICTURES],
];

/** The elements and the soup of a kind that is about something. */
const ABOUT = {
  [FOREIGN]: { themes: ['svg', 'svg', 'math'], topic: 'foreign' },
  [TABLES]: { themes: ['table'], topic: 'tables' },
  [PICTURES]: { themes: ['picture'], topic: 'pictures' },
  [TEMPLATES]: { themes: ['template'], topic: 'templates' },
};

/** A page, and the names of its start tags; the index of each is its `data-i`. */
export function makeDocument(seed, kind) {
  const dice = new Dice(seed);
  switch (kind) {
    case WELL_FORMED:
      return planted(dice, { style: IN_FULL });
    case MINIFIED:
      return planted(dice, { style: SHORT });
    case LEFT_OUT:
      return planted(dice, { style: CARELESS });
    case BROKEN:
      return planted(dice, { style: WRONG, mischief: 0.15 });
    case ANYTHING:
      return cooked(dice, dice.pick([...TOPICS, 'anything', 'anything']));
    default: {
      const { themes, topic } = ABOUT[kind];
      if (dice.chance(0.4)) return cooked(dice, topic);
      const style = dice.pick([IN_FULL, SHORT, CARELESS, WRONG, WRONG]);
      return planted(dice, { style, themes, mischief: style === WRONG ? 0.2 : 0 });
    }
  }
}

/** A page that began as a tree. */
function planted(dice, { style, mischief = 0, themes = [] }) {
  const grower = new Grower(dice, mischief, themes);
  const speller = new Speller(dice, style);
  const wrong = style === WRONG;
  const doctype = wrong ? oddDoctype(dice) : '<!doctype html>';
  // The tags of the page's frame are often left out also where all others are there.
  if (style !== SHORT && dice.chance(0.4)) {
    const head = dice.chance(0.5) ? speller.write([element('title', ['t'])]) : '';
    return { html: doctype + head + speller.write(grower.body()), names: speller.names };
  }
  const gap = () => (style !== SHORT && dice.chance(0.3) ? ['\n'] : []);
  const head = element('head', [...gap(), ...grower.head(), ...gap()]);
  const body = element('body', [...gap(), ...grower.body(), ...gap()]);
  const page = element('html', [...gap(), head, ...gap(), body, ...gap()]);
  const html = [doctype, ...gap(), speller.write([page])];
  if (wrong) return { html: spoiled(dice, html.join(''), speller), names: speller.names };
  return { html: [...html, ...gap()].join(''), names: speller.names };
}

/** A page with tags of its frame gone or where they should not be, or broken off. */
function spoiled(dice, html, speller) {
  let page = html;
  for (const name of ['html', 'head', 'body']) {
    if (dice.chance(0.2)) page = page.replace(new RegExp(`<${name}[^>]*>`, 'i'), '');
    if (dice.chance(0.2)) page = page.replace(`</${name}>`, '');
    if (dice.chance(0.08)) page = insertAnywhere(dice, page, `</${name}>`);
    if (dice.chance(0.08))
      page = insertAnywhere(dice, page, speller.open(name, dice.pick(ATTRIBUTES)));
  }
  if (dice.chance(0.1)) page += dice.pick(TEXTS) + dice.pick(COMMENTS);
  if (dice.chance(0.1))
    page += speller.open(dice.pick(['p', 'b', 'div', 'title', 'template', 'td']));
  return dice.chance(0.04) ? page.slice(0, dice.between(0, page.length)) : page;
}

/** Writes something at the beginning of any tag. */
function insertAnywhere(dice, page, written) {
  const places = [...page.matchAll(/</g)].map(({ index }) => index);
  const place = dice.pick(places) ?? 0;
  return page.slice(0, place) + written + page.slice(place);
}

/** A page that never was a tree. */
function cooked(dice, topic) {
  const cook = new Cook(dice, topic);
  const html = oddDoctype(dice) + cook.cook(3, dice.pick([8, 16, 40]));
  return { html, names: cook.names };
}
