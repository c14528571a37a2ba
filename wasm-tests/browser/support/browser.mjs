// Debian's Chromium, and pages of it that complain about everything.

import { chromium } from 'playwright-core';
import { PATIENCE_MS, TOKEN } from './site.mjs';

/** What a machine without a screen, a graphics card or a way out of it needs. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Said of every preview's frame. Its policy forbids scripts, so nothing in it can escape. */
const KNOWN = /^An iframe which has both allow-scripts and allow-same-origin/;

/** What the same browser calls itself with a screen: without one it is a program, which takes part in nothing. */
export function userAgentOf(browser) {
  const [major] = browser.version().split('.');
  const engine = 'AppleWebKit/537.36 (KHTML, like Gecko)';
  return `Mozilla/5.0 (X11; Linux x86_64) ${engine} Chrome/${major}.0.0.0 Safari/537.36`;
}

export function launch() {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  return chromium.launch({ executablePath, headless: true, args: FLAGS });
}

/** A fresh profile's page, and what it complained about so far. */
export async function openPage(browser, site, options = {}) {
  const context = await browser.newContext({
    baseURL: site.address,
    viewport: { width: 1440, height: 1000 },
    userAgent: userAgentOf(browser),
    ...options,
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const complaints = [];
  // Nothing but the site may be asked for anything, so nothing else is let through.
  await context.route(
    (url) => url.origin !== site.address && /^https?:$/.test(url.protocol),
    (route) => {
      complaints.push(`asked ${route.request().url()}`);
      return route.abort();
    },
  );
  const page = await context.newPage();
  page.on('console', (message) => {
    const worth = ['error', 'warning'].includes(message.type());
    if (worth && !KNOWN.test(message.text())) {
      complaints.push(`${message.type()}: ${message.text()}`);
    }
  });
  page.on('pageerror', (error) => complaints.push(`thrown: ${error.stack}`));
  page.on('response', (response) => {
    if (response.status() >= 500) complaints.push(`${response.status()}: ${response.url()}`);
  });
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`policy: ${event.violatedDirective} refused ${event.blockedURI}`);
    });
  });
  return { page, context, complaints };
}

/** Opens the app signed in, at a path below its root. */
export async function openApp(browser, site, path = '', options = {}) {
  const opened = await openPage(browser, site, options);
  await opened.page.goto(`/_edgewise/${path}#token=${encodeURIComponent(TOKEN)}`);
  return opened;
}
