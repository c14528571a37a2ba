import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Experiment, PageRule, Status } from '../src/datafile.ts';
import { countByStatus, filterFrom, shown } from '../src/list/filter.ts';
import { firstPage, namedPages, pageHint, pageUrls, pathFrom, plainRule } from '../src/pages.ts';

function experiment(include: PageRule[], over: Partial<Experiment> = {}): Experiment {
  return {
    key: 'hero',
    name: 'Hero',
    status: 'running',
    hypothesis: { we_believe: 'a new hero', will_cause: 'more trials', because: 'of interviews' },
    pages: { include },
    coverage: 10_000,
    variants: [],
    ...over,
  };
}

test('rules are told in words', () => {
  assert.equal(plainRule({ exact: '/' }), 'the page /');
  assert.equal(plainRule({ prefix: '/blog/' }), 'every page under /blog/');
  assert.equal(plainRule({ prefix: '/' }), 'every page');
  assert.equal(plainRule({ wildcard: '/p/*/x' }), 'pages like /p/*/x');
  assert.equal(plainRule({ suffix: '.html' }), 'pages ending in .html');
  assert.equal(plainRule({ contains: '/p/' }), 'pages with /p/');
  assert.equal(plainRule({ regex: '^/[ab]$' }), 'pages matching ^/[ab]$');
  assert.equal(
    plainRule({ host: 'x.com', query: { plan: { is: 'team' } } }),
    'every page on x.com where the query has the right plan',
  );
  assert.equal(plainRule({ host: 'www.x.com', exact: '/p' }), 'the page /p on www.x.com');
  assert.equal(plainRule({ host: '*.x.com', prefix: '/' }), 'every page on any subdomain of x.com');
});

test('only an exact rule opens a page unasked', () => {
  assert.equal(firstPage(experiment([{ exact: '/pricing' }])), '/pricing');
  assert.equal(firstPage(experiment([{ prefix: '/blog/' }, { exact: '/' }])), null);
  assert.equal(firstPage(experiment([{ exact: '/', query: { plan: { is: 'team' } } }])), null);
  assert.equal(pageHint(experiment([{ prefix: '/blog/' }])), '/blog/');
  assert.equal(pageHint(experiment([{ wildcard: '/p/*/x' }])), '/p/');
  assert.equal(pageHint(experiment([])), '/');
  assert.deepEqual(namedPages(experiment([{ prefix: '/b' }, { exact: '/' }])), ['/']);
});

test('a path is understood however it is typed, and never leaves the site', () => {
  assert.equal(pathFrom(' /pricing?plan=team#faq '), '/pricing?plan=team');
  assert.equal(pathFrom('pricing'), '/pricing');
  assert.equal(pathFrom('https://shop.example/a/../b'), '/b');
  assert.equal(pathFrom(''), null);
  assert.equal(pathFrom('//elsewhere.example/x'), null);
  assert.equal(pathFrom('https://'), null);
});

test('the engine is asked about this host first, then about those that rules name', () => {
  const rules = [
    { host: 'www.x.com', exact: '/p' },
    { host: '*.x.com', exact: '/p' },
    { exact: '/' },
  ];
  assert.deepEqual(pageUrls(experiment(rules), '/p?a=1', 'https://edgewise.x.com'), [
    'https://edgewise.x.com/p?a=1',
    'https://www.x.com/p?a=1',
  ]);
  assert.deepEqual(pageUrls(experiment([{ exact: '/' }]), '/', 'http://localhost:7676'), [
    'http://localhost:7676/',
  ]);
});

test('the list is filtered by status and words, running first', () => {
  const one = (key: string, status: Status, name: string) =>
    experiment([{ prefix: '/blog/' }], { key, status, name });
  const all = [
    one('a', 'stopped', 'Old hero'),
    one('b', 'running', 'Prices'),
    one('c', 'draft', 'New hero'),
  ];
  const keys = (query: string) =>
    shown(all, filterFrom(new URLSearchParams(query))).map(({ key }) => key);
  assert.deepEqual(keys(''), ['b', 'c', 'a']);
  assert.deepEqual(keys('status=draft'), ['c']);
  assert.deepEqual(keys('status=nonsense'), ['b', 'c', 'a']);
  assert.deepEqual(keys('q=OLD+blog'), ['a']);
  assert.deepEqual(keys('q=zzz'), []);
  assert.deepEqual(
    [...countByStatus(all)],
    [
      ['stopped', 1],
      ['running', 1],
      ['draft', 1],
    ],
  );
});
