// Makes a case that fails small enough to be understood at a glance.

/** How many smaller pages are tried in one go; asking one by one would mostly be waiting. */
const BATCH = 64;

/**
 * The smallest page found that still fails. `failing` is given pages and answers for each whether it
 * fails.
 */
export async function shrink(html, failing) {
  let page = html;
  for (;;) {
    const before = page;
    page = await shrinkParts(tokens(page), '', failing);
    page = await simplify(page, failing);
    if (page === before) return page;
  }
}

/** Drops parts, large runs of them first, as long as the rest fails. */
async function shrinkParts(parts, joint, failing) {
  let kept = parts;
  for (let run = Math.ceil(kept.length / 2); run >= 1; run = run === 1 ? 0 : Math.ceil(run / 2)) {
    for (let start = 0; start < kept.length;) {
      const tries = [];
      for (let at = start; at < kept.length && tries.length < BATCH; at += run) {
        tries.push({ at, rest: kept.toSpliced(at, run) });
      }
      const verdicts = await failing(tries.map(({ rest }) => rest.join(joint)));
      const found = tries.find((_, index) => verdicts[index]);
      if (found) {
        kept = found.rest;
        start = found.at;
      } else {
        start += tries.length * run;
      }
    }
  }
  return kept.join(joint);
}

/** Tags, comments and the words between them, as far as a glance can tell them apart. */
function tokens(html) {
  return html.match(/<!--[^]*?-->|<[^<>]*>?|[^<]{1,40}/g) ?? [];
}

/** Takes away attributes, shortens words and puts plain names for special ones, where it still fails. */
async function simplify(html, failing) {
  let page = html;
  for (;;) {
    const tries = [...simpler(page)].filter((one) => one !== page).slice(0, 4 * BATCH);
    if (tries.length === 0) return page;
    const verdicts = await failing(tries);
    const found = tries.find((_, index) => verdicts[index]);
    if (!found) return page;
    page = found;
  }
}

const PLAIN = ['b', 'p', 'div', 'table', 'svg'];

function* simpler(page) {
  const parts = tokens(page);
  const withPart = (at, part) => parts.with(at, part).join('');
  for (const [at, part] of parts.entries()) {
    const tag = part.match(/^<([a-z][^\s/>]*)([^>]*)>$/i);
    if (tag) {
      const [, name, attributes] = tag;
      if (attributes) yield withPart(at, `<${name}>`);
      const each = attributes.match(/\s*[^\s=]+(\s*=\s*("[^"]*"|'[^']*'|[^\s>]*))?/g) ?? [];
      for (const one of each) yield withPart(at, part.replace(one, ''));
      if (name !== name.toLowerCase()) yield withPart(at, part.replace(name, name.toLowerCase()));
    } else if (!part.startsWith('<')) {
      if (part.length > 1) yield withPart(at, 'x');
      if (part.length > 3) yield withPart(at, part.slice(0, part.length / 2));
    } else if (part.startsWith('<!') && part !== '<!doctype html>') {
      yield withPart(at, '<!---->');
      yield withPart(at, '<!doctype html>');
    }
  }
  // The same name everywhere, so that start and end stay together.
  const names = new Set(Array.from(page.matchAll(/<([a-z][^\s/>]*)/gi), ([, name]) => name));
  for (const name of names) {
    for (const plain of PLAIN.slice(0, PLAIN.indexOf(name) + 1 || PLAIN.length)) {
      if (plain === name) continue;
      const spelled = name.replace(/[^a-z0-9-]/gi, '\\$&');
      yield page.replace(new RegExp(`(</?)${spelled}(?=[\\s/>])`, 'gi'), `$1${plain}`);
    }
  }
}
