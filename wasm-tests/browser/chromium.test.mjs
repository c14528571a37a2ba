// The web app in Chromium, served by the built module in front of the demo's site.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { violations } from './support/axe.mjs';
import { launch, openApp, openPage, userAgentOf } from './support/browser.mjs';
import { difference } from './support/bytes.mjs';
import { loadEngine } from './support/engine.mjs';
import { goldenCases } from './support/golden.mjs';
import { startSite, TOKEN } from './support/site.mjs';

let site;
let browser;
let engine;
let experiments;

before(async () => {
  [site, browser, engine] = await Promise.all([startSite(), launch(), loadEngine()]);
  ({ experiments } = JSON.parse(site.datafile));
});

after(async () => {
  await browser?.close();
  await site?.stop();
});

const find = (key) => experiments.find((experiment) => experiment.key === key);
const home = () => find('home-headline');
const plainly = (words) => words.replace(/\s+/g, ' ').trim();
const text = async (locator) => plainly(await locator.evaluate((element) => element.textContent));

/** What a visitor is served, without a browser in between. */
async function served(path, visitor) {
  const cookie = `edgewise=2.${visitor}`;
  const headers = { cookie, accept: 'text/html', 'user-agent': userAgentOf(browser) };
  const response = await fetch(new URL(path, site.address), { headers });
  assert.equal(response.status, 200);
  return Buffer.from(await response.arrayBuffer());
}

/** The origin's own page, as the app gets it for its previews. */
async function origins(path) {
  const url = new URL(`/_edgewise/api/v1/page?path=${encodeURIComponent(path)}`, site.address);
  const response = await fetch(url, { headers: { authorization: `Bearer ${TOKEN}` } });
  assert.equal(response.status, 200);
  const csp = response.headers.get('x-edgewise-csp');
  return {
    content_type: response.headers.get('x-edgewise-content-type'),
    ...(csp && { csp: [csp] }),
    html: new Uint8Array(await response.arrayBuffer()),
  };
}

async function qaLink(experiment, variant, path) {
  const response = await fetch(new URL('/_edgewise/api/v1/qa-links', site.address), {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ experiment, variant, path }),
  });
  assert.ok(response.ok, `${response.status}`);
  return (await response.json()).url;
}

/** Somebody whom only one experiment shows something on a page. */
function visitorOfOnly(key, path) {
  const url = new URL(path, site.address).href;
  for (let number = 1; number < 1000; number += 1) {
    const visitor = `visitor-${number}`;
    const others = engine
      .decide(site.datafile, { url, visitor })
      .filter((decision) => decision.experiment !== key);
    const shown = ({ experiment, variant }) =>
      variant !== null && variant !== find(experiment).variants[0].key;
    if (!others.some(shown)) return visitor;
  }
  throw new Error('everybody is shown something by another experiment');
}

const card = (page, variant) =>
  page.getByRole('article', { name: `Variant ${variant.name}`, exact: true });

async function openExperiment(key, options) {
  const opened = await openApp(browser, site, `experiments/${key}`, options);
  await opened.page.getByRole('heading', { level: 1, name: find(key).name }).waitFor();
  const { variants } = find(key);
  for (const variant of variants) {
    const frame = card(opened.page, variant).frameLocator('iframe');
    await frame.locator('h1').first().waitFor();
  }
  return opened;
}

describe('signing in', () => {
  test('a wrong token is refused in place, the right one opens the list', async () => {
    const { page, context, complaints } = await openPage(browser, site);
    await page.goto('/_edgewise/');
    await page.getByLabel('Access token').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').filter({ hasText: /token/ }).waitFor();
    // Chromium itself writes a line about every answer that refuses.
    assert.equal(complaints.splice(0).length, 1, complaints.join('\n'));
    await page.getByLabel('Access token').fill(TOKEN);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('table', { name: 'Experiments' }).waitFor();
    assert.deepEqual(complaints, []);
    await context.close();
  });

  test('a token in the address is taken out of it', async () => {
    const { page, context } = await openApp(browser, site);
    await page.getByRole('table', { name: 'Experiments' }).waitFor();
    assert.equal(new URL(page.url()).hash, '');
    assert.equal(await page.evaluate(() => JSON.stringify({ ...localStorage })), '{}');
    assert.equal(await page.evaluate(() => JSON.stringify({ ...sessionStorage })), '{}');
    await context.close();
  });
});

describe('the list', () => {
  test('shows every experiment with its hypothesis, status, page and traffic', async () => {
    const { page, context, complaints } = await openApp(browser, site);
    const table = page.getByRole('table', { name: 'Experiments' });
    const words = { draft: 'Draft', running: 'Running', paused: 'Paused', stopped: 'Stopped' };
    for (const experiment of experiments) {
      const row = table.getByRole('row').filter({
        has: page.getByRole('link', { name: experiment.name, exact: true }),
      });
      const cells = await text(row);
      assert.ok(cells.includes(words[experiment.status]), cells);
      assert.ok(cells.includes(experiment.hypothesis.will_cause), cells);
      assert.ok(cells.includes(`${experiment.coverage / 100} % of visitors`), cells);
      assert.ok(cells.includes(`${experiment.variants.length} variants`), cells);
    }
    assert.equal(await table.getByRole('row').count(), experiments.length + 1);
    assert.deepEqual(complaints, []);
    await context.close();
  });

  test('leads to each experiment, and back', async () => {
    const { page, context, complaints } = await openApp(browser, site);
    await page.getByRole('link', { name: home().name, exact: true }).click();
    await page.getByRole('heading', { level: 1, name: home().name }).waitFor();
    await page.goBack();
    await page.getByRole('table', { name: 'Experiments' }).waitFor();
    assert.deepEqual(complaints, []);
    await context.close();
  });
});

describe('an experiment', () => {
  test('shows its page in every variant, and what was changed in each', async () => {
    const { page, context, complaints } = await openExperiment('home-headline');
    const plain = /<h1[^>]*>([^]*?)<\/h1>/.exec(Buffer.from((await origins('/')).html))[1];
    for (const [index, variant] of home().variants.entries()) {
      const headline = card(page, variant).frameLocator('iframe').locator('h1');
      const change = variant.changes.find(({ selector }) => selector === 'h1');
      const words = change ? (change.text ?? change.html) : plain;
      assert.equal(await text(headline), plainly(words.replace(/<[^>]*>/g, '')));
      if (index === 0) continue;
      const [described] = engine
        .describe(site.datafile)
        .filter(({ experiment }) => experiment === 'home-headline');
      const list = card(page, variant).getByRole('list').getByRole('listitem');
      const said = await list.allTextContents();
      const { changes } = described.variants.find((one) => one.variant === variant.key);
      assert.equal(said.length, changes.length, said.join('\n'));
      for (const [at, sentence] of changes.entries()) {
        // The app makes a sentence of it, with a capital letter.
        assert.ok(said[at].includes(sentence.slice(1)), `"${sentence}" in "${said[at]}"`);
        assert.match(said[at], /Matched 1 place/);
      }
    }
    assert.deepEqual(complaints, []);
    await context.close();
  });

  test('a click on a preview leads nowhere', async () => {
    const { page, context, complaints } = await openExperiment('pricing-buttons');
    const [, variant] = find('pricing-buttons').variants;
    const link = card(page, variant).frameLocator('iframe').locator('.plan-cta').first();
    await link.scrollIntoViewIfNeeded();
    const { x, y, width, height } = await link.boundingBox();
    await page.mouse.click(x + width / 2, y + height / 2);
    // Whatever the click starts has started by the time the app answers the next one.
    await page.getByRole('button', { name: 'New visitor' }).click();
    const frames = page.frames().map((frame) => new URL(frame.url()).pathname);
    const [top, ...inside] = frames;
    assert.equal(top, '/_edgewise/experiments/pricing-buttons');
    assert.deepEqual(new Set(inside), new Set(['/_edgewise/frame']));
    assert.deepEqual(complaints, []);
    await context.close();
  });

  test('tells for any visitor what the edge decides, and the edge serves just that', async () => {
    const { page, context, complaints } = await openExperiment('home-headline');
    const seen = new Set();
    for (const visitor of ['alice', 'bob', 'carol', 'dave', 'erin', 'frank']) {
      await page.getByLabel('Visitor id').fill(visitor);
      const url = new URL('/', site.address).href;
      const decision = engine
        .decide(site.datafile, { url, visitor })
        .find(({ experiment }) => experiment === 'home-headline');
      const variant = home().variants.find(({ key }) => key === decision.variant);
      const panel = page.getByRole('region', { name: 'Who sees what' });
      await panel.getByText('This visitor sees').filter({ hasText: variant.name }).waitFor();
      assert.ok((await text(panel)).includes(decision.explain), decision.explain);
      const change = variant.changes.find(({ selector }) => selector === 'h1');
      const html = (await served('/', visitor)).toString();
      for (const other of home().variants) {
        for (const { selector, text: words, html: markup } of other.changes) {
          if (selector !== 'h1') continue;
          assert.equal(html.includes(words ?? markup), other === variant, `${visitor}: ${words}`);
        }
      }
      assert.ok(!change || html.includes(change.text ?? change.html));
      seen.add(variant.key);
    }
    assert.ok(seen.size > 1, 'these visitors are all in one variant');
    assert.deepEqual(complaints, []);
    await context.close();
  });

  test('gives QA links that show their variant and are not counted', async () => {
    const { page, context, complaints } = await openExperiment('home-headline');
    const qa = page.getByRole('region', { name: 'QA links' });
    const [, variant] = home().variants;
    await qa.getByRole('button', { name: `Make a link to ${variant.name}` }).click();
    const link = qa.getByRole('link', { name: `Open ${variant.name} in a new tab` });
    const [opened] = await Promise.all([context.waitForEvent('page'), link.click()]);
    const headline = opened.getByRole('heading', { level: 1 });
    const { text: words } = variant.changes.find(({ selector }) => selector === 'h1');
    assert.equal(await text(headline), words);
    // The link's own parameter is gone, and the variant stays for the session.
    await opened.goto('/');
    assert.equal(await text(headline), words);

    const cookies = await context.cookies();
    const { value } = cookies.find(({ name }) => name === 'edgewise');
    const qaCookie = cookies.find(({ name }) => name === 'edgewise_qa');
    assert.deepEqual([qaCookie.expires, qaCookie.httpOnly, qaCookie.secure], [-1, true, true]);
    const [, visitor] = value.split('.');
    const own = (line) => line.visitor === visitor && line.experiment === 'home-headline';
    const lines = await site.edge.logs(own);
    assert.deepEqual([...new Set(lines.filter(own).map(({ type }) => type))], ['forced-exposure']);
    assert.deepEqual(complaints, []);
    await context.close();
  });

  test('fits a phone', async () => {
    const viewport = { width: 390, height: 844 };
    const { page, context, complaints } = await openExperiment('home-headline', { viewport });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `${wide} pixels too wide`);
    assert.deepEqual(complaints, []);
    await context.close();
  });
});

describe('what is previewed is what is served', () => {
  for (const [key, path] of [
    ['home-headline', '/'],
    ['home-first-screen', '/'],
    ['pricing-buttons', '/pricing'],
  ]) {
    test(`${key}: the preview's bytes are the edge's`, async () => {
      const { page, context } = await openExperiment(key);
      const glue = await glueAddress(page);
      const { html, ...head } = await origins(path);
      const visitor = visitorOfOnly(key, path);
      for (const variant of find(key).variants) {
        const place = { url: new URL(path, site.address).href, ...head };
        const variants = { [key]: variant.key };
        const { html: preview } = await renderIn(page, glue, {
          datafile: site.datafile,
          page: { ...place, variants },
          html,
        });
        const forced = await served(await qaLink(key, variant.key, path), visitor);
        assert.equal(difference(forced, preview), null, variant.key);

        const main = (element) => element.outerHTML.replace(/ inert=""/g, '');
        const frame = card(page, variant).frameLocator('iframe');
        const shown = await frame.locator('main').evaluate(main);
        const parsed = await page.evaluate(parseMain, forced.toString());
        assert.equal(shown, parsed, `the frame of ${variant.key}`);
      }
      await context.close();
    });
  }

  test("the golden cases come out equal in the page's own engine", async () => {
    const { page, context, complaints } = await openExperiment('home-headline');
    const glue = await glueAddress(page);
    for (const { name, page: visit, datafile, input, expected, report } of goldenCases()) {
      const rendered = await renderIn(page, glue, { datafile, page: visit, html: input });
      assert.equal(difference(expected, rendered.html), null, name);
      if (report) assert.deepEqual(rendered.experiments, report, name);
    }
    assert.deepEqual(complaints, []);
    await context.close();
  });
});

/** The address of the engine that the app has loaded. */
async function glueAddress(page) {
  await page.waitForFunction(() =>
    performance.getEntriesByType('resource').some(({ name }) => name.endsWith('.wasm')),
  );
  const names = await page.evaluate(() =>
    performance.getEntriesByType('resource').map(({ name }) => name),
  );
  const candidates = names.filter((name) => /edgewise_browser-[^/]*\.js$/.test(name));
  assert.equal(candidates.length, 1, names.join('\n'));
  return candidates[0];
}

/** Renders in the page's realm, by the instance of the engine that the app uses. */
async function renderIn(page, glue, { datafile, page: visit, html }) {
  const input = Buffer.from(html).toString('base64');
  const rendered = await page.evaluate(
    async ({ glue, datafile, visit, input }) => {
      const engine = await import(glue);
      const bytes = Uint8Array.from(atob(input), (letter) => letter.charCodeAt(0));
      const { html, ...rest } = engine.render(datafile, visit, bytes);
      let binary = '';
      for (const byte of html) binary += String.fromCharCode(byte);
      return { ...rest, html: btoa(binary) };
    },
    { glue, datafile, visit, input },
  );
  return { ...rendered, html: Buffer.from(rendered.html, 'base64') };
}

/** The same part of the page, parsed by the browser from the edge's bytes. */
function parseMain(html) {
  const frame = document.querySelector('iframe').contentWindow;
  return frame.Document.parseHTMLUnsafe(html).querySelector('main').outerHTML;
}

describe('everybody can use it', () => {
  for (const colorScheme of ['light', 'dark']) {
    test(`axe finds nothing, ${colorScheme}`, async () => {
      const { page, context } = await openPage(browser, site, { colorScheme });
      await page.goto('/_edgewise/');
      await page.getByLabel('Access token').waitFor();
      assert.deepEqual(await violations(page), [], 'sign-in');
      await page.getByLabel('Access token').fill(TOKEN);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('table', { name: 'Experiments' }).waitFor();
      assert.deepEqual(await violations(page), [], 'list');
      await context.close();

      const { page: screen, context: other } = await openExperiment('home-headline', {
        colorScheme,
      });
      assert.deepEqual(await violations(screen), [], 'experiment');
      await other.close();
    });
  }
});
