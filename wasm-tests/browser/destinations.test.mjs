// Variants that lead to another page: in the browser module, in Chromium, and in the web app.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, openApp, openPage } from './support/browser.mjs';
import { loadEngine } from './support/engine.mjs';
import { startSite } from './support/site.mjs';

const VARIANTS = [
  { key: 'control', name: 'Prices' },
  { key: 'sent', name: 'Sign up there', redirect: { to: '/signup?plan=team#form' } },
  {
    key: 'shown',
    name: 'Sign up here',
    page: { path: '/signup?plan=team' },
    changes: [{ selector: 'h1', text: 'Sign up here' }],
  },
  { key: 'missing', name: 'Sign up nowhere', page: { path: '/nowhere' } },
];

const DRAFT = JSON.stringify({
  experiments: [
    {
      key: 'sooner',
      name: 'Sign up sooner',
      status: 'running',
      hypothesis: {
        we_believe: 'the form in place of the prices',
        will_cause: 'more visitors to sign up',
        because: 'most who sign up have not looked at the prices',
      },
      pages: { include: [{ exact: '/pricing' }] },
      variants: VARIANTS.map((variant) => ({ weight: 2500, ...variant })),
    },
  ],
});

let site;
let browser;
let engine;

before(async () => {
  [site, browser, engine] = await Promise.all([startSite(DRAFT), launch(), loadEngine()]);
});

after(async () => {
  await browser?.close();
  await site?.stop();
});

const at = (path) => new URL(path, site.address).href;

/** Somebody who is given the variant. */
function visitorOf(variant) {
  const url = at('/pricing');
  for (let number = 1; number < 1000; number += 1) {
    const visitor = `visitor-${number}`;
    if (engine.decide(site.datafile, { url, visitor })[0].variant === variant) return visitor;
  }
  throw new Error(`nobody is given ${variant}`);
}

describe('the browser module', () => {
  const url = 'https://example.com/pricing?plan=solo&utm_source=mail';
  const html = new TextEncoder().encode('<link rel=canonical href=/signup><h1>Sign up</h1>');
  const render = (variant) =>
    engine.render(site.datafile, { url, variants: { sooner: variant } }, html);

  test('says where variants lead', () => {
    const destination = (variant) =>
      engine.destination(site.datafile, url, { sooner: variant });
    const sent = '/signup?plan=team&utm_source=mail#form';
    const shown = '/signup?plan=team&utm_source=mail';
    assert.deepEqual(destination('control'), { redirect: null, page: null });
    assert.deepEqual(destination('sent'), { redirect: sent, page: null });
    assert.deepEqual(destination('shown'), { redirect: null, page: shown });
    const [decision] = engine.decide(site.datafile, { url, visitor: visitorOf('sent') });
    assert.equal(decision.redirect, sent);
    assert.match(decision.explain, /^Is sent to \/signup/);
    const [{ variants }] = engine.describe(site.datafile);
    assert.deepEqual(
      variants.map(({ leads }) => leads),
      [
        null,
        'the visitor is sent to /signup?plan=team#form',
        'the page /signup?plan=team is shown at the address asked for',
        'the page /nowhere is shown at the address asked for',
      ],
    );
  });

  test('renders the other page as it is shown', () => {
    const rendered = render('shown');
    assert.equal(
      new TextDecoder().decode(rendered.html),
      '<link rel=canonical href="https://example.com/pricing"><h1>Sign up here</h1>',
    );
    assert.equal(rendered.page, '/signup?plan=team&utm_source=mail');
    assert.equal(rendered.experiments[0].exposed, true);
  });

  test('has nothing to render where visitors are sent away', () => {
    const { html, redirect, page, experiments } = render('sent');
    assert.equal(html.length, 0);
    assert.equal(redirect, '/signup?plan=team&utm_source=mail#form');
    assert.equal(page, null);
    assert.deepEqual(
      experiments.map(({ variant, exposed }) => [variant, exposed]),
      [['sent', true]],
    );
  });
});

describe('a visitor in Chromium', () => {
  const open = async (variant) => {
    const opened = await openPage(browser, site);
    const value = `1.${visitorOf(variant)}`;
    await opened.context.addCookies([{ name: 'edgewise', value, url: site.address }]);
    await opened.page.goto('/pricing?utm_source=mail&plan=solo');
    return opened;
  };

  test('who is sent on arrives with their parameters, and is counted once', async () => {
    const { page, context, complaints } = await open('sent');
    assert.equal(page.url(), at('/signup?plan=team&utm_source=mail#form'));
    const own = (line) => line.visitor === visitorOf('sent');
    const lines = (await site.edge.logs(own)).filter(own);
    assert.deepEqual(
      lines.map(({ type, variant, leads_to }) => [type, variant, leads_to]),
      [['exposure', 'sent', '/signup?plan=team#form']],
    );
    await page.goto('/pricing');
    assert.equal(page.url(), at('/signup?plan=team#form'));
    assert.deepEqual(complaints, []);
    await context.close();
  });

  test('who is shown another page stays at the address', async () => {
    const { page, context, complaints } = await open('shown');
    assert.equal(page.url(), at('/pricing?utm_source=mail&plan=solo'));
    assert.equal(await page.getByRole('heading', { level: 1 }).textContent(), 'Sign up here');
    assert.deepEqual(complaints, []);
    await context.close();
  });

  test('where the other page is missing, the one asked for is shown', async () => {
    const { page, context, complaints } = await open('missing');
    const prices = await (await fetch(new URL('/pricing', site.originAddress))).text();
    const title = /<title>([^<]*)<\/title>/.exec(prices)[1];
    assert.equal(await page.title(), title);
    assert.deepEqual(complaints, []);
    await context.close();
  });
});

test('the app shows where variants lead, and the other page where it is shown', async () => {
  const { page, context, complaints } = await openApp(browser, site, 'experiments/sooner');
  const card = (key) => {
    const { name } = VARIANTS.find((variant) => variant.key === key);
    return page.getByRole('article', { name: `Variant ${name}`, exact: true });
  };
  const headline = (key) => card(key).frameLocator('iframe').locator('h1').first();
  await headline('control').waitFor();
  assert.equal(await headline('shown').textContent(), 'Sign up here');
  await card('shown').getByText('/signup?plan=team is shown at this address').waitFor();
  await card('shown').getByText('A visit to this page counts.').waitFor();
  await card('sent').getByText('Visitors are sent to /signup?plan=team#form').waitFor();
  await card('missing').getByText('The site answered 404 for /nowhere').waitFor();
  assert.equal(await page.locator('.gallery iframe').count(), 2);
  assert.deepEqual(complaints, []);
  await context.close();
});
