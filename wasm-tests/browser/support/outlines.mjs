// Compares the trees that an engine sees in pages with those that Chromium builds.

import { shrink } from './shrink.mjs';

const BATCH = 500;

/** Prints how the trees of those pages compare, and the smallest that differ; gives their number. */
export async function compareOutlines({ kind, pages, engine, judge, most, print }) {
  const counts = { equal: 0, 'unsure but equal': 0, unsure: 0 };
  const different = [];
  for (let start = 0; start < pages.length; start += BATCH) {
    for (const one of await compare(pages.slice(start, start + BATCH), engine, judge)) {
      if (one.outcome === 'different') different.push(one);
      else counts[one.outcome] += 1;
    }
  }
  const share = (number) => `${((100 * number) / pages.length).toFixed(2)} %`;
  const shares = Object.entries(counts).map(([name, number]) => `${share(number)} ${name}`);
  print(
    `${kind}: ${pages.length} pages, ${shares.join(', ')}, ` +
      `${share(different.length)} different (${different.length})`,
  );
  const failing = async (tries) =>
    (await compare(tries, engine, judge)).map(({ outcome }) => outcome === 'different');
  const small = different.toSorted((a, b) => a.html.length - b.html.length).slice(0, most);
  const shrunk = new Map();
  for (const { html } of small) {
    const page = await shrink(html, failing);
    shrunk.set(page, (shrunk.get(page) ?? 0) + 1);
  }
  const byLength = [...shrunk].toSorted(([a], [b]) => a.length - b.length);
  const cases = await compare(
    byLength.map(([page]) => page),
    engine,
    judge,
  );
  for (const [at, { html, wanted, got }] of cases.entries()) {
    print(
      `  ${byLength[at][1]} x ${JSON.stringify(html)}\n    wanted ${wanted}\n    got    ${got}`,
    );
  }
  return different.length;
}

async function compare(pages, engine, judge) {
  const answers = engine.answer(pages.map((html) => ({ html })));
  const [wanted, got] = await Promise.all([judge.outlines(pages), answers]);
  return pages.map((html, at) => {
    const { outline, unsure, fault } = got[at];
    const equal = outline === wanted[at];
    const sure = equal ? 'equal' : 'different';
    const outcome = unsure ? (equal ? 'unsure but equal' : 'unsure') : sure;
    return { html, outcome, wanted: wanted[at], got: fault ?? outline };
  });
}
