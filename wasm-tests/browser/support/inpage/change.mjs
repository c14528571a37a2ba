// Changes made by DOM calls: what the engine's are held against.

export function installChange() {
  const INLINE = new Set([
    ...['a', 'abbr', 'b', 'bdi', 'bdo', 'cite', 'code', 'data', 'dfn', 'em', 'font', 'i', 'kbd'],
    ...[
      'mark',
      'q',
      's',
      'samp',
      'small',
      'span',
      'strong',
      'sub',
      'sup',
      'time',
      'u',
      'var',
      'wbr',
    ],
  ]);
  const NOT_WORDS = new Set([
    ...['iframe', 'noembed', 'noframes', 'noscript', 'plaintext', 'script', 'style', 'template'],
    ...['textarea', 'title', 'xmp'],
  ]);
  const PLACES = {
    before: 'beforebegin',
    prepend: 'afterbegin',
    append: 'beforeend',
    after: 'afterend',
  };
  /** What a DOM call throws where something cannot be: nothing beside the root, nothing in itself. */
  const IMPOSSIBLE = new Set(['NoModificationAllowedError', 'HierarchyRequestError']);

  /** Makes all changes, and gives how many elements each was for. What is meant is settled first. */
  function change(page, changes) {
    const meant = changes.map((one) => ({ one, elements: elementsOf(page, one) }));
    const places = changes.map(({ move }) => {
      const [selector] = Object.values(move ?? {});
      return selector === undefined ? null : page.querySelector(selector);
    });
    meant.forEach(({ one, elements }, at) => {
      if (one.title !== undefined) page.title = one.title;
      for (const [name, content] of Object.entries(one.meta ?? {})) setMeta(page, name, content);
      for (const element of one.find ? outermost(elements) : elements) {
        try {
          apply(one, element, places[at]);
        } catch (error) {
          if (!IMPOSSIBLE.has(error.name)) throw error;
        }
      }
    });
    return meant.map(({ elements }) => elements.length);
  }

  function elementsOf(page, { selector, expect, move }) {
    if (selector === undefined) return [];
    const all = [...page.querySelectorAll(selector)];
    return move || expect === 'one' ? all.slice(0, 1) : all;
  }

  /** Those that lie in no other; words are looked for once. */
  const outermost = (elements) => {
    const all = new Set(elements);
    return elements.filter((element) => {
      let around = element.parentElement;
      while (around && !all.has(around)) around = around.parentElement;
      return around === null;
    });
  };

  function apply(change, element, place) {
    const { text, html, remove, attribute, class: classes, style, hide, insert } = change;
    if (text !== undefined) element.textContent = text;
    if (html !== undefined) element.innerHTML = html;
    if (change.replace !== undefined) element.outerHTML = change.replace;
    if (remove) element.remove();
    if (hide) {
      element.setAttribute('hidden', '');
      element.style.setProperty('display', 'none', 'important');
    }
    for (const [name, value] of Object.entries(style ?? {})) element.style.setProperty(name, value);
    for (const [name, value] of Object.entries(attribute ?? {})) {
      if (value === null) element.removeAttribute(name);
      else element.setAttribute(name, value);
    }
    if (classes) {
      element.classList.remove(...(classes.remove ?? []));
      // Called with nothing to add, it would leave an empty attribute.
      if (classes.add?.length) element.classList.add(...classes.add);
    }
    for (const [side, inserted] of Object.entries(insert ?? {})) {
      element.insertAdjacentHTML(PLACES[side], inserted);
    }
    for (const side of Object.keys(change.move ?? {})) {
      if (place && !element.contains(place)) place[side](element);
    }
    if (change.image) showImage(element, change.image);
    if (change.find) findAndReplace(element, change.find);
  }

  /** In a picture, the sources in front of the image would win. */
  function showImage(element, { src, srcset, sizes, alt }) {
    const isHtml = (node, name) => node.localName === name && window.edgewise.prefix(node) === '';
    if (!isHtml(element, 'img')) return;
    const attributes = { src, srcset: srcset ?? null, sizes: sizes ?? null };
    if (alt !== undefined) attributes.alt = alt;
    for (const [name, value] of Object.entries(attributes)) {
      if (value === null) element.removeAttribute(name);
      else element.setAttribute(name, value);
    }
    if (!element.parentElement || !isHtml(element.parentElement, 'picture')) return;
    const siblings = [...element.parentElement.children];
    for (const sibling of siblings.slice(0, siblings.indexOf(element))) {
      if (isHtml(sibling, 'source')) sibling.remove();
    }
  }

  /** The first that the page has of that name, or a new one at the end of the head. */
  function setMeta(page, name, content) {
    let meta = page.querySelector(`meta[name="${CSS.escape(name)}" i]`);
    if (!meta) {
      if (!page.head) return;
      meta = page.createElement('meta');
      meta.setAttribute('name', name);
      page.head.append(meta);
    }
    meta.setAttribute('content', content);
  }

  /** Replaces every occurrence in words that flow as one, whatever inline tags stand among them. */
  function findAndReplace(element, { text, with: replacement }) {
    const words = text.split(/[\t\n\f\r ]+/).map((word) => word.replace(/[^\w]/gu, escaped));
    const pattern = new RegExp(words.join('[\\t\\n\\f\\r ]+'), 'gu');
    for (const flow of flows(element)) replaceIn(flow, pattern, replacement);
  }

  const escaped = (character) => `\\u{${character.codePointAt(0).toString(16)}}`;

  /** The texts in an element, those that flow as one together. */
  function flows(element) {
    const found = [[]];
    const isHtml = (node) => window.edgewise.prefix(node) === '';
    const visit = (node) => {
      if (node.nodeType === Node.TEXT_NODE) found.at(-1).push(node);
      if (node.nodeType !== Node.ELEMENT_NODE) return;
      const inline = isHtml(node) && INLINE.has(node.localName);
      if (!inline) found.push([]);
      if (!NOT_WORDS.has(node.localName)) node.childNodes.forEach(visit);
      if (!inline) found.push([]);
    };
    visit(element);
    return found.filter((texts) => texts.length > 0);
  }

  function replaceIn(texts, pattern, replacement) {
    const matches = [
      ...texts
        .map(({ data }) => data)
        .join('')
        .matchAll(pattern),
    ];
    let start = 0;
    for (const text of texts) {
      const { data } = text;
      const end = start + data.length;
      let result = '';
      let done = start;
      for (const { index, 0: found } of matches) {
        const stop = index + found.length;
        if (stop <= start || index >= end) continue;
        result += data.slice(done - start, Math.max(index, done) - start);
        if (index >= start) result += replacement;
        done = Math.min(stop, end);
      }
      if (done > start) text.data = result + data.slice(done - start);
      start = end;
    }
  }

  Object.assign(window.edgewise, { change });
}
