// Edits of a page as text, by hand: the shapes that the edge is to write. The pages of the test
// applications are well-formed and every element has a class of its own, which keeps this short.

/** Where the element with a class stands in the page. */
function locate(html, name) {
  const start = new RegExp(`<([a-z0-9]+)\\b[^>]*\\bclass="([^"]* )?${name}[ "][^>]*>`).exec(html);
  if (!start) throw new Error(`no element has the class "${name}"`);
  const [open, tag] = start;
  const inner = start.index + open.length;
  if (['img', 'input'].includes(tag))
    return { start: start.index, inner, innerEnd: inner, end: inner };
  const tags = new RegExp(`<(/?)${tag}\\b[^>]*>`, 'g');
  tags.lastIndex = inner;
  for (let depth = 1; ;) {
    const found = tags.exec(html);
    depth += found[1] ? -1 : 1;
    if (depth > 0) continue;
    const end = tags.lastIndex;
    return { start: start.index, inner, innerEnd: found.index, end };
  }
}

const splice = (html, from, to, words) => html.slice(0, from) + words + html.slice(to);

export function setContent(html, name, content) {
  const { inner, innerEnd } = locate(html, name);
  return splice(html, inner, innerEnd, content);
}

/** Rewrites an element's start tag. */
export function setTag(html, name, rewrite) {
  const { start, inner } = locate(html, name);
  return splice(html, start, inner, rewrite(html.slice(start, inner)));
}

export function setAttribute(html, name, attribute, value) {
  return setTag(html, name, (tag) => {
    const without = tag.replace(new RegExp(` ${attribute}="[^"]*"`), '');
    return without.replace(/\/?>$/, (close) => ` ${attribute}="${value}"${close}`);
  });
}

export function insertFirst(html, name, content) {
  const { inner } = locate(html, name);
  return splice(html, inner, inner, content);
}

export function insertLast(html, name, content) {
  const { innerEnd } = locate(html, name);
  return splice(html, innerEnd, innerEnd, content);
}

export function insertAfter(html, name, content) {
  const { end } = locate(html, name);
  return splice(html, end, end, content);
}

export function removeElement(html, name) {
  const { start, end } = locate(html, name);
  return splice(html, start, end, '');
}

export function moveAfter(html, name, target) {
  const { start, end } = locate(html, name);
  return insertAfter(splice(html, start, end, ''), target, html.slice(start, end));
}

export function inHead(html, content) {
  return html.replace('</head>', () => `${content}</head>`);
}

export function lastInBody(html, content) {
  const at = html.lastIndexOf('</body>');
  return splice(html, at, at, content);
}

/** A shadow root that the parser makes: the page's own nodes stay as the framework knows them. */
export const overlay = (content) => `<template shadowrootmode="open">${content}</template>`;
