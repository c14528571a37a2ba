import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fetchPage, fetchErrorWords, troubleWith } from '../src/experiment/page.ts';
import type { OriginPage } from '../src/experiment/page.ts';
import { charsetOf, decodeHtml, isHtml } from '../src/html.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

function page(over: Partial<OriginPage>): OriginPage {
  return {
    path: '/pricing',
    status: 200,
    contentType: 'text/html; charset=utf-8',
    csp: null,
    bytes: bytes('<p>'),
    ...over,
  };
}

test('the page is asked for by its escaped path, and its own headers are kept', async () => {
  const asked: string[] = [];
  const fetched = await fetchPage(
    async (path) => {
      asked.push(path);
      return new Response('<p>hi', {
        headers: {
          'content-type': 'application/octet-stream',
          'x-edgewise-status': '404',
          'x-edgewise-content-type': 'text/html',
        },
      });
    },
    '/a?b=1&c',
    new AbortController().signal,
  );
  assert.deepEqual(asked, ['page?path=%2Fa%3Fb%3D1%26c']);
  assert.equal(fetched.status, 404);
  assert.equal(fetched.contentType, 'text/html');
  assert.equal(fetched.csp, null);
  assert.equal(new TextDecoder().decode(fetched.bytes), '<p>hi');
});

test('a page that can be shown is no trouble', () => {
  assert.equal(troubleWith(page({})), null);
  assert.equal(troubleWith(page({ contentType: null })), null);
});

test('each trouble has its own sentence', () => {
  const titles = [
    page({ status: 404 }),
    page({ status: 403 }),
    page({ status: 302 }),
    page({ status: 503 }),
    page({ contentType: 'image/png' }),
    page({ bytes: new Uint8Array(5_000_001) }),
  ].map((one) => troubleWith(one));
  assert.equal(new Set(titles.map((trouble) => trouble?.hint)).size, titles.length);
  assert.equal(titles[0]?.title, 'The site answered 404 for /pricing');
  assert.equal(titles[4]?.title, '/pricing is not a page');
});

test('running out of patience is told as such', () => {
  const error = new DOMException('x', 'TimeoutError');
  assert.equal(fetchErrorWords(error), 'the site did not answer within 15 seconds');
  assert.equal(fetchErrorWords(new Error('no route')), 'no route');
});

test('the charset comes from the header, then from the page, then is UTF-8', () => {
  assert.equal(charsetOf('text/html; charset="ISO-8859-1"', bytes('')), 'iso-8859-1');
  assert.equal(charsetOf('text/html', bytes('<meta charset=windows-1252>')), 'windows-1252');
  assert.equal(
    charsetOf(null, bytes('<meta http-equiv=x content="text/html; charset=koi8-r">')),
    'koi8-r',
  );
  assert.equal(charsetOf(null, bytes('<p>')), 'utf-8');
  assert.equal(decodeHtml('text/html; charset=iso-8859-1', new Uint8Array([0xe9])), 'é');
  assert.equal(decodeHtml('text/html; charset=nonsense', bytes('é')), 'é');
});

test('HTML is told by its type alone', () => {
  assert.ok(isHtml('text/html'));
  assert.ok(isHtml(' Text/HTML; charset=x'));
  assert.ok(!isHtml('application/json'));
  assert.ok(!isHtml(null));
});
