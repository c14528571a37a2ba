// Makes a case that differs small: its page, and its changes.

import { DIFFERENT, judgeCases } from './cases.mjs';
import { shrink } from './shrink.mjs';

/** The case with as little page and change as still differ, or as come to something else that is sought. */
export async function shrinkCase(one, engine, judge, sought = isDifferent) {
  const differ = async (cases) => {
    try {
      return (await judgeCases(cases, engine, judge)).map(sought);
    } catch {
      // Half a selector is none, for the browser.
      if (cases.length === 1) return [false];
      const halves = [cases.slice(0, cases.length / 2), cases.slice(cases.length / 2)];
      return [...(await differ(halves[0])), ...(await differ(halves[1]))];
    }
  };
  let { html, changes } = one;
  for (;;) {
    const before = JSON.stringify([html, changes]);
    changes = await shrinkChanges({ ...one, html, changes }, differ);
    html = await shrink(html, (pages) =>
      differ(pages.map((page) => ({ ...one, html: page, changes }))),
    );
    if (JSON.stringify([html, changes]) === before) break;
  }
  const [small] = await judgeCases([{ ...one, html, changes }], engine, judge);
  return small;
}

const isDifferent = ({ outcome }) => outcome === DIFFERENT;

async function shrinkChanges(one, differ) {
  let { changes } = one;
  for (;;) {
    const tries = [...simpler(changes)];
    const verdicts = await differ(tries.map((some) => ({ ...one, changes: some })));
    const found = tries.find((_, at) => verdicts[at]);
    if (!found) return changes;
    changes = found;
  }
}

function* simpler(changes) {
  for (const [at, change] of changes.entries()) {
    if (changes.length > 1) yield changes.toSpliced(at, 1);
    for (const one of simplerChange(change)) {
      const shorter = JSON.stringify(one).length < JSON.stringify(change).length;
      if (shorter) yield changes.with(at, one);
    }
  }
}

function* simplerChange(change) {
  const { expect, ...rest } = change;
  if (expect) yield rest;
  if (change.selector) {
    for (const selector of simplerSelectors(change.selector)) yield { ...change, selector };
  }
  for (const [side, selector] of Object.entries(change.move ?? {})) {
    for (const one of simplerSelectors(selector)) yield { ...change, move: { [side]: one } };
  }
  for (const name of ['html', 'replace', 'text']) {
    if (change[name]) yield { ...change, [name]: 'x' };
  }
  for (const [side, html] of Object.entries(change.insert ?? {})) {
    for (const less of ['x', '<b>', '<p>']) if (html) yield { ...change, insert: { [side]: less } };
  }
}

/** The selector without its first parts, or without a condition. */
function* simplerSelectors(selector) {
  const shorter = Array.from(selector.matchAll(/\s*[,>+~]\s*|\s+/g), ({ index, 0: joint }) =>
    selector.slice(index + joint.length),
  );
  const conditions = /:(?:is|not|where|nth-[a-z-]+)\([^)]*\)|:[a-z-]+|\[[^\]]*\]/g;
  for (const condition of selector.match(conditions) ?? []) {
    shorter.push(selector.replace(condition, ''));
  }
  for (const one of shorter) {
    const whole = one.split('(').length === one.split(')').length && /[\w*)\]]$/.test(one);
    // What is for any element would soon be a matter of the page's frame, whatever was wrong before.
    if (whole && /^[a-z.#:[]/i.test(one) && !/^(:not\([^)]*\))$/.test(one)) yield one;
  }
}
