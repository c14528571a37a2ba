// Makes a case that differs small: its page, and its changes.

import { DIFFERENT, judgeCases } from './cases.mjs';
import { shrink } from './shrink.mjs';

/** The case with as little page and change as still differ. */
export async function shrinkCase(one, engine, judge) {
  const differ = async (cases) => {
    const judged = await judgeCases(cases, engine, judge);
    return judged.map(({ outcome }) => outcome === DIFFERENT);
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
      // What is for any element would soon be a matter of the page's frame, whatever was wrong before.
      if (one.selector === '*' || one.selector === '') continue;
      const shorter = JSON.stringify(one).length < JSON.stringify(change).length;
      if (shorter) yield changes.with(at, one);
    }
  }
}

function* simplerChange(change) {
  const { expect, ...rest } = change;
  if (expect) yield rest;
  if (change.selector) {
    const { selector } = change;
    for (const part of selector.split(/\s*[,>+~]\s*|\s+/)) yield { ...change, selector: part };
    for (const part of selector.match(
      /:(?:is|not|where|nth-[a-z-]+)\([^)]*\)|:[a-z-]+|\[[^\]]*\]/g,
    ) ?? []) {
      yield { ...change, selector: selector.replace(part, '') };
    }
  }
  for (const name of ['html', 'replace', 'text']) {
    if (change[name]) yield { ...change, [name]: 'x' };
  }
  for (const [side, html] of Object.entries(change.insert ?? {})) {
    for (const less of ['x', '<b>', '<p>']) if (html) yield { ...change, insert: { [side]: less } };
  }
}
