// Changes on pages that a framework takes over, made by the engine as the edge would, in Chromium: what the report says
// of each, safe, protected or impossible, is what becomes of it.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { APP_NAMES, FLAVOURS } from './hydrate/build.mjs';
import { loadEngine } from './support/engine.mjs';
import { each, startOrigin } from './support/hydrate.mjs';

let engine;
let origin;

before(async () => {
  [engine, origin] = await Promise.all([loadEngine(), startOrigin()]);
});

afterEach(() => origin.tidy());

after(() => origin?.stop());

/** An experiment that makes these changes, on pages of which it says how they are rendered. */
function datafile(changes, rendering) {
  const draft = {
    experiments: [
      {
        key: 'x',
        name: 'X',
        status: 'running',
        hypothesis: {
          we_believe: 'other words on the page',
          will_cause: 'more visitors to sign up',
          because: 'they stay where they are put',
        },
        pages: { include: [{ exact: '/' }] },
        rendering,
        variants: [
          { key: 'control', name: 'Control', weight: 5000 },
          { key: 'b', name: 'B', weight: 5000, changes },
        ],
      },
    ],
  };
  const { problems, datafile: made } = engine.validate(JSON.stringify(draft));
  assert.ok(made, JSON.stringify(problems));
  return JSON.stringify(made);
}

/** The page as the edge would send it, and what it reports. */
function rewrite(html, file, csp = []) {
  const visit = {
    ...{ url: 'https://example.com/', content_type: 'text/html; charset=utf-8' },
    ...{ csp, variants: { x: 'b' } },
  };
  const rendered = engine.render(file, visit, Buffer.from(html));
  return { ...rendered, html: Buffer.from(rendered.html).toString() };
}

/** Visits an application's page with changes made to it. */
async function visitWith(changes, wish, { rendering = 'hydrated', csp } = {}) {
  const file = datafile(changes, rendering);
  let report;
  const edit = (html) => {
    report = rewrite(html, file, csp);
    // The edge sends what the engine makes of the policies.
    if (report.csp) wish.headers['content-security-policy'] = report.csp;
    return report.html;
  };
  const visit = await origin.visit({ edit, ...wish });
  const [{ changes: reports }] = report.experiments;
  const grades = reports.map(({ grade }) => grade);
  return Object.assign(visit, { report, grades, reports });
}

/** What each kind of change comes to, what a visitor then sees, and with what effect on the page. */
const RUNGS = [
  {
    name: 'text of a heading',
    change: { selector: '.headline', text: 'New headline' },
    grade: 'safe',
    see: ['.headline', ['New headline']],
  },
  {
    name: 'HTML of a paragraph',
    change: { selector: '.intro', html: 'New <b>intro</b>' },
    grade: 'safe',
    see: ['.intro', ['New intro']],
  },
  {
    name: 'something put first and last into a box',
    change: { selector: '.card', insert: { prepend: '<p class="promo">Thirty days</p>' } },
    grade: 'safe',
    probe: () => document.querySelector('.card').shadowRoot.querySelector('.promo') !== null,
  },
  {
    name: 'text of a link',
    change: { selector: '.cta', text: 'New link' },
    grade: 'protected',
    see: ['.cta', ['New link']],
  },
  {
    name: 'text of a button, found by what it is not',
    change: { selector: 'button.toggle', text: 'New button' },
    grade: 'protected',
    see: ['.toggle', ['New button']],
  },
  {
    name: 'HTML of an item',
    change: { selector: 'li.a', html: '<b>New</b>' },
    grade: 'protected',
    probe: () => document.querySelector('li.a b')?.textContent === 'New',
  },
  {
    name: 'a class',
    change: { selector: '.headline', class: { add: ['big'], remove: [] } },
    grade: 'safe',
    probe: () => document.querySelector('.headline').classList.contains('big'),
  },
  {
    name: 'a style',
    change: { selector: '.intro', style: { color: 'rgb(255, 0, 0)' } },
    grade: 'safe',
    probe: () => getComputedStyle(document.querySelector('.intro')).color === 'rgb(255, 0, 0)',
  },
  {
    name: 'hidden',
    change: { selector: '.legal', hide: true },
    grade: 'safe',
    probe: () => getComputedStyle(document.querySelector('.legal')).display === 'none',
  },
  {
    name: 'removed',
    change: { selector: 'li.b', remove: true },
    grade: 'safe',
    probe: () => getComputedStyle(document.querySelector('li.b')).display === 'none',
  },
  {
    name: 'an address',
    change: { selector: '.cta', attribute: { href: '/signup?from=x' } },
    grade: 'protected',
    probe: () => document.querySelector('.cta').getAttribute('href') === '/signup?from=x',
  },
  {
    name: 'a picture',
    change: { selector: '.hero', attribute: { src: '/new.svg' } },
    grade: 'protected',
    probe: () => document.querySelector('.hero').getAttribute('src') === '/new.svg',
  },
  {
    name: 'something put behind an element',
    change: { selector: '.headline', insert: { after: '<p class="promo">Thirty days</p>' } },
    grade: 'protected',
    probe: () => document.querySelector('.headline + .promo') !== null,
  },
  {
    name: 'replaced',
    change: { selector: '.legal', replace: '<p class="other">Other</p>' },
    grade: 'protected',
    probe: () =>
      document.querySelector('.legal + .other') !== null &&
      getComputedStyle(document.querySelector('.legal')).display === 'none',
  },
  {
    name: 'moved',
    change: { selector: '.intro', move: { before: '.headline' } },
    grade: 'protected',
    probe: () => document.querySelector('.headline').previousElementSibling.matches('.intro'),
  },
  {
    name: 'words found in a text',
    change: { selector: 'main', find: { text: 'Ship', with: 'Sail' } },
    grade: 'impossible',
    reason: 'hydrated',
  },
  {
    name: 'several elements put into a list',
    change: { selector: '.features', insert: { append: '<li>One</li><li>Two</li>' } },
    grade: 'impossible',
    reason: 'hydrated',
  },
];

describe('each rung of the ladder', () => {
  for (const { name, change, grade, see, probe, reason } of RUNGS) {
    test(name, async () => {
      for (const flavour of FLAVOURS) {
        await each(APP_NAMES, async (app) => {
          const visit = await visitWith([change], { app, flavour });
          const at = `${app}, ${flavour}`;
          assert.deepEqual(visit.grades, [grade], at);
          const skipped = visit.reports[0].skipped.map((one) => one.reason);
          assert.deepEqual(skipped, reason ? [reason] : [], at);
          if (see) assert.deepEqual(await visit.see(see[0]), see[1], `${at}: before`);
          await visit.hydrate();
          if (grade === 'protected') {
            const states = await visit.states(['x/b/1']);
            assert.ok(
              states.every((state) => state === 'kept' || state === 'repaired'),
              `${at}: ${JSON.stringify(await visit.told())}`,
            );
          }
          if (see) assert.deepEqual(await visit.see(see[0]), see[1], `${at}: after`);
          if (probe) assert.ok(await visit.page.evaluate(probe), at);
          // Vue always writes HTML that it is given as such anew.
          const replaced = await visit.replaced();
          assert.deepEqual(replaced.filter((mark) => mark !== '.story'), [], at);
          if (flavour === 'production') assert.deepEqual(await visit.troubles(), [], at);
          await visit.close();
        });
      }
    });
  }
});

describe('all rungs at once', () => {
  const changes = [
    { selector: '.headline', text: 'New headline' },
    { selector: '.headline', class: { add: ['big'], remove: [] } },
    { selector: '.cta', text: 'New link' },
    { selector: '.cta', attribute: { href: '/signup?from=x' } },
    { selector: '.legal', hide: true },
    { selector: 'li.a', text: 'New item' },
    { selector: '.card', insert: { append: '<p class="promo">Thirty days</p>' } },
  ];

  test('clicks and typing go on, and what the framework renders anew is as it wants it', async () => {
    await each(APP_NAMES, async (app) => {
      const visit = await visitWith(changes, { app });
      await visit.hydrate();
      await visit.states(['x/b/3', 'x/b/4', 'x/b/6']);
      assert.deepEqual(await visit.see('.headline, .cta, li.a'), [
        'New headline',
        'New link',
        'New item',
      ]);
      await visit.click('.counter');
      assert.deepEqual(await visit.see('.counter'), ['Clicked 1 times'], app);
      await visit.page.fill('#email', 'ada@example.com');
      assert.deepEqual(await visit.see('.echo'), ['ada@example.com'], app);
      assert.deepEqual(await visit.troubles(), [], app);
      await visit.close();
    });
  });

  test('nothing is seen to change while the framework takes over', async () => {
    await each(APP_NAMES, async (app) => {
      const visit = await visitWith([{ selector: '.cta', text: 'New link' }], { app });
      await visit.hydrate();
      await visit.states(['x/b/1']);
      assert.deepEqual(await visit.frames(), ['New link'], app);
      await visit.close();
    });
  });
});

describe("the page's policy", () => {
  const changes = [
    { selector: '.headline', text: 'New headline' },
    { selector: '.cta', text: 'New link' },
    { selector: '.legal', hide: true },
  ];
  const policy = (nonce) =>
    `default-src 'self' data:; script-src 'self'${nonce}; style-src 'self'${nonce}`;
  // The page's own style element has no nonce.
  const own = /style/;

  test('lends its nonce to the script and the rules', async () => {
    const csp = policy(" 'nonce-abc123'");
    const headers = { 'content-security-policy': csp };
    const visit = await visitWith(changes, { app: 'react', headers }, { csp: [csp] });
    assert.deepEqual(visit.grades, ['safe', 'protected', 'safe']);
    await visit.hydrate();
    assert.deepEqual(await visit.states(['x/b/2']), ['kept']);
    assert.deepEqual(await visit.see('.headline, .cta'), ['New headline', 'New link']);
    const hidden = await visit.page.evaluate(
      () => getComputedStyle(document.querySelector('.legal')).display,
    );
    assert.equal(hidden, 'none');
    assert.deepEqual((await visit.troubles()).filter((one) => !own.test(one)), []);
    await visit.close();
  });

  test('gets the hash of the script where it has no nonce', async () => {
    const csp = policy('');
    const headers = { 'content-security-policy': csp };
    const visit = await visitWith(changes, { app: 'react', headers }, { csp: [csp] });
    assert.deepEqual(visit.grades, ['safe', 'protected', 'safe']);
    await visit.hydrate();
    assert.deepEqual(await visit.states(['x/b/2']), ['kept']);
    assert.deepEqual(await visit.see('.headline, .cta'), ['New headline', 'New link']);
    // No rule may be added to this page: what is hidden has no more than the attribute.
    assert.ok(await visit.page.evaluate(() => document.querySelector('.legal').hidden));
    assert.deepEqual((await visit.troubles()).filter((one) => !own.test(one)), []);
    await visit.close();
  });

  test('is obeyed where it allows no scripts that are not known in time', async () => {
    const csp = policy('');
    const headers = { 'content-security-policy': csp };
    const visit = await visitWith(
      changes,
      { app: 'svelte', headers },
      { csp: [csp], rendering: 'auto' },
    );
    assert.deepEqual(
      visit.reports.map(({ skipped }) => skipped.map(({ reason }) => reason)),
      [[], ['blocked'], []],
    );
    await visit.hydrate();
    assert.deepEqual(await visit.see('.headline, .cta'), ['New headline', 'Start free']);
    assert.deepEqual((await visit.troubles()).filter((one) => !own.test(one)), []);
    await visit.close();
  });
});

describe('without a word from people', () => {
  const changes = [
    { selector: '.headline', text: 'New headline' },
    { selector: '.cta', text: 'New link' },
    { selector: '.intro', style: { color: 'rgb(255, 0, 0)' } },
    { selector: '.legal', hide: true },
  ];
  const see = (visit) =>
    visit.page.evaluate(() => [
      getComputedStyle(document.querySelector('.intro')).color,
      getComputedStyle(document.querySelector('.legal')).display,
    ]);

  test('a framework that marks its page in front of the content is seen', async () => {
    await each(['svelte', 'vue'], async (app) => {
      const visit = await visitWith(changes, { app }, { rendering: 'auto' });
      assert.equal(visit.report.framework, 'unknown', app);
      // The mark stands where no style sheet may be put.
      assert.deepEqual(visit.grades, ['safe', 'protected', 'protected', 'safe'], app);
      await visit.hydrate();
      await visit.states(['x/b/2', 'x/b/3']);
      assert.deepEqual(await visit.see('.headline, .cta'), ['New headline', 'New link'], app);
      assert.deepEqual(await see(visit), ['rgb(255, 0, 0)', 'none'], app);
      const replaced = await visit.replaced();
      assert.deepEqual(replaced.filter((mark) => mark !== '.story'), [], app);
      assert.deepEqual(await visit.troubles(), [], app);
      await visit.close();
    });
  });

  test('one that names its files in the head is seen there', async () => {
    const mark = '<link rel="preload" as="script" href="/_next/static/chunks/main.js">';
    const file = datafile(changes, 'auto');
    let report;
    const edit = (html) => {
      report = rewrite(html.replace('<title>', `${mark}<title>`), file);
      return report.html.replace(mark, '');
    };
    const visit = await origin.visit({ app: 'react', edit });
    assert.equal(report.framework, 'react');
    await visit.hydrate();
    assert.deepEqual(await visit.states(['x/b/2']), ['kept']);
    assert.deepEqual(await visit.see('.headline, .cta'), ['New headline', 'New link']);
    assert.deepEqual(await see(visit), ['rgb(255, 0, 0)', 'none']);
    assert.deepEqual(await visit.troubles(), []);
    await visit.close();
  });

  test('one that leaves no mark is not seen, and undoes what is written as it is', async () => {
    const visit = await visitWith(changes.slice(0, 1), { app: 'react' }, { rendering: 'auto' });
    assert.equal(visit.report.framework ?? null, null);
    assert.deepEqual(visit.grades, ['direct']);
    await visit.hydrate();
    assert.deepEqual(await visit.see('.headline'), ['Ship faster with less work']);
    await visit.close();
  });
});
