// A browser that judges: it loads pages and says what became of them.

import { install } from './inpage.mjs';

/** An address that no page of the tests has; its answer is made here. */
const ADDRESS = 'http://judge.test/';
/** Pages run no scripts of their own and fetch nothing while they are judged. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

/** A page of that browser in which others can be judged. */
export async function openJudge(browser) {
  const page = await browser.newPage();
  await page.route('**/*', (route) =>
    route.request().url() === ADDRESS
      ? route.fulfill({
          contentType: 'text/html; charset=utf-8',
          headers: { 'content-security-policy': POLICY },
          body: '<!doctype html><title>judge</title>',
        })
      : route.abort(),
  );
  await page.goto(ADDRESS);
  await page.evaluate(install);
  return {
    /** The elements of each page as Chromium has them. */
    outlines: (pages) => page.evaluate((given) => window.edgewise.outlines(given), pages),
  };
}
