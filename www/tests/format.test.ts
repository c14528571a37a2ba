import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as format from '../src/format.ts';

test('percentages have no more digits than there are', () => {
  assert.equal(format.percent(10_000), '100\u202f%');
  assert.equal(format.percent(3333), '33.33\u202f%');
  assert.equal(format.percent(50), '0.5\u202f%');
  assert.equal(format.percent(0), '0\u202f%');
});

test('counts agree with their nouns', () => {
  assert.equal(format.count(1, 'place'), '1 place');
  assert.equal(format.count(0, 'place'), '0 places');
  assert.equal(format.count(4210, 'visitor'), '4,210 visitors');
});

test('lists read as they are spoken', () => {
  assert.equal(format.list([]), '');
  assert.equal(format.list(['a']), 'a');
  assert.equal(format.list(['a', 'b', 'c']), 'a, b and c');
});

test('bucket ranges show both ends, and leave out the empty ones', () => {
  assert.equal(format.ranges([[0, 5000]]), '0–4,999');
  assert.equal(
    format.ranges([
      [0, 1],
      [7, 7],
      [5000, 10_000],
    ]),
    '0 and 5,000–9,999',
  );
  assert.equal(format.ranges([]), 'none');
});

test('the parts of a hypothesis lose what would break the sentence', () => {
  assert.deepEqual(
    format.hypothesisParts({
      we_believe: ' a shorter form. ',
      will_cause: 'more sign-ups;',
      because: 'people leave half-way, says support.',
    }),
    {
      we_believe: 'a shorter form',
      will_cause: 'more sign-ups',
      because: 'people leave half-way, says support',
    },
  );
});

test('a message stands alone as a sentence', () => {
  assert.equal(format.sentence('the site did not answer'), 'The site did not answer.');
  assert.equal(format.sentence('Sees "B".'), 'Sees "B".');
  assert.equal(format.sentence('is it on?'), 'Is it on?');
  assert.equal(format.sentence('another experiment', 'as it is'), 'another experiment.');
  assert.equal(format.sentence('h1 becomes “Go”'), 'H1 becomes “Go”.');
  assert.equal(format.sentence('h1 becomes “Go now.”'), 'H1 becomes “Go now.”');
  assert.equal(format.sentence('a long one…'), 'A long one…');
  assert.equal(format.sentence('  '), '');
});

test('a selector is set apart and stays as it is written', () => {
  assert.deepEqual(format.aroundSelector('the text of h1 becomes “Hi”', 'h1'), [
    'The text of ',
    'h1',
    ' becomes “Hi”.',
  ]);
  assert.deepEqual(format.aroundSelector('h1 is hidden', 'h1'), ['', 'h1', ' is hidden.']);
  assert.deepEqual(format.aroundSelector('a nice <a> is put after a', 'a'), [
    'A nice <a> is put after ',
    'a',
    '.',
  ]);
  assert.deepEqual(format.aroundSelector('alt of a becomes “a”', 'a'), [
    'Alt of ',
    'a',
    ' becomes “a”.',
  ]);
  assert.deepEqual(format.aroundSelector('the page gets the styles a{}', null), [
    'The page gets the styles a{}.',
    '',
    '',
  ]);
});

test('how long a link works is told in its largest whole unit', () => {
  const from = new Date('2026-11-21T14:05:00Z');
  const after = (minutes: number) => new Date(from.getTime() + minutes * 60_000);
  assert.equal(format.distance(from, after(7 * 24 * 60)), '7 days');
  assert.equal(format.distance(from, after(180)), '3 hours');
  assert.equal(format.distance(from, after(1)), '1 minute');
  assert.equal(format.distance(from, after(-5)), '0 minutes');
  assert.equal(format.moment(from, 'UTC'), '21 November 2026, 14:05 UTC');
});
