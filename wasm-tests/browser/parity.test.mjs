// The golden cases and the corpus of decisions through the browser module in Node: equal byte for byte to what the engine
// does natively and to what the edge serves.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { difference } from './support/bytes.mjs';
import { loadEngine } from './support/engine.mjs';
import { decisionCases, goldenCases } from './support/golden.mjs';

const engine = await loadEngine();
const cases = goldenCases();

test('there are golden cases', () => assert.ok(cases.length > 0));

for (const { name, visitor, page, datafile, input, expected, decisions, report } of cases) {
  test(name, () => {
    const rendered = engine.render(datafile, page, input);
    assert.equal(difference(expected, rendered.html), null);
    assert.deepEqual(engine.decide(datafile, { url: page.url, visitor }), decisions);
    if (report) assert.deepEqual(rendered.experiments, report);
  });
}

const corpus = decisionCases();

test('there is a corpus of decisions', () => assert.ok(corpus.length >= 10));

for (const { name, datafile, visits, expected } of corpus) {
  test(`decisions: ${name}`, () => {
    const decided = engine.decide_lines(datafile, visits);
    assert.equal(difference(Buffer.from(expected), Buffer.from(decided)), null);
  });
}

test('a line that is no visit is an error with words', () => {
  const [{ datafile }] = corpus;
  assert.equal(engine.decide_lines(datafile, '\n \n'), '');
  for (const line of ['{', '{}', '{"url": "https://example.com/"}', '{"visitor": "a b"}']) {
    assert.throws(() => engine.decide_lines(datafile, line), /\S/);
  }
});

test('what is missing comes as null, and maps as plain objects', () => {
  const { datafile, page, input } = cases.find(({ name }) => name === 'text-of-one-heading');
  const rendered = engine.render(datafile, page, input);
  assert.equal(rendered.passed, null);
  assert.ok(rendered.html instanceof Uint8Array);
  const [change] = rendered.experiments[0].changes;
  assert.deepEqual(Object.keys(change), [
    'variant',
    'change',
    'selector',
    'matched',
    'applied',
    'no_effect',
    'held_bytes',
    'in_doubt',
    'grade',
    'skipped',
  ]);
  assert.equal(Object.getPrototypeOf(change), Object.prototype);
});

test('a page passed over says why', () => {
  const { datafile, page, input } = cases.find(({ name }) => name === 'charset-utf-16-passes');
  const rendered = engine.render(datafile, page, input);
  assert.equal(typeof rendered.passed, 'string');
  assert.equal(difference(input, rendered.html), null);
});

test('variants named are shown, and only they', () => {
  const { datafile, page, input } = cases.find(
    ({ name }) => name === 'two-experiments-side-by-side',
  );
  const { experiments } = JSON.parse(datafile);
  const [first] = experiments;
  for (const variant of first.variants) {
    const { visitor, ...place } = page;
    const variants = { [first.key]: variant.key };
    const rendered = engine.render(datafile, { ...place, variants }, input);
    assert.deepEqual(
      rendered.experiments.map((shown) => [shown.experiment, shown.variant]),
      [[first.key, variant.key]],
    );
    const same = difference(input, rendered.html) === null;
    assert.equal(same, variant.changes.length === 0, `${variant.key}`);
  }
});

test('a draft becomes a datafile, or problems with a place and a hint', () => {
  const draft = {
    experiments: [
      {
        key: 'hero',
        name: 'Hero',
        status: 'running',
        hypothesis: {
          we_believe: 'clearer words on the page',
          will_cause: 'more visitors to sign up',
          because: 'readers told us so in interviews',
        },
        pages: { include: [{ exact: '/' }] },
        variants: [
          { key: 'control', name: 'Control', weight: 5000 },
          { key: 'b', name: 'B', weight: 5000, changes: [{ selector: 'h1', text: 'B' }] },
        ],
      },
    ],
  };
  const good = engine.validate(JSON.stringify(draft));
  assert.deepEqual(
    good.problems.filter(({ severity }) => severity === 'error'),
    [],
  );
  assert.equal(good.datafile.experiments[0].variants[1].changes[0].text, 'B');

  draft.experiments[0].variants[1].weight = 4000;
  const bad = engine.validate(JSON.stringify(draft));
  assert.equal(bad.datafile, null);
  for (const problem of bad.problems) {
    assert.deepEqual(Object.keys(problem).sort(), ['at', 'code', 'hint', 'message', 'severity']);
  }
  assert.ok(bad.problems.some(({ severity }) => severity === 'error'));
});

test('every change of every case is described in words', () => {
  for (const { name, datafile } of cases) {
    for (const { experiment, variants } of engine.describe(datafile)) {
      for (const { variant, changes } of variants) {
        for (const words of changes) assert.match(words, /\S/, `${name} ${experiment} ${variant}`);
      }
    }
  }
});

test('new visitors differ, and are as the edge makes them', () => {
  const ids = Array.from({ length: 100 }, () => engine.new_visitor());
  assert.equal(new Set(ids).size, ids.length);
  for (const id of ids) assert.match(id, /^[0-9a-f]{32}$/);
});

test('what is no datafile, visit or page is an error with words', () => {
  const { datafile, page, input } = cases[0];
  const visit = { url: page.url, visitor: 'alice' };
  assert.throws(() => engine.decide('{', visit), /\S/);
  assert.throws(() => engine.decide(datafile, { ...visit, url: 'nowhere' }), /\S/);
  assert.throws(() => engine.decide(datafile, { ...visit, visitor: 'a b' }), /\S/);
  const variants = { 'no-such-experiment': 'b' };
  assert.throws(() => engine.render(datafile, { url: page.url, variants }, input), /\S/);
});
