// The heal script in Chromium: alone against pages that fight it, and with every framework.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { brotliCompressSync } from 'node:zlib';
import { APP_NAMES, FLAVOURS } from './hydrate/build.mjs';
import { committedHeal, minifiedHeal } from './hydrate/minify.mjs';
import { setContent } from './support/edits.mjs';
import { healScript, withHeal } from './support/heal.mjs';
import { each, PAUSE, startOrigin } from './support/hydrate.mjs';

/** What a page of a megabyte does not notice. */
const MOST_BYTES = 1536;

let origin;

before(async () => {
  origin = await startOrigin();
});

after(() => origin?.stop());

/** A page without a framework around some content. */
const plainPage = (content) =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Plain</title>` +
  `<link rel="icon" href="data:,"></head><body>${content}</body></html>`;

const inPlain = (content, changes, more = {}) =>
  origin.visit({
    html: plainPage(content),
    edit: (html, report) => withHeal(html, changes, { report, ...more.script }),
    ...more,
  });

describe('the script', () => {
  test('is small, and the one that was written', async () => {
    const heal = await committedHeal();
    assert.equal(heal, await minifiedHeal(), 'run: node hydrate/minify.mjs');
    const bytes = brotliCompressSync(heal).length;
    assert.ok(bytes < MOST_BYTES, `${bytes} bytes`);
  });

  test('may stand in any page', async () => {
    const heal = await committedHeal();
    assert.match(heal, /^[\x20-\x7e\n]*$/, 'plain ASCII');
    assert.doesNotMatch(heal, /<[/!]|eval|Function\(|import\(/);
  });
});

describe('with a framework', () => {
  afterEach(() => origin.tidy());

  const words = [
    { change: 'link', selector: '.cta', text: 'New link' },
    { change: 'button', selector: '.toggle', text: 'New button' },
    { change: 'item', selector: 'li.a', text: 'New item' },
    { change: 'cell', selector: 'td', text: 'New cell' },
    { change: 'label', selector: 'label', text: 'New label' },
    { change: 'mixed', selector: '.intro', text: 'New <b>intro</b>' },
  ];
  const seenOf = (visit) => visit.see('.cta, .toggle, li.a, td, label, .intro');
  const wanted = [
    'New <b>intro</b>',
    'New link',
    'New button',
    'New item',
    'New cell',
    'New label',
  ];
  const names = words.map(({ change }) => change);

  for (const flavour of FLAVOURS) {
    test(`words never flicker and never differ, ${flavour}`, async (t) => {
      await each(APP_NAMES, async (app) => {
        const edit = (html) => withHeal(html, words);
        const visit = await origin.visit({ app, flavour, edit });
        assert.deepEqual(await seenOf(visit), wanted, `${app}: before`);
        await visit.hydrate();
        assert.deepEqual(await seenOf(visit), wanted, `${app}: taken over`);
        const states = await visit.states(names);
        t.diagnostic(`${app}: ${names.map((name, at) => `${name} ${states[at]}`).join(', ')}`);
        assert.ok(!states.includes('given-up'), app);
        await visit.press('.counter');
        assert.deepEqual(await visit.see('.counter'), ['Clicked 1 times'], app);
        // The link gets other words, the list another order, the cell's card is a new one.
        await visit.click('.toggle');
        assert.deepEqual(await visit.see('.price'), ['$490'], app);
        assert.deepEqual(await seenOf(visit), wanted, `${app}: rendered again`);
        assert.deepEqual(await visit.frames(), ['New link'], app);
        assert.deepEqual(await visit.troubles(), [], app);
        // Another page of the application is not the one that the changes are for.
        await visit.press('.about');
        assert.deepEqual(await visit.see('.cta'), ['Work here'], app);
        await visit.press('.home');
        assert.deepEqual(await seenOf(visit), wanted, `${app}: back again`);
        await visit.close();
      });
    });
  }

  test('what adds and moves waits, and lasts', async () => {
    const changes = [
      { change: 'html', selector: '.buy', text: 'Buy now', html: '<b>Buy <i>now</i></b>' },
      { change: 'after', selector: 'li.b', insert: { after: '<li class="new">Extra</li>' } },
      { change: 'row', selector: 'tbody', insert: { append: '<tr><td>Row</td></tr>' } },
      { change: 'before', selector: '.card', insert: { before: '<p class="offer">Offer</p>' } },
      { change: 'first', selector: '.toggle', insert: { prepend: '<i>Now:</i>' } },
      { change: 'move', selector: 'li.c', move: { before: 'li.a' } },
    ];
    const names = changes.map(({ change }) => change);
    await each(APP_NAMES, async (app) => {
      const visit = await origin.visit({ app, edit: (html) => withHeal(html, changes) });
      const look = async () => ({
        buy: await visit.see('.buy, .buy i'),
        items: await visit.see('li'),
        cells: await visit.see('td'),
        offer: await visit.see('.page > p.offer'),
        toggle: await visit.see('.toggle'),
      });
      assert.deepEqual(await visit.see('.buy, .new, .offer'), ['Buy now'], `${app}: before`);
      await visit.hydrate();
      const states = await visit.states(names);
      // Preact rewrites words that it got in another cut than it would make them.
      const [, ...added] = states;
      assert.deepEqual(new Set(added), new Set(['kept']), app);
      const after = {
        buy: ['Buy now', 'now'],
        cells: ['Team plan seats', 'Row'],
        offer: ['Offer'],
        toggle: ['Now:Change the plan'],
      };
      const { items, ...others } = await look();
      assert.deepEqual(others, after, app);
      const order = ['Gamma feature', 'Alpha feature', 'Beta feature', 'Extra'];
      assert.deepEqual(items, order, app);
      await visit.press('.toggle');
      assert.deepEqual(await visit.see('.price'), ['$490'], app);
      const { items: again, ...still } = await look();
      assert.deepEqual(still, after, `${app}: rendered again`);
      assert.deepEqual([...again].sort(), [...order].sort(), app);
      assert.equal(again.indexOf('Gamma feature') + 1, again.indexOf('Alpha feature'), app);
      await visit.press('.counter');
      assert.deepEqual(await visit.see('.counter'), ['Clicked 1 times'], app);
      assert.deepEqual(await visit.troubles(), [], app);
      await visit.press('.about');
      assert.deepEqual(await visit.see('[data-edgewise-added]'), [], app);
      await visit.close();
    });
  });

  test('an application that goes on and on gets its own words back', async () => {
    const changes = [{ change: 'counter', selector: '.counter', text: 'New' }];
    await each(APP_NAMES, async (app) => {
      const visit = await origin.visit({ app, edit: (html) => withHeal(html, changes) });
      await visit.hydrate();
      await visit.states(['counter']);
      // All of it within the same second.
      await visit.page.evaluate(() => {
        const now = Date.now() + 2000;
        Date.now = () => now;
      });
      for (let clicks = 1; clicks <= 3; clicks += 1) {
        await visit.press('.counter');
        assert.deepEqual(await visit.see('.counter'), ['New'], `${app}: ${clicks}`);
      }
      await visit.press('.counter');
      assert.deepEqual(await visit.see('.counter'), ['Clicked 4 times'], app);
      await visit.press('.counter');
      assert.deepEqual(await visit.see('.counter'), ['Clicked 5 times'], app);
      const last = (await visit.told()).at(-1);
      assert.deepEqual(last, { change: 'counter', state: 'given-up', why: 'too-often' }, app);
      assert.deepEqual(await visit.troubles(), [], app);
      await visit.close();
    });
  });

  test('attributes, classes and styles are set again', async (t) => {
    const changes = [
      { change: 'attribute', selector: '.cta', attribute: { href: '/new', title: 'Hi' } },
      { change: 'class', selector: '.cta', class: { add: ['big'], remove: ['yearly'] } },
      { change: 'style', selector: '.intro', style: { color: '#ff0000', 'font-weight': 'bold' } },
      { change: 'hidden', selector: '.hero', style: { display: 'none' } },
    ];
    const names = changes.map(({ change }) => change);
    const look = () => {
      const find = (selector) => document.querySelector(selector);
      const { color, fontWeight } = getComputedStyle(find('.intro'));
      return [
        find('.cta').getAttribute('href'),
        find('.cta').title,
        find('.cta').className,
        color,
        fontWeight,
        getComputedStyle(find('.hero')).display,
      ].join(' ');
    };
    const wanted = '/new Hi cta big rgb(255, 0, 0) 700 none';
    await each(APP_NAMES, async (app) => {
      const visit = await origin.visit({ app, edit: (html) => withHeal(html, changes) });
      assert.equal(await visit.page.evaluate(look), wanted, `${app}: before`);
      await visit.hydrate();
      assert.equal(await visit.page.evaluate(look), wanted, `${app}: taken over`);
      const states = await visit.states(names);
      t.diagnostic(`${app}: ${names.map((name, at) => `${name} ${states[at]}`).join(', ')}`);
      assert.ok(!states.includes('given-up'), app);
      await visit.press('.toggle');
      assert.equal(await visit.page.evaluate(look), wanted, `${app}: rendered again`);
      assert.deepEqual(await visit.troubles(), [], app);
      await visit.close();
    });
  });

  // Why words are written at once and veiled, and not in one of the two simpler ways.
  test('of three ways to change words, one neither flickers nor differs', async (t) => {
    const text = [{ change: 'cta', selector: '.cta', text: 'New link' }];
    const ways = {
      'after hydration': {},
      'at the edge, repaired': {
        edit: (html) => withHeal(setContent(html, 'cta', 'New link'), text),
      },
      'at once, veiled': { edit: (html) => withHeal(html, text) },
    };
    for (const [name, way] of Object.entries(ways)) {
      const rows = await each(APP_NAMES, async (app) => {
        const visit = await origin.visit({ app, ...way });
        await visit.hydrate();
        if (!way.edit) {
          await visit.page.evaluate(() => {
            document.querySelector('.cta').firstChild.data = 'New link';
            return globalThis.test.settled();
          });
        }
        const [frames, troubles, replaced] = [
          await visit.frames(),
          await visit.troubles(),
          // Vue sets raw HTML anew in any case.
          (await visit.replaced()).filter((mark) => mark !== '.story'),
        ];
        await visit.close();
        return { app, frames, troubles, replaced };
      });
      for (const { app, frames, troubles, replaced } of rows) {
        const differs = troubles.length > 0 ? 'complains' : 'agrees';
        const rebuilt =
          replaced.length > 0 ? `rebuilds ${replaced.length} of them` : 'rebuilds none';
        t.diagnostic(`${name}: ${app} paints ${frames.join(', then ')}; ${differs}, ${rebuilt}`);
        if (name !== 'at once, veiled') continue;
        assert.deepEqual(
          { frames, troubles, replaced },
          { frames: ['New link'], troubles: [], replaced: [] },
        );
      }
      const flickers = rows.some(({ frames }) => frames.length > 1);
      assert.equal(flickers, name === 'after hydration', name);
      const differs = rows.some(({ troubles }) => troubles.length > 0);
      assert.equal(differs, name === 'at the edge, repaired', name);
    }
  });
});

describe('with a page that fights', { concurrency: true }, () => {
  const change = [{ change: 'fight', selector: '#it', text: 'New' }];

  test('it stops after three repairs within a second', async () => {
    const fighter = `<p id="it">Old</p><script>
      let writes = 0;
      new MutationObserver(() => {
        const text = it.firstChild;
        if (text.substringData(0, 9) === 'Old') return;
        writes += 1;
        text.data = 'Old';
      }).observe(it, { characterData: true, childList: true, subtree: true });
      it.firstChild.data = 'Old';
    </script>`;
    const visit = await inPlain(fighter, change);
    assert.deepEqual(await visit.states(['fight']), ['given-up']);
    assert.deepEqual(
      (await visit.told()).map(({ state, why }) => [state, why]),
      [
        ['repaired', undefined],
        ['given-up', 'too-often'],
      ],
    );
    assert.deepEqual(await visit.see('#it'), ['Old']);
    // The page's own observer answered each of the repairs.
    assert.equal(await visit.page.evaluate(() => globalThis.eval('writes')), 3);
    await visit.close();
  });

  for (const [how, revert] of [
    ['the words', () => (document.querySelector('#it').firstChild.data = 'Old')],
    ['the element', () => (document.querySelector('#it').outerHTML = '<p id="it">Old</p>')],
  ]) {
    test(`it stops after 20 repairs, if ${how} always come back`, async () => {
      const visit = await inPlain('<div><p id="it">Old</p></div><p>End</p>', change);
      const kept = await visit.page.evaluate(async (source) => {
        const revert = new Function(`return (${source})()`);
        let now = Date.now();
        Date.now = () => now;
        let repairs = 0;
        for (let round = 0; round < 30; round += 1) {
          now += 1000;
          revert();
          await Promise.resolve();
          if (globalThis.test.see('#it')[0] === 'New') repairs += 1;
        }
        return repairs;
      }, String(revert));
      assert.equal(kept, 20);
      assert.deepEqual(await visit.see('#it'), ['Old']);
      const [, last] = await visit.told();
      assert.deepEqual(last, { change: 'fight', state: 'given-up', why: 'too-often' });
      await visit.close();
    });
  }

  test('one that is given up does not take the others with it', async () => {
    const changes = [
      { change: 'picture', selector: '#picture', text: 'Words' },
      { change: 'far', selector: '#one', move: { after: '#two' } },
      ...change,
    ];
    const content =
      '<p id="it">Old</p><a id="picture"><img alt="" src="/x.svg"></a>' +
      '<p id="one">1</p><div><p id="two">2</p></div>';
    const visit = await inPlain(content, changes);
    assert.deepEqual(await visit.states(['picture', 'far', 'fight']), [
      'given-up',
      'given-up',
      'kept',
    ]);
    const reasons = (await visit.told()).map(({ why }) => why).filter(Boolean);
    assert.deepEqual(reasons, ['no-text', 'other-parent']);
    assert.deepEqual(await visit.see('#it'), ['New']);
    await visit.close();
  });
});

describe('with a page of no framework', { concurrency: true }, () => {
  const changes = [
    { change: 'words', selector: '#it', text: 'New' },
    { change: 'more', selector: '#it', insert: { after: '<p id="more">More</p>' } },
    { change: 'color', selector: '#it', style: { color: '#f00' } },
    { change: 'name', selector: '#it', class: { add: ['x'] }, attribute: { title: 'T' } },
    { change: 'gone', selector: '#nowhere', text: 'Never' },
  ];
  const names = ['words', 'more', 'color', 'name'];

  test('reports once, when the visitor leaves', async () => {
    const visit = await inPlain('<p id="it">Old</p>', changes);
    await visit.states(names);
    await visit.close();
    assert.deepEqual(await visit.reported, [
      ...names.map((change) => ({ change, state: 'kept' })),
      { change: 'gone' },
    ]);
  });

  test('what is right is not written again, and nothing is added twice', async () => {
    const visit = await inPlain('<p id="it">Old</p>', changes);
    await visit.states(names);
    const writes = await visit.page.evaluate(async () => {
      const records = [];
      const observer = new MutationObserver((some) => records.push(...some));
      const all = { subtree: true, childList: true, characterData: true, attributes: true };
      // Something else on the page changes, and the script looks at its own again.
      document.body.append(document.createElement('hr'));
      await Promise.resolve();
      observer.observe(document, all);
      document.querySelector('hr').remove();
      await globalThis.test.settled();
      return records.length;
    });
    assert.equal(writes, 1);
    assert.equal(await visit.page.locator('#more').count(), 1);
    // The same script once more in the same page.
    await visit.page.evaluate((html) => {
      document.head.append(document.createRange().createContextualFragment(html));
      return globalThis.test.settled();
    }, healScript(changes));
    const html = await visit.page.content();
    await visit.close();
    assert.equal(html.split('id="more"').length, 2);
    // A page that was kept as it stood, served again with its script.
    const again = await origin.visit({ html, edit: (kept) => withHeal(kept, changes) });
    assert.deepEqual(await again.see('#it, #more'), ['New', 'More']);
    await again.states(names);
    assert.deepEqual(await again.see('#it, #more'), ['New', 'More']);
    await again.close();
  });

  test('an element is let arrive whole, and its old words are not painted', async () => {
    const content = `<a class="cta" href="/x">Old wo${PAUSE}rds</a><p>End</p>`;
    const text = [{ change: 'words', selector: '.cta', text: 'New words' }];
    const visit = await inPlain(content, text, { pausing: true });
    await visit.page.locator('.cta').waitFor();
    assert.deepEqual(await visit.see('.cta'), ['Old wo'], 'what is still to come is not known');
    visit.resume();
    await visit.parsed();
    assert.deepEqual(await visit.see('.cta'), ['New words']);
    await visit.close();

    const whole = await inPlain(`<a class="cta" href="/x">Old</a>${PAUSE}<p>End</p>`, text, {
      pausing: true,
    });
    await whole.page.locator('.cta').waitFor();
    whole.resume();
    await whole.parsed();
    assert.deepEqual(await whole.see('.cta'), ['New words']);
    await whole.close();
  });

  test('words are words, whatever they look like', async () => {
    const text = `</script><img src=x onerror="globalThis.hacked=1">&amp;"'<!--`;
    const visit = await inPlain('<p id="it">Old</p>', [{ change: 'x', selector: '#it', text }]);
    assert.deepEqual(await visit.see('#it'), [text]);
    assert.equal(await visit.page.evaluate(() => globalThis.hacked), undefined);
    await visit.close();
  });
});

describe('under a policy', { concurrency: true }, () => {
  const changes = [
    { change: 'words', selector: '#it', text: 'New' },
    { change: 'color', selector: '#it', style: { color: '#f00' } },
    { change: 'more', selector: '#it', insert: { after: '<p id="more">More</p>' } },
  ];
  const names = changes.map(({ change }) => change);
  const policy = (csp) => ({ headers: { 'content-security-policy': csp } });
  const strict =
    "default-src 'self'; style-src 'self'; script-src 'nonce-abc'; img-src 'self' data:";

  test('a nonce is all that it takes', async () => {
    const visit = await inPlain('<p id="it">Old</p>', changes, {
      ...policy(strict),
      script: { nonce: 'abc' },
    });
    assert.deepEqual(await visit.states(names), ['kept', 'kept', 'kept']);
    assert.deepEqual(await visit.see('#it, #more'), ['New', 'More']);
    assert.deepEqual(await visit.troubles(), []);
    await visit.close();
  });

  test('without one the page is as it came', async () => {
    const visit = await inPlain('<p id="it">Old</p>', changes, policy(strict));
    assert.deepEqual(await visit.see('#it'), ['Old']);
    await visit.close();
  });

  test('where markup must be trusted, only what adds markup is given up', async () => {
    const visit = await inPlain('<p id="it">Old</p>', changes, {
      ...policy(`${strict}; require-trusted-types-for 'script'`),
      script: { nonce: 'abc' },
    });
    assert.deepEqual(await visit.states(names), ['kept', 'kept', 'given-up']);
    await visit.close();
  });
});
