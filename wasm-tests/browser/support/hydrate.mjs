// Visits to pages that a framework rendered on the server and takes over in the browser. The server
// keeps the framework's script back until the page has been parsed and painted, so what is seen
// before and after is the same every time, whatever the machine is doing.

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { clientFile, loadServer } from '../hydrate/build.mjs';
import { pageData } from '../hydrate/data.mjs';
import { launch } from './browser.mjs';
import { equipPage } from './seen.mjs';
import { PATIENCE_MS } from './site.mjs';

/** Put into a page by an edit: where its first half ends. The second comes by `resume()`. */
export const PAUSE = '<!--pause-->';

const SCRIPT = '/client.js';
const IMAGE =
  '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><circle cx="20" cy="20" r="9"/></svg>';
const WHICH = 'x-test-visit';
const LATE = 'react-document';

/** Elements that are looked for again once the framework has been at work. */
const MARKS = [
  ...['.top', '.menu', '.page', '.headline', '.intro', '.cta', '.counter', '.features', '.a'],
  ...['.hero', '.card', '.name', '.price', '.seats', '.buy', '.body', '.story', '.label', '.legal'],
];

/** A browser, and an origin that serves every visit the page that was made for it. */
export async function startOrigin() {
  const visits = new Map();
  const server = createServer(async (request, response) => {
    try {
      await answer(visits, request, response);
    } catch (error) {
      response.writeHead(500).end(String(error.stack));
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseURL = `http://127.0.0.1:${server.address().port}`;
  const browser = await launch();
  const context = await browser.newContext({ baseURL, viewport: { width: 800, height: 900 } });
  context.setDefaultTimeout(PATIENCE_MS);
  await context.addInitScript(equipPage, MARKS);
  const desk = { context, idle: [], busy: new Map() };
  return {
    visit(wish) {
      const visit = { flavour: 'production', edit: (html) => html, ...wish };
      visit.number = String(visits.size);
      visit.released = promise();
      visit.resumed = promise();
      visit.reported = promise();
      visits.set(visit.number, visit);
      return open(desk, visit);
    },
    /** Ends the visits that a failed test has left open: their connections are few. */
    async tidy() {
      for (const [page, visit] of desk.busy) {
        visit.released.keep();
        visit.resumed.keep();
        await page.close();
      }
      desk.busy.clear();
    },
    async stop() {
      await browser.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A promise that is kept from outside. */
function promise() {
  let keep;
  const made = new Promise((resolve) => (keep = resolve));
  return Object.assign(made, { keep });
}

async function answer(visits, request, response) {
  const { pathname } = new URL(request.url, 'http://origin');
  if (request.method === 'POST') {
    // A beacon outlives its page, and its page's headers: it says in its path whose it is.
    let body = '';
    for await (const chunk of request) body += chunk;
    visits.get(pathname.replace('/report/', '')).reported.keep(JSON.parse(body));
    return response.writeHead(204).end();
  }
  if (pathname.endsWith('.svg')) {
    return response.writeHead(200, { 'content-type': 'image/svg+xml' }).end(IMAGE);
  }
  const visit = visits.get(request.headers[WHICH]);
  if (pathname === SCRIPT) {
    await visit.released;
    const script = await readFile(await clientFile(visit.app, visit.flavour));
    return response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
  }
  const html = visit.edit(await originPage(visit, request), `/report/${visit.number}`);
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...visit.headers });
  const [first, ...rest] = html.split(PAUSE);
  response.write(first);
  if (rest.length > 0) await visit.resumed;
  return response.end(rest.join(''));
}

/** The page as the application's server half renders it, in the variant that the edge asks for. */
async function originPage(visit, request) {
  if (!visit.app) return visit.html;
  const { render } = await loadServer(visit.app, visit.flavour);
  return render(pageData(request.headers.edgewise), SCRIPT);
}

/**
 * Opens the page and leaves it parsed and painted, the framework's script not yet arrived.
 *
 * @param visit.app which application; or else
 * @param visit.html a page without one
 * @param visit.flavour how the application was built; as sites ship it, if not said
 * @param visit.edit what happens to the page on its way: it gets the page, and where reports go
 * @param visit.headers of the answer
 * @param visit.asks headers of the request
 */
async function open({ context, idle, busy }, visit) {
  const page = idle.pop() ?? (await context.newPage());
  busy.set(page, visit);
  await page.setExtraHTTPHeaders({ [WHICH]: visit.number, ...visit.asks });
  const complaints = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(`thrown: ${error.message}`));
  await page.goto('/', { waitUntil: 'commit' });

  const opened = {
    page,
    resume: () => visit.resumed.keep(),
    reported: visit.reported,
    /** Until the page is parsed, whatever streams in later is in place, and a frame is painted. */
    parsed: () => page.evaluate(() => globalThis.test.painted()),
    /** Lets the framework's script arrive, and waits until it has taken the page over. */
    async hydrate() {
      visit.released.keep();
      await page.evaluate((late) => globalThis.test.hydrated(late), visit.app === LATE);
    },
    /** The words of each element that matches, as a visitor sees them. */
    see: (selector) => page.evaluate((which) => globalThis.test.see(which), selector),
    /** What was seen of the calls to action from frame to frame, repetitions left out. */
    frames: () => page.evaluate(() => globalThis.test.frames),
    /** What was told by `edgewise:change` so far: { change, state, why }. */
    told: () => page.evaluate(() => globalThis.test.told),
    /** Until every one of these changes has come to a state, and which it is in by then. */
    states: (changes) => page.evaluate((these) => globalThis.test.states(these), changes),
    /** Of the elements that were there before the framework, those that are gone. */
    replaced: () => page.evaluate(() => globalThis.test.replaced()),
    /** What the framework and the browser complained about so far. */
    troubles: async () => [
      ...complaints,
      ...(await page.evaluate(() => [
        ...(globalThis.troubles ?? []),
        ...globalThis.test.violations,
      ])),
    ],
    /** A visitor's click, with a mouse; the page has answered it when this ends. */
    async click(selector) {
      await page.locator(selector).click();
      await page.evaluate(() => globalThis.test.settled());
    },
    /** A click by script: quicker, and whatever may lie on top. True if there was something. */
    press: (selector) => page.evaluate((which) => globalThis.test.press(which), selector),
    /** Leaves the page, as a visitor does, and lets the next visit have its tab. */
    async close() {
      await page.goto('about:blank');
      page.removeAllListeners();
      busy.delete(page);
      idle.push(page);
    },
  };
  if (!visit.pausing) await opened.parsed();
  return opened;
}

/** Does something for each of a list, a few at a time, and gives the outcomes in their order. */
export async function each(list, work, hands = 3) {
  const outcomes = [];
  const entries = list.entries();
  const help = async () => {
    for (const [index, one] of entries) outcomes[index] = await work(one);
  };
  const helped = await Promise.allSettled(Array.from({ length: hands }, help));
  for (const { reason } of helped) if (reason) throw reason;
  return outcomes;
}
