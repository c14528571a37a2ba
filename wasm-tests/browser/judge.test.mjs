// The judge of dom.test.mjs is judged: what it takes for a page is what a visitor's browser shows, and
// what it calls different is different.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch } from './support/browser.mjs';
import { KINDS, makeDocument } from './support/documents.mjs';
import { openJudge, openVisitor } from './support/judge.mjs';

/** Where a parser without scripting, without a frame or of another age would build another tree. */
const DELICATE = [
  '<!doctype html><head><noscript><p>x</noscript><title>a</title>',
  '<head><noscript><link rel=x><b>q</noscript><body>t<noscript><p>x</b></noscript>y',
  '<html><head></head><noscript><style></noscript><p>',
  '<svg><noscript><p></noscript></svg>',
  '<div><template shadowrootmode=open><p>s<slot></slot></template>light</div>',
  '<p><template shadowrootmode=OPEN>a</template><template shadowrootmode=open>b</template>c',
  '<div><template shadowrootmode=open><div><template shadowrootmode=open>in</template></div>',
  '<table><td><template shadowrootmode=open>no host</template></table>',
  '<template><template shadowrootmode=open>a</template><p><template shadowrootmode=open>b</template>',
  '<body><template shadowrootmode=open><p></template>',
  '<frameset><frame></frameset><noframes><p></noframes>',
  'x<frameset><frame></frameset>',
  '<!doctype html><plaintext><p></plaintext>',
  '<svg><title><p>a</title><![CDATA[x<y]]></svg><![CDATA[x]]>',
  '<svg xlink:href=a viewbox=c><a xlink:href=b /><foreignobject><p></foreignObject></svg>',
  '<math><mi><p>a</mi><annotation-xml encoding=text/html><div>x</annotation-xml></math>',
  '<image src=x><isindex prompt=a><keygen><menuitem>x<command>',
  '<table><tr><td>a<b>c</table><p>a<table>b',
  '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "x"><p>a<table>b',
  '<select><option>a<p>b<select>c<hr>d<div>e</select><b>',
  '<select><button><selectedcontent></selectedcontent></button><option>a<option selected>b<i>c</i>',
  '<details name=a open>x</details><details name=a open>y</details>',
  'a\0b\r\nc\rd<p\0x=\0>&#0;&#x80;&notit;',
  '\uFEFFx',
  '<pre>\r\n\r\nx</pre><textarea>\n\nx</textarea><listing>\nx',
  '<script><!--<script></script>--></script>x<xmp><p></xmp><iframe><p></iframe><noembed><p></noembed>',
  '<!doctype html>\n<html lang=a><body class=b><html id=d><body class=e f=g></body> x </html> y <!--c-->',
  '<b><i></b></body>\n<!-- a --!><?x y?></ z><!-->a',
  '<form method=dialog><form><dialog open>x<video><source><track></video><search><p>',
];

let browser;
let judge;
let visit;

before(async () => {
  browser = await launch();
  [judge, visit] = await Promise.all([openJudge(browser), openVisitor(browser)]);
});

after(() => browser?.close());

test('delicate pages are what a visit gives', async () => {
  const written = await judge.written(DELICATE);
  for (const [at, html] of DELICATE.entries()) assert.equal(written[at], await visit(html), html);
});

for (const kind of KINDS) {
  test(`${kind} pages are what a visit gives`, async () => {
    const pages = Array.from({ length: 25 }, (_, seed) => makeDocument(seed, kind).html);
    const written = await judge.written(pages);
    for (const [at, html] of pages.entries()) assert.equal(written[at], await visit(html), html);
  });
}

test('a page is the same after others were changed', async () => {
  const input =
    '<div><template shadowrootmode=open><p>s</template>light<noscript><p></noscript></div>';
  const [before] = await judge.written([input]);
  const changes = [{ selector: 'div', insert: { append: '<hr>' } }];
  await judge.verdicts([{ input, changes, output: input }]);
  assert.deepEqual(await judge.written([input]), [before]);
});

test('a page that is not what the DOM would be is different', async () => {
  const pairs = [
    ['<p>a</p>', { selector: 'p', text: 'b' }, '<p>b </p>'],
    ['<p>a</p>', { selector: 'p', text: 'b' }, '<p>b</p><!---->'],
    ['<p>a</p>b', { selector: 'p', remove: true }, ' b <br>'],
    ['<!doctype html><p>a', { selector: 'p', text: 'b' }, '<p>b'],
    ['<!doctype html><p>a', { selector: 'p', text: 'b' }, '<!doctype html SYSTEM "x"><p>b'],
    ['<svg><a href=x>', { selector: 'a', attribute: { href: 'y' } }, '<svg><a xlink:href=y>'],
    ['<template><p></template>', { selector: 'p', text: 'b' }, '<template><p>b</template>'],
    ['<p><b>x', { selector: 'b', insert: { append: '<p>y' } }, '<p><b>x<p>y'],
  ];
  const cases = pairs.map(([input, change, output]) => ({ input, changes: [change], output }));
  const verdicts = await judge.verdicts(cases);
  for (const [at, { outcome }] of verdicts.entries()) {
    assert.equal(outcome, 'different', JSON.stringify(pairs[at]));
  }
});

test('changes are made as the DOM makes them', async () => {
  const pairs = [
    ['<ul><li>a<li>b</ul>', { selector: 'li', expect: 'one', remove: true }, '<ul><li>b</ul>'],
    ['<table><tr><td>a', { selector: 'table > tbody > tr', text: '' }, '<table><tr>'],
    ['<p>a<div>b', { selector: 'div', move: { before: 'p' } }, '<div>b</div><p>a</p>'],
    ['<p>a<div>b', { selector: 'div', move: { after: 'em' } }, '<p>a<div>b'],
    ['<div><p>a', { selector: 'div', move: { append: 'p' } }, '<div><p>a'],
    ['<p>a', { selector: 'p', replace: '<i>b' }, '<i>b</i>'],
    ['<p>an <b>old\n</b>word', find('old word', 'new'), '<p>an <b>new</b>'],
    ['<p>an old<br>word', find('old word', 'new'), '<p>an old<br>word'],
    ['<p>old<!-- --> word word', find('word', 'x'), '<p>old<!-- --> x x'],
    ['<p><textarea>a</textarea>a', find('a', 'b'), '<p><textarea>a</textarea>b'],
    ['<head></head>', { title: 'x' }, '<title>x</title>'],
    ['<title>a</title>', { title: 'x & y' }, '<title>x & y</title>'],
    [
      '<meta name=Description>',
      { meta: { description: 'x' } },
      '<meta name=Description content=x>',
    ],
    ['<title></title>', { meta: { a: 'x' } }, '<title></title><meta name=a content=x>'],
    ['<p>', { selector: ':root', insert: { before: 'x' } }, '<p>'],
    ['<p class="a b">', { selector: 'p', class: { remove: ['a'], add: ['c'] } }, '<p class="b c">'],
    ['<p>', { selector: 'p', class: { remove: ['a'] } }, '<p>'],
    [
      '<p style="top:0">',
      { selector: 'p', hide: true },
      '<p hidden style="top:0;display:none!important">',
    ],
  ];
  const cases = pairs.map(([input, change, output]) => ({ input, changes: [change], output }));
  const verdicts = await judge.verdicts(cases);
  for (const [at, { outcome, wanted, got }] of verdicts.entries()) {
    assert.equal(outcome, 'equal', `${JSON.stringify(pairs[at])}: ${wanted} ${got}`);
  }
});

test('white space behind the body is the one difference that is let pass', async () => {
  const changes = [{ selector: 'body', insert: { append: '<hr>' } }];
  const output = '<body>x<hr></body>\n</html>\n';
  const [verdict] = await judge.verdicts([{ input: '<body>x</body>\n</html>\n', changes, output }]);
  assert.equal(verdict.outcome, 'equal but for white space behind the body');
});

function find(text, replacement) {
  return { selector: 'p', find: { text, with: replacement } };
}
