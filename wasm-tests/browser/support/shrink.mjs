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
    page = await dropRuns(tokens(page), failing);
    page = await dropElements(page, failing);
    page = await simplify(page, failing);
    if (page === before) return page;
  }
}

/** Drops parts, large runs of them first, as long as the rest fails. */
async function dropRuns(parts, failing) {
  let kept = parts;
  for (let run = Math.ceil(kept.length / 2); run >= 1; run = run === 1 ? 0 : Math.ceil(run / 2)) {
    for (let start = 0; start < kept.length;) {
      const tries = [];
      for (let at = start; at < kept.length && tries.length < BATCH; at += run) {
        tries.push({ at, rest: kept.toSpliced(at, run) });
      }
      const verdicts = await failing(tries.map(({ rest }) => rest.join('')));
      const found = tries.find((_, index) => verdicts[index]);
      if (found) {
        kept = found.rest;
        start = found.at;
      } else {
        start += tries.length * run;
      }
    }
  }
  return kept.join('');
}

/** Drops a start tag together with an end tag of its name, where neither can go alone. */
function dropElements(html, failing) {
  return descend(html, failing, function* (page) {
    const parts = tokens(page);
    for (const [at, part] of parts.entries()) {
      const name = part.match(/^<([a-z][^\s/>]*)/i)?.[1].toLowerCase();
      if (!name) continue;
      for (let end = at + 1; end < parts.length; end += 1) {
        if (!parts[end].toLowerCase().startsWith(`</${name}`)) continue;
        yield parts.toSpliced(end, 1).toSpliced(at, 1).join('');
      }
    }
  });
}

/** Takes the first of the simpler pages that fails, as long as there is one. */
async function descend(html, failing, simpler) {
  let page = html;
  search: for (;;) {
    const tries = [...simpler(page)].filter((one) => one !== page);
    for (let start = 0; start < tries.length; start += BATCH) {
      const some = tries.slice(start, start + BATCH);
      const verdicts = await failing(some);
      const found = some.find((_, index) => verdicts[index]);
      if (found === undefined) continue;
      page = found;
      continue search;
    }
    return page;
  }
}

/** Tags, comments and the words between them, as far as a glance can tell them apart. */
function tokens(html) {
  return html.match(/<!--(?:-?>|[^]*?--!?>)|<[^<>]*>?|[^<]{1,40}/g) ?? [];
}

/** Takes away attributes, shortens words and puts plain names for special ones, where it still fails. */
const simplify = (html, failing) => descend(html, failing, simpler);

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
