// Whatever a visitor sends, a browser sees words: with any value in its tokens, a page has the same
// elements, attributes and comments as with a harmless one, and its addresses lead to the same
// sites. The markup is of any quality, and comes without the checks of a draft.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch } from './support/browser.mjs';
import { loadEngine } from './support/engine.mjs';
import { Dice } from './support/random.mjs';

const CASES = 4000 * Number(process.env.DOM_CASES ?? 1);
const BATCH = 500;

/** Tokens, with and without a default. */
const TOKENS = ['{{query.q}}', '{{query.q | "d"}}', '{{query.q | words | upper | "d"}}'];

/** Markup in pieces that put tokens into places of every kind. */
const PIECES = [
  ...['<p>', '</p>', '<b ', '<a href="', "<a href='/", '<a href="https://example.com/'],
  ...['<img alt="', '<img alt='],
  ...["<img srcset='/a.jpg 1x, /b", '<form action="/search?q=', " title='", ' value="', " class='"],
  ...["'", '"', '>', '">', '/>', '=', ' ', 'a', '<', '</', '<!--', '-->', '--!>', '-', '<!', '<?'],
  ...['<title>', '</title>', '<textarea>', '</textarea>', '<style>', '</style>', '<svg>', '</svg>'],
  ...['<math>', '<mtext>', '<![CDATA[', ']]>', '<select>', '</select>', '<option>', '<template>'],
  ...['</template>', '<noscript>', '</noscript>', '<iframe>', '</iframe>', '<table>', '<td>'],
  ...['</table>', '&', '&amp;', '/', '?', '#', '/search?q=', ':', 'javascript', '\\', '&sol;', ','],
];

/** What somebody would send who wants more than words. */
const VALUES = [
  ...['<', '>', '"', "'", '&', '='],
  ...['/', ' ', '\n', '`', '-->', '--!>'],
  ...[']]>', '<!--', '\\', ':', '..'],
  ...['</title>', '</textarea>', '</style>', '</svg>', '</noscript>', '<script>boom()</script>'],
  ...['<img src=x onerror=boom()>', ' onclick=boom()', '{{', '}}', '{{query.q}}', '&quot;'],
  ...['&#39;'],
  ...['&lt;b>', 'javascript:boom()', '//evil.example', 'evil.example', '%22', '\0'],
  ...['\u2028', 'é', 'x'],
];

let engine;
let browser;
let page;

before(async () => {
  [engine, browser] = await Promise.all([loadEngine(), launch()]);
  page = await browser.newPage();
  // Nothing that a page asks for is there.
  await page.route('**', (route) =>
    route.request().url() === 'https://example.com/'
      ? route.fulfill({ contentType: 'text/html', body: '<iframe></iframe>' })
      : route.abort(),
  );
  await page.goto('https://example.com/');
});

after(() => browser?.close());

test('a value in a token stays words, whatever it is and wherever it stands', async (t) => {
  const cases = [];
  for (let seed = 1; cases.length < CASES; seed += 1) {
    const one = makeCase(seed);
    if (one) cases.push(one);
    assert.ok(seed < 20 * CASES, 'nearly every token is refused');
  }
  for (let start = 0; start < CASES; start += BATCH) {
    const batch = cases.slice(start, start + BATCH);
    const verdicts = await page.evaluate(compare, batch);
    verdicts.forEach(({ harmless, hostile }, at) => {
      assert.equal(hostile, harmless, JSON.stringify(batch[at], null, 2));
    });
  }
  t.diagnostic(`${CASES} pages with tokens`);
});

/** A page with a harmless value and with another; null if the token may not stand there. */
function makeCase(seed) {
  const dice = new Dice(seed);
  const few = (least, most, list) =>
    Array.from({ length: dice.between(least, most) }, () => dice.pick(list));
  const token = dice.pick(TOKENS);
  const html = [...few(0, 5, PIECES), token, ...few(0, 4, [...PIECES, ...TOKENS])].join('');
  const value = few(1, 5, VALUES).join('');
  const file = datafile([{ selector: '#box', html }]);
  const show = (q) => {
    const url = `https://example.com/?q=${encodeURIComponent(q)}`;
    const content_type = 'text/html; charset=utf-8';
    const visit = { url, content_type, variants: { x: 'b' } };
    const input = Buffer.from('<!doctype html><body><div id=box>old</div><p title=a>More</p>');
    return Buffer.from(engine.render(file, visit, input).html).toString();
  };
  try {
    return { html, value, harmless: show('x'), hostile: show(value) };
  } catch (error) {
    assert.match(String(error), /datafile/);
    return null;
  }
}

function datafile(changes) {
  const hypothesis = { we_believe: '', will_cause: '', because: '' };
  const variants = [{ key: 'b', name: 'B', weight: 10000, allocation: [[0, 10000]], changes }];
  const pages = { include: [{ prefix: '/' }] };
  const names = { key: 'x', name: 'X', seed: 'x', status: 'running' };
  const experiments = [{ ...names, hypothesis, pages, coverage: 10000, variants }];
  return JSON.stringify({ schema_version: 1, hash_version: 1, revision: 1, experiments });
}

/** Sent to the browser as it stands: what each page is, but for its words. */
function compare(cases) {
  const frame = document.querySelector('iframe');
  return cases.map(({ harmless, hostile }) => ({
    harmless: shape(harmless),
    hostile: shape(hostile),
  }));

  function shape(html) {
    const parsed = new DOMParser().parseFromString(html, 'text/html');
    // Once more with scripts switched on, which changes how <noscript> is read.
    const live = frame.contentDocument;
    let booms = 0;
    live.open();
    frame.contentWindow.boom = () => (booms += 1);
    live.write(html);
    live.close();
    return `${write(parsed)}\n${write(live)}\n${booms}`;
  }

  function write(node) {
    if (node.nodeType === Node.COMMENT_NODE) return `<!--${node.data}-->`;
    if (node.nodeType === Node.TEXT_NODE) return '';
    const inside = [...node.childNodes, ...(node.content?.childNodes ?? [])].map(write).join('');
    if (node.nodeType !== Node.ELEMENT_NODE) return inside;
    const attributes = Array.from(node.attributes, ({ name, value }) => {
      const address = ['href', 'src', 'action'].includes(name);
      return address ? ` ${name}=${site(value)}` : ` ${name}`;
    });
    return `<${node.localName}${attributes.join('')}>${inside}</>`;
  }

  /** Where an address leads: to which site, by which scheme. */
  function site(address) {
    try {
      const { protocol, host } = new URL(address, 'https://example.com/a/b');
      return `${protocol}//${host}`;
    } catch {
      return 'nowhere';
    }
  }
}
