// Selectors by dice, of every kind that the engine knows. They are made from the tree that Chromium
// builds, so that most of them match, also through elements that no tag stands for.

/** Names and values that can stand in a selector as they are. */
const PLAIN = /^[a-z][a-z0-9-]*$/i;
const QUOTABLE = /^[^"\\\n\r\f\0]+$/;
const ATTRIBUTES = ['title', 'href', 'lang', 'hidden', 'dir', 'type', 'data-i', 'content', 'name'];

/** The elements of a page, as the judge's `trees` gives them. */
export class Tree {
  elements;

  constructor(listed) {
    const places = new Map();
    this.elements = listed.map(([fullName, parent, attributes, text], at) => {
      const siblings = places.get(parent) ?? [];
      places.set(parent, [...siblings, at]);
      const name = fullName.slice(fullName.indexOf(':') + 1);
      const before = siblings.filter((one) => listed[one][0] === fullName);
      return {
        ...{ at, name, parent, before: siblings, place: siblings.length + 1 },
        ...{ ofType: before.length + 1, isHtml: name === fullName, text },
        attributes: new Map(attributes),
      };
    });
  }

  /** The element that has this `data-i`, if the page has one. */
  withIndex(index) {
    return this.elements.find(({ attributes }) => attributes.get('data-i') === String(index));
  }

  /** The parent, its parent and so on. */
  around({ parent }) {
    const found = [];
    for (let at = parent; at >= 0; at = this.elements[at].parent) found.push(this.elements[at]);
    return found;
  }
}

/** Elements that have been made by the parser alone come up more often than their number would let them. */
export function pickElement(dice, tree) {
  const implied = tree.elements.filter(({ attributes }) => !attributes.has('data-i'));
  const few = implied.length < tree.elements.length;
  return dice.pick(few && implied.length > 0 && dice.chance(0.15) ? implied : tree.elements);
}

/** A selector that matches this element, and often others; now and then one that may match nothing. */
export function makeSelector(dice, tree, element) {
  const chooser = new Chooser(dice, tree);
  if (dice.chance(0.08)) return chooser.anything();
  if (dice.chance(0.05))
    return `${chooser.compound(pickElement(dice, tree))}, ${chooser.simple(element)}`;
  return chooser.complex(element);
}

/** A selector that matches this element alone. */
export function exactSelector(tree, element) {
  const index = element.attributes.get('data-i');
  if (index !== undefined && tree.withIndex(index) === element && PLAIN.test(`i${index}`)) {
    return `[data-i="${index}"]`;
  }
  const chain = [element, ...tree.around(element)].toReversed();
  return chain.map(({ name, place }) => step(name, place)).join(' > ');
}

/** An element by name and place; html, head and body by their name alone. */
function step(name, place) {
  if (['html', 'head', 'body'].includes(name)) return name;
  return `${PLAIN.test(name) ? name : ''}:nth-child(${place})`;
}

class Chooser {
  #dice;
  #tree;

  constructor(dice, tree) {
    this.#dice = dice;
    this.#tree = tree;
  }

  /** Parts joined by combinators, the last of which is for the element. */
  complex(element, depth = 0) {
    const dice = this.#dice;
    const own = this.compound(element);
    if (depth > 2 || dice.chance(0.35)) return own;
    const around = this.#tree.around(element);
    const { before } = element;
    const roll = dice.between(0, 3);
    if (roll === 0 && before.length > 0) {
      return `${this.complex(this.#tree.elements[before.at(-1)], depth + 1)} + ${own}`;
    }
    if (roll === 1 && before.length > 0) {
      return `${this.complex(this.#tree.elements[dice.pick(before)], depth + 1)} ~ ${own}`;
    }
    if (around.length === 0) return own;
    if (roll === 2) return `${this.complex(dice.pick(around), depth + 1)} ${own}`;
    return `${this.complex(around[0], depth + 1)} > ${own}`;
  }

  /** What can be said of one element without looking at others' names. */
  compound(element) {
    const dice = this.#dice;
    const name = PLAIN.test(element.name) ? element.name : '*';
    const parts = dice.chance(0.75) ? [spelled(dice, element, name)] : [];
    const wishes = parts.length > 0 ? dice.between(0, 1) : dice.between(1, 2);
    for (let at = 0; at < wishes; at += 1) parts.push(this.#condition(element));
    return parts.join('') || '*';
  }

  simple(element) {
    return PLAIN.test(element.name) ? element.name : '*';
  }

  /** A selector for what the page may not have. */
  anything() {
    const dice = this.#dice;
    const parts = [
      'p',
      'div',
      'td',
      'b',
      'li',
      '.a',
      '.b',
      '.B',
      '#x',
      '#y',
      '[title]',
      '*',
      'svg',
    ];
    const joint = dice.pick([' ', ' > ', ' + ', ' ~ ', ', ', '']);
    const [first, second] = [dice.pick(parts), dice.pick(parts)];
    const bare = joint === '' && /^[a-z*]/.test(second) ? `:is(${second})` : second;
    return first + joint + bare;
  }

  #condition(element) {
    const dice = this.#dice;
    switch (dice.between(0, 9)) {
      case 0:
      case 1:
        return this.#class(element) ?? this.#place(element);
      case 2:
        return this.#id(element) ?? this.#place(element);
      case 3:
      case 4:
        return this.#attribute(element) ?? this.#place(element);
      case 5:
        return this.#not(element);
      case 6:
        return `${dice.pick([':is', ':where'])}(${this.#list(element)})`;
      default:
        return this.#place(element);
    }
  }

  #list(element) {
    const dice = this.#dice;
    const own = dice.chance(0.5) ? this.simple(element) : this.#place(element);
    return dice.chance(0.5) ? own : `${dice.pick(['p', '.a', '#x', 'td'])}, ${own}`;
  }

  #not(element) {
    const known = ['p', 'div', 'span', '.a', '.z', '#x', ':first-child', '[hidden]', 'td', ':root'];
    const others = known.filter((one) => !this.#couldBe(element, one));
    const one = this.#dice.pick(others);
    return this.#dice.chance(0.5) ? `:not(${one})` : `:not(${one}, ${this.#dice.pick(others)})`;
  }

  #couldBe({ name, place, attributes, parent }, selector) {
    const classes = (attributes.get('class') ?? '').split(/\s+/);
    if (selector.startsWith('.')) return classes.includes(selector.slice(1));
    if (selector.startsWith('#')) return attributes.get('id') === selector.slice(1);
    if (selector.startsWith('[')) return attributes.has(selector.slice(1, -1));
    if (selector === ':first-child') return place === 1;
    return selector === ':root' ? parent < 0 : name === selector;
  }

  #class({ attributes }) {
    const classes = (attributes.get('class') ?? '').split(/\s+/).filter((one) => PLAIN.test(one));
    return classes.length > 0 ? `.${this.#dice.pick(classes)}` : null;
  }

  #id({ attributes }) {
    return PLAIN.test(attributes.get('id') ?? '') ? `#${attributes.get('id')}` : null;
  }

  #attribute({ attributes }) {
    const dice = this.#dice;
    const known = ATTRIBUTES.filter((name) => attributes.has(name));
    if (known.length === 0) return null;
    const name = dice.pick(known);
    const value = attributes.get(name);
    if (!QUOTABLE.test(value) || dice.chance(0.2)) return `[${name}]`;
    const cut = dice.between(1, value.length);
    const [word] = value.split(/\s+/).filter(Boolean);
    const forms = [
      `[${name}="${value}"]`,
      `[${name}="${value.toUpperCase()}" i]`,
      `[${name}^="${value.slice(0, cut)}"]`,
      `[${name}$="${value.slice(-cut)}"]`,
      `[${name}*="${value.slice(cut - 1, cut + 2)}"]`,
      `[${name}|="${value.split('-')[0] || value}"]`,
    ];
    if (word) forms.push(`[${name}~="${word}"]`);
    return dice.pick(forms);
  }

  /** Where the element stands among its siblings. */
  #place({ place, ofType, parent, isHtml }) {
    const dice = this.#dice;
    if (parent < 0 && dice.chance(0.5)) return ':root';
    if (place === 1 && dice.chance(0.4)) return ':first-child';
    if (isHtml && ofType === 1 && dice.chance(0.3)) return ':first-of-type';
    const [kind, number] = dice.chance(0.5) ? ['child', place] : ['of-type', ofType];
    const forms = [`${number}`, `${number}`, number % 2 ? 'odd' : 'even', `n + ${number}`];
    forms.push(`3n + ${number % 3}`, `-n + ${number}`);
    return `:nth-${kind}(${dice.pick(forms)})`;
  }
}

/** HTML's names may be written in any case. */
function spelled(dice, { isHtml }, name) {
  return isHtml && dice.chance(0.03) ? name.toUpperCase() : name;
}
