// A browser that judges: it loads pages and says what became of them.

import { installChange } from './inpage/change.mjs';
import { installLoad } from './inpage/load.mjs';
import { installVerdict } from './inpage/verdict.mjs';
import { installWrite } from './inpage/write.mjs';

/** An address that no page of the tests has; its answer is made here. */
const ADDRESS = 'http://judge.test/';
/** Pages run no scripts of their own and fetch nothing while they are judged. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

/** A page of that browser in which others can be judged. */
export async function openJudge(browser) {
  const page = await openPage(browser, () => '<!doctype html><title>judge</title>');
  for (const part of [installLoad, installWrite, installChange, installVerdict]) {
    await page.evaluate(part);
  }
  // As one text each way, which takes a fraction of the time that thousands of small values take.
  const ask = (name) => async (given) => {
    const question = [name, JSON.stringify(given)];
    const answer = await page.evaluate(
      ([called, what]) => JSON.stringify(window.edgewise[called](JSON.parse(what))),
      question,
    );
    return JSON.parse(answer);
  };
  return {
    /** The elements of each page as Chromium has them, as text. */
    outlines: ask('outlines'),
    /** The elements of each page, with their parents and attributes. */
    trees: ask('trees'),
    /** What each `{ input, changes, output }` comes to. */
    verdicts: ask('verdicts'),
    /** The whole DOM of each page, as text. */
    written: ask('written'),
  };
}

/** Gives the DOM that a page has when it is really visited, as text; slow. */
export async function openVisitor(browser) {
  let body = '';
  const page = await openPage(browser, () => body);
  return async (html) => {
    body = html;
    await page.goto(ADDRESS, { waitUntil: 'domcontentloaded' });
    for (const part of [installLoad, installWrite]) await page.evaluate(part);
    return page.evaluate(() => window.edgewise.write(document));
  };
}

async function openPage(browser, body) {
  const page = await browser.newPage();
  await page.route('**/*', (route) =>
    route.request().url() === ADDRESS
      ? route.fulfill({
          contentType: 'text/html; charset=utf-8',
          headers: { 'content-security-policy': POLICY },
          body: body(),
        })
      : route.abort(),
  );
  await page.goto(ADDRESS);
  return page;
}
