import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sessionIn } from '../src/api.ts';

const answer = {
  token: 'ews.1.a.viewer.ada.b',
  expires_at: '2026-11-21T16:20:18.000Z',
  name: 'ada',
  role: 'viewer',
};

test('a session is read from the answer', () => {
  assert.deepEqual(sessionIn(answer), {
    token: 'ews.1.a.viewer.ada.b',
    expiresAt: new Date('2026-11-21T16:20:18.000Z'),
    name: 'ada',
    role: 'viewer',
  });
});

test('what lacks a part, or is something else, is no session', () => {
  for (const part of Object.keys(answer)) {
    assert.equal(sessionIn({ ...answer, [part]: undefined }), null, part);
    assert.equal(sessionIn({ ...answer, [part]: 1 }), null, part);
  }
  for (const other of [null, 'token', 1, [], {}]) assert.equal(sessionIn(other), null);
});
