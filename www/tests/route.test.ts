import assert from 'node:assert/strict';
import { test } from 'node:test';
import { experimentPath, routeOf, tokenIn, withQuery } from '../src/route.ts';

test('the list is at the root of the app, with or without its slash', () => {
  assert.deepEqual(routeOf('/_edgewise/'), { screen: 'list' });
  assert.deepEqual(routeOf('/_edgewise'), { screen: 'list' });
});

test('an experiment is found by its key', () => {
  const at = { screen: 'experiment', key: 'home-headline' };
  assert.deepEqual(routeOf('/_edgewise/experiments/home-headline'), at);
  assert.deepEqual(routeOf('/_edgewise/experiments/home-headline/'), at);
  assert.deepEqual(routeOf(experimentPath('home-headline')), at);
});

test('what cannot be a key, or lies outside the app, is missing', () => {
  for (const path of [
    '/_edgewise/experiments/',
    '/_edgewise/experiments/Home',
    '/_edgewise/experiments/a/b',
    `/_edgewise/experiments/${'a'.repeat(65)}`,
    '/_edgewise/goals',
    '/pricing',
  ]) {
    assert.deepEqual(routeOf(path), { screen: 'missing', path });
  }
});

test('a query keeps what it is not asked to change, and drops what is empty', () => {
  assert.equal(withQuery('?q=hero&status=draft', { status: null }), '?q=hero');
  assert.equal(withQuery('?q=hero', { q: '' }), '');
  assert.equal(withQuery('', { page: '/blog/a b?x=1&y' }), '?page=/blog/a+b%3Fx%3D1%26y');
});

test('a token is taken from the fragment, whole', () => {
  assert.equal(tokenIn('#token=XYZ'), 'XYZ');
  assert.equal(tokenIn('#token=a-b_c.d%3D'), 'a-b_c.d=');
  assert.equal(tokenIn('#token='), null);
  assert.equal(tokenIn('#main'), null);
  assert.equal(tokenIn(''), null);
});
