// What becomes of edits when a framework takes the edited page over: the reasons for the ladder by
// which the engine chooses how to make a change, and the proof that its rungs hold.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { APP_NAMES, FLAVOURS, loadServer } from './hydrate/build.mjs';
import { pageData } from './hydrate/data.mjs';
import {
  inHead,
  insertAfter,
  insertFirst,
  insertLast,
  lastInBody,
  moveAfter,
  overlay,
  removeElement,
  setAttribute,
  setContent,
  setTag,
} from './support/edits.mjs';
import { withHeal } from './support/heal.mjs';
import { each, startOrigin } from './support/hydrate.mjs';

let origin;

before(async () => {
  origin = await startOrigin();
});

afterEach(() => origin?.tidy());

after(() => origin?.stop());

const addClass = (html, name, added) =>
  setTag(html, name, (tag) => tag.replace(`"${name}"`, `"${name} ${added}"`));

/**
 * Edits of the page's own elements, and what the six applications make of them, in the order of
 * their names: react, react-document, vue, svelte, preact, preact-10.
 *
 * K kept; k kept until the application changes that very thing; R undone. In front of it, "*": elements
 * were made anew, with them whatever else was changed in them. Behind it, "!": there are complaints.
 *
 * "bound" is what the application sets from its data, "constant" what its source spells out.
 */
const DIRECT = [
  // Each of a group is tried in the same visit.
  [
    {
      name: 'href, bound',
      edit: (html) => setAttribute(html, 'cta', 'href', '/new'),
      kept: () => document.querySelector('.cta').getAttribute('href') === '/new',
      outcome: 'k k R R k k',
    },
    {
      name: 'class, bound',
      edit: (html) => addClass(html, 'cta', 'big'),
      kept: () => document.querySelector('.cta').classList.contains('big'),
      outcome: 'k k k R k k',
    },
    {
      name: 'style, bound',
      edit: (html) => setAttribute(html, 'intro', 'style', 'color: red'),
      kept: () => document.querySelector('.intro').style.color === 'red',
      outcome: 'K K K R K K',
    },
    {
      name: 'class, constant',
      edit: (html) => addClass(html, 'headline', 'big'),
      kept: () => document.querySelector('.headline').classList.contains('big'),
      outcome: 'K K K K K K',
    },
    {
      name: 'src, bound',
      edit: (html) => setAttribute(html, 'hero', 'src', '/new.svg'),
      kept: () => document.querySelector('.hero').getAttribute('src') === '/new.svg',
      outcome: 'K K R k K K',
    },
    {
      name: 'alt, constant',
      edit: (html) => setAttribute(html, 'hero', 'alt', 'New'),
      kept: () => document.querySelector('.hero').alt === 'New',
      outcome: 'K K K K K K',
    },
    {
      name: 'hidden, added',
      edit: (html) => setAttribute(html, 'legal', 'hidden', ''),
      kept: () => document.querySelector('.legal').hidden,
      outcome: 'K K K K K K',
    },
    {
      name: 'style, added',
      edit: (html) => setAttribute(html, 'headline', 'style', 'color: red'),
      kept: () => document.querySelector('.headline').style.color === 'red',
      outcome: 'K K K K K K',
    },
    {
      name: 'data-*, added',
      edit: (html) => setAttribute(html, 'counter', 'data-edgewise', '1'),
      kept: () => document.querySelector('.counter').dataset.edgewise === '1',
      outcome: 'K K K K K K',
    },
    {
      name: 'style sheet in the head',
      edit: (html) => inHead(html, '<style>.legal { display: none }</style>'),
      kept: () => getComputedStyle(document.querySelector('.legal')).display === 'none',
      outcome: 'K K K K K K',
    },
    {
      name: 'element at the end of the body',
      edit: (html) => lastInBody(html, '<p class="new">New</p>'),
      kept: () => Boolean(document.querySelector('body > .new')),
      outcome: 'K K K K K K',
    },
    {
      name: 'inside raw HTML',
      edit: (html) => setContent(html, 'story', 'New'),
      kept: () => globalThis.test.see('.story')[0] === 'New',
      outcome: 'K K R K K K',
    },
  ],
  [
    {
      name: 'text, constant',
      edit: (html) => setContent(html, 'legal', 'New'),
      kept: () => globalThis.test.see('.legal')[0] === 'New',
      outcome: '*R! *R! K K R R',
    },
  ],
  [
    {
      name: 'text, bound',
      edit: (html) => setContent(html, 'headline', 'New'),
      kept: () => globalThis.test.see('.headline')[0] === 'New',
      outcome: '*R! *R! R! R R R',
    },
  ],
  [
    {
      name: 'text in a part that streams in late',
      edit: (html) => setContent(html, 'name', 'New'),
      kept: () => globalThis.test.see('.name')[0] === 'New',
      outcome: '*R! *R! R! R R R',
    },
  ],
  [
    {
      name: 'element removed',
      edit: (html) => removeElement(html, 'hero'),
      kept: () => !document.querySelector('.hero'),
      outcome: '*R! *R! *R! *R! R R',
    },
  ],
  [
    {
      name: 'item removed',
      edit: (html) => removeElement(html, 'b'),
      kept: () => !document.querySelector('.b'),
      outcome: '*R! *R! K! R K K',
    },
  ],
  [
    {
      name: 'element inserted first',
      edit: (html) => insertFirst(html, 'page', '<p class="new">New</p>'),
      kept: () => Boolean(document.querySelector('.new')),
      outcome: '*R! *R! *R! *R! K K',
    },
  ],
  [
    {
      name: 'element inserted after',
      edit: (html) => insertAfter(html, 'cta', '<p class="new">New</p>'),
      kept: () => Boolean(document.querySelector('.new')),
      outcome: '*R! *R! *R! *R! R R',
    },
  ],
  [
    {
      name: 'item inserted last',
      edit: (html) => insertLast(html, 'features', '<li class="new">New</li>'),
      kept: () => Boolean(document.querySelector('.new')),
      outcome: '*R! *R! R! *R! R R',
    },
  ],
  [
    {
      name: 'item moved',
      edit: (html) => moveAfter(html, 'a', 'c'),
      kept: () => document.querySelector('.a')?.previousElementSibling?.className === 'c',
      outcome: '*R! *R! k! R k k',
    },
  ],
  [
    {
      name: 'comment added',
      edit: (html) => insertFirst(html, 'page', '<!--new-->'),
      kept: () => document.querySelector('.page').firstChild.data === 'new',
      outcome: 'K K *R! *R! R R',
    },
  ],
];

describe('edits of what the framework owns', () => {
  test('are kept, or undone, as the ladder supposes', async (t) => {
    const tries = DIRECT.flatMap((group) => APP_NAMES.map((app) => ({ app, group })));
    const outcomes = (await each(tries, tryEdits)).flat();
    const found = DIRECT.flat().map(({ name }) => {
      const letters = outcomes.filter((one) => one.name === name).map(({ letter }) => letter);
      return `${name}: ${letters.join(' ')}`;
    });
    t.diagnostic(`${APP_NAMES.join(', ')}:`);
    for (const line of found) t.diagnostic(line);
    assert.deepEqual(
      found,
      DIRECT.flat().map(({ name, outcome }) => `${name}: ${outcome}`),
    );
  });
});

describe('a shadow root that the parser makes', () => {
  const HOSTS =
    'article aside blockquote body div footer h1 h2 h3 h4 h5 h6 header main nav p section span';
  const OTHERS = 'a button label li td th ul ol dl dt dd form figure img em strong b i summary pre';

  test('can be had on these elements, and on no others', async () => {
    const visit = await origin.visit({ html: '<!doctype html><title>Hosts</title><p>' });
    const made = await visit.page.evaluate((names) => {
      return names.filter((name) => {
        const table = /^t[dh]$/.test(name) ? '<table><tr>' : '';
        const part = `${table}<${name}>${'<template shadowrootmode="open">New</template>'}Old`;
        const page = Document.parseHTMLUnsafe(part);
        return page.querySelector(name).shadowRoot;
      });
    }, `${HOSTS} ${OTHERS}`.split(' '));
    assert.equal(made.join(' '), HOSTS);
    await visit.close();
  });

  /** Words of two hosts, one of them late; something put in front of a block, and behind another. */
  const lay = (html) =>
    [
      ['headline', 'New headline'],
      ['intro', 'New <em>intro</em>'],
      ['name', 'New name'],
      ['legal', 'New legal'],
      ['card', '<p>Offer</p><slot></slot>'],
      ['body', '<slot></slot><p>Signed</p>'],
      ['top', '<p>Notice</p><slot></slot>'],
    ].reduce((laid, [name, content]) => insertFirst(laid, name, overlay(content)), html);
  const looked = '.headline, .intro, .card, .body, .top, .legal';
  const outer = () => document.documentElement.outerHTML;

  for (const flavour of FLAVOURS) {
    test(`is no matter to a framework, ${flavour}`, async () => {
      await each(APP_NAMES, async (app) => {
        const plain = await origin.visit({ app, flavour });
        const visit = await origin.visit({ app, flavour, edit: lay });
        const shown = [
          'Notice',
          'New headline',
          'New intro',
          'Offer New name $49 Team plan seats Buy Team plan',
          'A story from the CMS. Signed',
          'New legal',
        ];
        // What the framework is going to read is the origin's, to the byte.
        assert.equal(await visit.page.evaluate(outer), await plain.page.evaluate(outer), app);
        shown[0] = `Notice ${await plain.see('.top')}`;
        assert.deepEqual(await visit.see(looked), shown, `${app}: before`);
        await plain.hydrate();
        await visit.hydrate();
        assert.deepEqual(await visit.see(looked), shown, `${app}: taken over`);
        assert.deepEqual(await visit.replaced(), await plain.replaced(), app);
        await visit.press('.toggle');
        // The card is a new one, and its heading with it: nobody puts the roots back.
        shown[3] = 'Team plan $490 Team plan seats Buy Team plan';
        assert.deepEqual(await visit.see(looked), shown, `${app}: rendered again`);
        assert.deepEqual(await visit.troubles(), [], app);
        await plain.close();
        await visit.close();
      });
    });
  }

  test('orders elements by their slots, and lets clicks and typing through', async () => {
    const order = (html) =>
      insertFirst(
        setAttribute(html, 'sign-up', 'slot', 'edgewise-first'),
        'page',
        overlay('<slot name="edgewise-first"></slot><p>Between</p><slot></slot>'),
      );
    await each(APP_NAMES, async (app) => {
      const visit = await origin.visit({ app, edit: order });
      const begins = async () => (await visit.see('.page'))[0].slice(0, 40);
      const first = 'Your address Between Ship faster with le';
      assert.equal(await begins(), first, `${app}: before`);
      await visit.hydrate();
      assert.equal(await begins(), first, `${app}: taken over`);
      await visit.click('.counter');
      assert.deepEqual(await visit.see('.counter'), ['Clicked 1 times'], app);
      await visit.page.locator('#email').fill('ada@example.com');
      assert.equal((await visit.see('.echo'))[0], 'ada@example.com', app);
      await visit.press('.toggle');
      assert.match(
        (await visit.see('.page'))[0],
        /^Your address ada@example.com Between Ship/,
        app,
      );
      assert.deepEqual(await visit.troubles(), [], app);
      await visit.close();
    });
  });

  test('is what a screen reader reads', async () => {
    const visit = await origin.visit({ app: 'react', edit: lay });
    await visit.hydrate();
    const session = await visit.page.context().newCDPSession(visit.page);
    const { nodes } = await session.send('Accessibility.getFullAXTree');
    await session.detach();
    const headings = nodes.filter(({ role, ignored }) => !ignored && role.value === 'heading');
    assert.deepEqual(
      headings.map(({ name }) => name.value),
      ['New headline', 'New name'],
    );
    await visit.close();
  });

  test('and the heal script, for an element that the framework makes anew', async () => {
    const changes = [{ change: 'name', selector: '.name', text: 'New name' }];
    const edit = (html) => withHeal(insertFirst(html, 'name', overlay('New name')), changes);
    await each(APP_NAMES, async (app) => {
      const visit = await origin.visit({ app, edit });
      assert.deepEqual(await visit.see('.name'), ['New name'], app);
      await visit.hydrate();
      await visit.states(['name']);
      await visit.press('.toggle');
      assert.deepEqual(await visit.see('.name'), ['New name'], app);
      assert.deepEqual(await visit.troubles(), [], app);
      await visit.close();
    });
  });
});

describe('a variant that the origin renders itself', () => {
  test('is the same on the server and in the browser', async () => {
    await each(APP_NAMES, async (app) => {
      // The edge decides and says so; the origin renders, and embeds what it rendered from.
      const visit = await origin.visit({ app, asks: { edgewise: 'home=b' } });
      const shown = ['Rendered by the origin'];
      assert.deepEqual(await visit.see('.headline'), shown, app);
      await visit.hydrate();
      await visit.press('.toggle');
      assert.deepEqual(await visit.see('.headline'), shown, app);
      assert.deepEqual(await visit.troubles(), [], app);
      await visit.close();
    });
  });
});

describe('that a page will be taken over', () => {
  /** What is in a page in front of its first content, and what only behind that. */
  const SEEN = {
    react: { before: [], after: ['<!-- -->'] },
    'react-document': {
      before: [],
      after: ['<!-- -->', '<!--$?-->', '<template id="B:0">', 'id="_R_"', '$RC("B:0","S:0")'],
    },
    vue: { before: ['<!--[-->'], after: ['<!--]-->'] },
    svelte: { before: ['<!--[-->', '<!--[-1-->'], after: ['<!---->', '<!--]-->'] },
    preact: { before: [], after: [] },
    'preact-10': { before: [], after: [] },
  };
  /** Everything that would be a mark of one of these frameworks. */
  const ANY =
    /<!--.*?-->|<template id="B:0">|id="_R_"|\$RC\("B:0","S:0"\)|data-(?:v-|react|server)/g;

  test('shows in its bytes, early, late or not at all', async () => {
    for (const app of APP_NAMES) {
      const { render } = await loadServer(app, 'production');
      const html = await render(pageData(), '/client.js');
      const [before, after] = html.split('<main', 2);
      const marks = (part) => [...new Set(part.match(ANY))];
      const early = marks(before);
      assert.deepEqual(early, SEEN[app].before, app);
      const late = marks(after).filter((mark) => !early.includes(mark));
      for (const mark of SEEN[app].after) assert.ok(late.includes(mark), `${app}: ${mark}`);
      if (SEEN[app].after.length === 0) assert.deepEqual(late, [], app);
    }
  });

  test('and what streams in late is elsewhere in the bytes than in the page', async () => {
    const { render } = await loadServer('react-document', 'production');
    const html = await render(pageData(), '/client.js');
    assert.ok(
      html.indexOf('</main>') < html.indexOf('<div hidden id="S:0"><article class="card">'),
    );
    const visit = await origin.visit({ app: 'react-document' });
    assert.equal(await visit.page.locator('main > article.card').count(), 1);
    await visit.close();
  });
});

/** What becomes of a group of edits in an application, as letters. */
async function tryEdits({ app, group }) {
  const edit = (html) => group.reduce((edited, one) => one.edit(edited), html);
  const visit = await origin.visit({ app, edit });
  const look = () => Promise.all(group.map(({ kept }) => visit.page.evaluate(kept)));
  assert.ok((await look()).every(Boolean), `${app}: ${group[0].name} is there at first`);
  await visit.hydrate();
  // Vue sets raw HTML anew in any case.
  const replaced = (await visit.replaced()).filter((mark) => mark !== '.story');
  const star = replaced.length > 1 ? '*' : '';
  const taken = await look();
  await visit.press('.toggle');
  const rendered = await look();
  const bang = (await visit.troubles()).length > 0 ? '!' : '';
  await visit.close();
  return group.map(({ name }, at) => {
    const letter = taken[at] ? (rendered[at] ? 'K' : 'k') : 'R';
    return { name, letter: star + letter + bang };
  });
}
