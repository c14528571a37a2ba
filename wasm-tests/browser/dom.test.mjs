// A browser's DOM is the judge of what a change should do: the page that the engine rewrote has to
// come out as the original does after the same change by DOM calls. Where the engine is not sure, it
// may refuse, but then it says why and leaves every byte as it was.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch } from './support/browser.mjs';
import { makeChange } from './support/changes.mjs';
import { BROKEN, LEFT_OUT, makeDocument, WELL_FORMED } from './support/documents.mjs';
import { loadEngine } from './support/engine.mjs';
import { judge } from './support/verdict.mjs';

/** Takes a longer look, DOM_CASES times as long. */
const TIMES = Number(process.env.DOM_CASES ?? 1);
const BATCH = 500;
const ADDRESS = 'https://example.com/';

/** Differences that are accepted, each with the reason why. */
const KNOWN = [
  {
    // The start tag of the changed element ended the element before it, whose own end tag was left
    // out: "<p>a<nav>b</nav>c". With the tag gone, or something in front of it, that element goes
    // on. The engine follows only elements whose end a change waits for, so it does not know that
    // one is open. Written where the change begins, the missing end tag has to put all right.
    name: 'the element before goes on',
    kinds: [LEFT_OUT],
    explains: ({ change, wanted, ended }) =>
      Boolean(change.remove || change.insert?.before) && ended === wanted,
  },
  {
    // The parser drops a line break right behind "<pre>". A change that puts something in front of
    // it brings it back, and one that takes out what stood in front of it loses it.
    name: 'the first line break of a pre',
    kinds: [WELL_FORMED, LEFT_OUT],
    explains: ({ change, wanted, got }) =>
      Boolean(change.remove || change.insert?.prepend) &&
      wanted.includes('<pre') &&
      withoutBreaks(wanted) === withoutBreaks(got),
  },
];

/** A DOM without the line breaks of its texts, and without texts that were nothing else. */
const withoutBreaks = (dom) => dom.replaceAll('\\n', '').replaceAll('""', '');

let engine;
let browser;
let page;

before(async () => {
  [engine, browser] = await Promise.all([loadEngine(), launch()]);
  page = await browser.newPage();
});

after(() => browser?.close());

test('well-formed pages come out as from the DOM', async (t) => {
  const { different } = await judgeAll(t, WELL_FORMED, 3000, 1);
  const unknown = withoutKnown(t, WELL_FORMED, different);
  assert.equal(unknown.length, 0, smallest(unknown));
});

test('so do pages whose end tags are left out', async (t) => {
  const { different } = await judgeAll(t, LEFT_OUT, 3000, 2);
  const unknown = withoutKnown(t, LEFT_OUT, different);
  assert.equal(unknown.length, 0, smallest(unknown));
});

test('so do broken pages, but for a few', async (t) => {
  const { different, judged } = await judgeAll(t, BROKEN, 2000, 3);
  assert.ok(different.length <= 0.02 * judged, smallest(different));
});

/** Makes that many pages with a change each, and sorts what became of them. */
async function judgeAll(t, kind, number, series) {
  const outcomes = { judged: 0, equal: 0, refused: new Map(), different: [], absent: 0 };
  const total = number * TIMES;
  for (let start = 0; start < total; start += BATCH) {
    const length = Math.min(BATCH, total - start);
    const cases = Array.from({ length }, (_, at) => makeCase(kind, series * 1e8 + start + at));
    const verdicts = await page.evaluate(judge, cases);
    cases.forEach((one, at) => sort({ ...one, ...verdicts[at] }, outcomes));
  }
  t.diagnostic(summary(kind, outcomes));
  return outcomes;
}

/** A page, a change, and what the engine makes of the two. */
function makeCase(kind, seed) {
  const { html: input, names } = makeDocument(seed, kind);
  const change = makeChange(seed, names);
  const { problems, datafile } = engine.validate(draft(change));
  assert.ok(datafile, `${JSON.stringify(change)}: ${JSON.stringify(problems)}`);
  const visit = { url: ADDRESS, content_type: 'text/html; charset=utf-8', variants: { x: 'b' } };
  const rendered = engine.render(JSON.stringify(datafile), visit, Buffer.from(input));
  assert.equal(rendered.passed, null);
  const [{ changes }] = rendered.experiments;
  return { seed, change, input, output: Buffer.from(rendered.html).toString(), report: changes[0] };
}

function draft(change) {
  const experiment = {
    key: 'x',
    name: 'X',
    status: 'running',
    hypothesis: {
      we_believe: 'any change at all',
      will_cause: 'what the DOM would do',
      because: 'the standard says so',
    },
    pages: { include: [{ exact: '/' }] },
    variants: [
      { key: 'control', name: 'Control', weight: 5000 },
      { key: 'b', name: 'B', weight: 5000, changes: [change] },
    ],
  };
  return JSON.stringify({ experiments: [experiment] });
}

function sort(one, outcomes) {
  const { report, input, output, matches, wanted, got } = one;
  const [refusal] = report.skipped;
  if (refusal) assert.equal(output, input, `a refusal changed the page (seed ${one.seed})`);
  // The browser ignored the tag: there is nothing to change, and no telling what should happen.
  if (matches === 0) {
    outcomes.absent += 1;
    return;
  }
  outcomes.judged += 1;
  if (refusal) {
    outcomes.refused.set(refusal.reason, (outcomes.refused.get(refusal.reason) ?? 0) + 1);
  } else if (wanted === got) {
    outcomes.equal += 1;
  } else {
    outcomes.different.push(one);
  }
}

/** The differences that have no known reason; those that have are counted. */
function withoutKnown(t, kind, different) {
  let rest = different;
  for (const { name, kinds, explains } of KNOWN) {
    if (!kinds.includes(kind)) continue;
    const unexplained = rest.filter((one) => !explains(one));
    t.diagnostic(`  known, ${name}: ${rest.length - unexplained.length} different`);
    rest = unexplained;
  }
  return rest;
}

function summary(kind, { judged, equal, refused, different, absent }) {
  const share = (number) => `${((100 * number) / judged).toFixed(2)} %`;
  const reasons = [...refused].sort().map(([reason, number]) => `${reason} ${share(number)}`);
  return [
    `${kind}: ${judged} judged`,
    `${share(equal)} equal`,
    `refused: ${reasons.join(', ')}`,
    `${share(different.length)} different (${different.length})`,
    `${absent} not in the browser's DOM`,
  ].join('; ');
}

/** The differing case that is the easiest to read. */
function smallest(different) {
  const [one] = different.toSorted((a, b) => a.input.length - b.input.length);
  return (
    one &&
    `${different.length} differ, the smallest is that of seed ${one.seed}:
  change ${JSON.stringify(one.change)}
  input  ${JSON.stringify(one.input)}
  output ${JSON.stringify(one.output)}
  wanted ${one.wanted}
  got    ${one.got}`
  );
}
