// Accessibility, as far as a program can see it.

import assert from 'node:assert/strict';
import axe from 'axe-core';

/** What axe objects to, told in short. Previews are left out: they are the customer's pages. */
export async function violations(page) {
  await page.evaluate(axe.source);
  const { passes, violations } = await page.evaluate(() =>
    globalThis.axe.run({ exclude: [['iframe']] }, { resultTypes: ['violations'] }),
  );
  assert.ok(passes.length > 10, 'axe looked at next to nothing');
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(', ')}`,
  );
}
