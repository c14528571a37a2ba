// Scripts and styles of changes under real policies, judged by Chromium: what the engine says it did
// takes effect, what it says is blocked is not there, and nothing else on the page runs that did not
// run before.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch } from './support/browser.mjs';
import { loadEngine } from './support/engine.mjs';

const ADDRESS = 'https://example.com/';

/** The changes of every page here. */
const CHANGES = [
  { script: "window.ran = [...(window.ran ?? []), 'ours'];" },
  { script: "window.ran = [...(window.ran ?? []), 'ours, \u00fc→😀'];" },
  { css: 'h1 { color: rgb(1, 2, 3) }' },
  { selector: 'h1', style: { 'margin-top': '7px' } },
];

/** The page's own inline code of every kind, each of which says so if it runs. */
const OWN = [
  `<script>window.own = ['plain'];</script>`,
  `<script nonce="r4nd0m">(window.own ??= []).push('nonce');</script>`,
  `<script nonce="other">(window.own ??= []).push('other nonce');</script>`,
  `<script src="/own.js"></script>`,
  `<script src="https://elsewhere.example/own.js"></script>`,
  `<img alt="" src="data:," onerror="(window.own ??= []).push('attribute')">`,
  `<iframe src="javascript:parent.own=[...(parent.own??[]),'address']"></iframe>`,
  `<style>p { color: rgb(9, 9, 9) }</style><p style="margin-top: 9px">Own</p>`,
].join('\n');

const OWN_FILE = '(window.own ??= []).push(document.currentScript.src);';

/** Policies of the header, and of the page. */
const HEADERS = [
  [],
  ["script-src 'self'"],
  ["default-src 'self'"],
  ["default-src 'self' 'unsafe-inline'"],
  ["default-src 'none'"],
  ["script-src 'none'; style-src 'nonce-r4nd0m'"],
  ["script-src 'nonce-r4nd0m'; style-src 'unsafe-inline'"],
  ["script-src 'nonce-r4nd0m' 'strict-dynamic' 'unsafe-inline' https:"],
  ["script-src 'self' 'strict-dynamic'"],
  ["script-src 'unsafe-inline' 'strict-dynamic'"],
  ["script-src 'self'; script-src-elem 'unsafe-inline'"],
  ["script-src 'unsafe-inline'; script-src-elem 'self'"],
  ["script-src 'unsafe-inline'; script-src-attr 'none'; style-src-attr 'none'"],
  ["script-src 'self' 'unsafe-hashes'; style-src-elem 'none'"],
  ["script-src 'unsafe-inline' 'sha256-5KYv+PUboo5h+0+YAtGRPbwv5d/QxzHslP4YGnUaxRw='"],
  ["script-src 'unsafe-inline' 'nonce-a\"b'"],
  ["script-src https://elsewhere.example; script-src 'unsafe-inline'"],
  ["script-src 'nonce-r4nd0m'", "script-src 'nonce-other'"],
  ["script-src 'nonce-r4nd0m' 'nonce-other', script-src 'nonce-other'"],
  ["script-src 'self', default-src 'self' 'unsafe-inline'", "style-src 'nonce-r4nd0m'"],
  ['sandbox allow-same-origin'],
  ["sandbox allow-scripts allow-same-origin; script-src 'self'"],
  ["require-trusted-types-for 'script'; trusted-types 'none'; script-src 'self'"],
  ["Script-Src\thttps: ; STYLE-SRC 'Unsafe-Inline'"],
];

const PAGES = [
  null,
  "script-src 'self'",
  "default-src 'self'; style-src 'unsafe-inline'",
  "script-src 'nonce-r4nd0m'; style-src 'nonce-r4nd0m'",
  "script-src 'none'",
  "script-src 'self', style-src 'none'",
  'sandbox; frame-ancestors x',
];

let engine;
let browser;
let page;
let session;
/** What the page that is visited next is. */
let sent;

before(async () => {
  [engine, browser] = await Promise.all([loadEngine(), launch()]);
  page = await browser.newPage();
  session = await page.context().newCDPSession(page);
  await page.route('**', answer);
});

after(() => browser?.close());

const meta = (policy) =>
  policy === null
    ? ''
    : `<meta http-equiv="content-security-POLICY" content="${policy.replaceAll('"', '&#34;')}">`;

const html = (policy) =>
  `<!doctype html><html><head><meta charset=utf-8>${meta(policy)}<title>Shop</title></head>` +
  `<body><h1>Welcome</h1>\n${OWN}</body></html>`;

const draft = JSON.stringify({
  experiments: [
    {
      key: 'x',
      name: 'X',
      status: 'running',
      hypothesis: {
        we_believe: 'a page with a policy',
        will_cause: 'as much as it allows',
        because: 'the policy says so',
      },
      pages: { include: [{ exact: '/' }] },
      variants: [
        { key: 'control', name: 'Control', weight: 5000 },
        { key: 'b', name: 'B', weight: 5000, changes: CHANGES },
      ],
    },
  ],
});

function render(datafile, variant, input, csp) {
  const visit = { url: ADDRESS, content_type: 'text/html', csp, variants: { x: variant } };
  const rendered = engine.render(datafile, visit, Buffer.from(input));
  const { changes } = rendered.experiments[0];
  return {
    html: Buffer.from(rendered.html).toString(),
    csp: rendered.csp ?? csp,
    applied: changes.map(({ applied }) => applied),
    blocked: changes.map(({ skipped }) => skipped.map(({ reason }) => reason).join()),
  };
}

/** What takes effect on a page that is sent like this. */
async function visit(body, csp) {
  sent = { body, csp };
  await page.goto(ADDRESS, { waitUntil: 'load' });
  // Not by `page.evaluate`, which a sandbox stops.
  const expression = `JSON.stringify((${look})())`;
  const { result } = await session.send('Runtime.evaluate', { expression, returnByValue: true });
  return JSON.parse(result.value);
}

/** Nothing that a page asks for is there but its own script. */
function answer(route) {
  const url = new URL(route.request().url());
  if (url.pathname === '/own.js')
    return route.fulfill({ contentType: 'text/javascript', body: OWN_FILE });
  if (url.href !== ADDRESS) return route.abort();
  const { body, csp } = sent;
  // As good as a header for each.
  const headers = csp.length > 0 ? { 'content-security-policy': csp.join(', ') } : {};
  return route.fulfill({ contentType: 'text/html; charset=utf-8', headers, body });
}

/** Sent to the browser as it stands. */
function look() {
  const style = (name) => getComputedStyle(document.querySelector(name));
  const [heading, own] = [style('h1'), style('p')];
  return {
    ran: window.ran ?? [],
    color: heading.color === 'rgb(1, 2, 3)',
    margin: heading.marginTop === '7px',
    own: [...(window.own ?? [])].sort(),
    ownStyle: [own.color, own.marginTop],
  };
}

test('what a policy allows takes effect, and nothing else does', async (t) => {
  const datafile = JSON.stringify(engine.validate(draft).datafile);
  const effects = { applied: 0, blocked: 0 };
  for (const header of HEADERS) {
    for (const policy of PAGES) {
      const input = html(policy);
      const what = JSON.stringify({ header, policy });
      const shown = render(datafile, 'b', input, header);
      const came = await visit(input, header);
      const got = await visit(shown.html, shown.csp);
      const [first, second, css, style] = shown.applied.map((applied) => applied === 1);
      const ran = [...(first ? ['ours'] : []), ...(second ? ['ours, \u00fc→😀'] : [])];
      const expected = { ...came, ran, color: css, margin: style };
      assert.deepEqual(got, expected, `${what} sent ${JSON.stringify(shown.csp)}\n${shown.html}`);
      for (const [at, applied] of shown.applied.entries()) {
        assert.equal(shown.blocked[at], applied === 1 ? '' : 'blocked', what);
        effects[applied === 1 ? 'applied' : 'blocked'] += 1;
      }
      const control = render(datafile, 'control', input, header);
      assert.equal(control.html, input, what);
      assert.deepEqual([control.csp, control.applied], [header, shown.applied], what);
    }
  }
  t.diagnostic(`${effects.applied} changes took effect, ${effects.blocked} were blocked`);
  assert.ok(effects.applied > 100 && effects.blocked > 100);
});
