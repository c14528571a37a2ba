// Pages that people made for readers: landing pages, an admin's tables, e-mails, manuals, demos of old.
// They are data here; nothing in them is run.

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { minify } from 'html-minifier-terser';

export const REAL = 'real';
export const REAL_MINIFIED = 'real, minified';

const PACKAGES = [
  ...['codemirror', 'foundation-emails', 'hover.css', 'html5-boilerplate', 'picnic', 'reveal.js'],
  ...['spectre.css', 'startbootstrap-agency', 'startbootstrap-sb-admin'],
];
/** Shorter ones are mostly fragments of pages; longer ones take long and show nothing more. */
const LEAST = 300;
const MOST = 50_000;

/** What a careful site's build does: every tag and every quote goes that may go. */
const SHORT = {
  collapseBooleanAttributes: true,
  collapseWhitespace: true,
  decodeEntities: true,
  minifyCSS: false,
  minifyJS: false,
  removeAttributeQuotes: true,
  removeComments: true,
  removeEmptyAttributes: true,
  removeOptionalTags: true,
  removeRedundantAttributes: true,
};

/** The pages as they were published. */
export function realPages() {
  return PACKAGES.flatMap((name) => {
    const folder = new URL(`../node_modules/${name}/`, import.meta.url);
    const files = readdirSync(folder, { recursive: true }).sort();
    return files
      .filter((file) => /\.html$/i.test(file) && !/node_modules/.test(file))
      .map((file) => readFileSync(fileURLToPath(new URL(file, folder)), 'utf8'))
      .filter((html) => html.length >= LEAST && html.length <= MOST)
      .filter((html) => !/http-equiv=["']?refresh/i.test(html));
  });
}

/** The same pages as a minifier writes them. What it cannot read is left out. */
export async function minifiedPages(pages) {
  const short = await Promise.all(pages.map((html) => minify(html, SHORT).catch(() => null)));
  return short.filter((html) => html !== null);
}
