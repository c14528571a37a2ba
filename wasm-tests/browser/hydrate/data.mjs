// What the page says. Every application renders the same, from values as a site would get them out of
// its CMS: a compiler that turns constant words into a template would not be tested.

/** What the origin embeds for the browser's half of the application. */
export function pageData(variant = 'control') {
  return {
    path: '/',
    headline: variant === 'control' ? 'Ship faster with less work' : 'Rendered by the origin',
    visitor: 'Ada',
    cta: 'Start free',
    image: '/hero.svg',
    features: [
      { id: 'a', text: 'Alpha feature' },
      { id: 'b', text: 'Beta feature' },
      { id: 'c', text: 'Gamma feature' },
    ],
    product: { name: 'Team plan', monthly: 49, yearly: 490 },
    body: '<p class="story">A story from the <b>CMS</b>.</p>',
  };
}

/** JSON that may stand inside a script element. */
export const embed = (data) => JSON.stringify(data).replaceAll('<', '\\u003c');

export const STYLES =
  'body{font:16px/1.4 sans-serif;margin:1rem}.cta{color:#06c}.hide-me{display:none!important}';

/** The document around an application that has one element for its own. */
export function shell({ body, data, script, root = 'root' }) {
  return (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>' +
    `<link rel="icon" href="data:,"><style>${STYLES}</style></head><body>` +
    `<div id="${root}">${body}</div>` +
    `<script type="application/json" id="data">${embed(data)}</script>` +
    `<script type="module" src="${script}"></script></body></html>`
  );
}
