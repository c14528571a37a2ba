// The heal script in a page, as the edge is to put it there.

import { committedHeal } from '../hydrate/minify.mjs';

const code = await committedHeal();

const quoted = (text) => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');

/** The script element with its payload. */
export function healScript(changes, { nonce, report } = {}) {
  const payload = JSON.stringify(changes).replaceAll('<', '\\u003c');
  const attributes = [
    nonce && ` nonce="${quoted(nonce)}"`,
    ` data-changes="${quoted(payload)}"`,
    report && ` data-report="${quoted(report)}"`,
  ];
  return `<script${attributes.filter(Boolean).join('')}>${code}</script>`;
}

/** Puts the script where it belongs: in front of everything that is in the head. */
export function withHeal(html, changes, options) {
  return html.replace('<head>', (head) => head + healScript(changes, options));
}
