// Makes changes to elements that a framework owns, and that no shadow root can be put on: a, button,
// li, td, label and the like. "heal.min.js" is what goes into a page; after an edit here:
//
//     cd wasm-tests/browser && node hydrate/minify.mjs
//
// In the page. One script element, as early in the head as there is room, before any script of the
// page's own. The payload is in its attributes, so its text is the same on every page and a policy
// may allow it by hash; a nonce does as well. It takes itself out of the page when it runs.
//
//     <script nonce="…" data-changes="[…]" data-report="/where/to">…</script>
//
// `data-changes`: JSON in an attribute: "&" as "&amp;", the quote around it as "&quot;", and, so that no
// scanner stumbles, "<" as "\u003c". A list of changes as in a datafile, and how each is called:
//
//     change     its name, given back in what is told; no quotes or backslashes
//     selector   which elements; at most the first 50. One that the browser refuses stops the script
//                before it has changed anything
//     text       the words of the element; what is not words in it (a picture, an icon) stays
//     html       its content, together with `text`, the words of it: they are shown until the
//                framework is through. Exactly one element
//     attribute  { name: value, or null to remove it }
//     class      { add: [], remove: [] }
//     style      { property: value }, without "!important", which it gets. To hide or to remove is
//                { "display": "none" }: what the framework owns is never taken out of its hands
//     insert     { before | prepend | append | after: html of exactly one element }
//     move       { before | after: selector of an element with the same parent }
//
// `data-report`: optional; an address of the site's own. It gets one beacon when the visitor leaves, a
// list of { change, state, why }. Without a state, the element was never found.
//
// Told as well, as it happens, by an event "edgewise:change" on the document, whose detail is
// { change, state, why }:
//
//     kept       the framework took the page over, and the change stands
//     repaired   somebody undid it, and it was made again
//     given-up   it is left alone from now on, and words are the page's own again. why: "too-often"
//                (more than 3 repairs within a second, or more than 20), "no-text", "other-parent",
//                or the error
//
// How a change stays out of the framework's way. A framework reads the page that it takes over and
// compares. Words are written at once, before they are painted, and the nodes they are in are veiled:
// asked for their text, they answer with the origin's. So nothing flickers and nothing differs. A
// veil is lifted when the framework is through, or when anything writes to the node. Attributes,
// classes and styles are written at once too; frameworks as they are shipped keep them or set their
// own, and then they are set again. What would add or move nodes waits until the framework is through
// with the element, and so is seen a moment late: rather use a shadow root where one can be had.
//
// A framework is through with an element when it or something around it carries a property of the
// framework's (React, Preact, Vue, Angular), or anything in the page does (Svelte, which keeps
// symbols), at two looks in a row, 100 ms apart; or three seconds after the page has loaded.
//
// On another path, where the page's own scripts have gone, nothing is changed or repaired.

(() => {
  const page = document;
  const { changes, report } = page.currentScript.dataset;
  page.currentScript.remove();

  const ADDED = 'data-edgewise-added';
  const { pathname } = location;
  const all = JSON.parse(changes);
  // The same script in the same page: the first one is at work.
  if (self[pathname + changes]) return;
  self[pathname + changes] = 1;

  let late;

  const walk = (top) => {
    const nodes = [];
    const walker = page.createTreeWalker(top, 5);
    while (walker.nextNode()) nodes.push(walker.currentNode);
    return nodes;
  };
  // Whether the parser is done with an element: what follows it has come.
  const whole = (node) => {
    while (node && !node.nextSibling) node = node.parentNode;
    return node || page.readyState != 'loading';
  };
  // React marks its root before it has looked at what is inside.
  const hydrated = (node) => {
    for (; node; node = node.parentNode) {
      if (/\b__(?!reactC)/.test(Object.keys(node))) return 1;
    }
    return walk(page).some((other) => Object.getOwnPropertySymbols(other)[0]);
  };
  const steps = all.map((told) => {
    const { change, selector, text, html, attribute, class: names, style, insert, move } = told;
    const before = new Map();
    const added = new Map();
    const done = new Set();
    const repairs = [];
    let seen;
    let ready;

    const tell = (state, why) => {
      Object.assign(told, { state, why });
      page.dispatchEvent(new CustomEvent('edgewise:change', { detail: { change, state, why } }));
    };

    const unveil = (node) => {
      for (const name of ['data', 'nodeValue', 'textContent']) delete node[name];
    };
    const veil = (node) => {
      const words = node.textContent;
      if (ready || before.has(node)) return;
      before.set(node, words);
      for (const name of ['data', 'nodeValue', 'textContent']) {
        Object.defineProperty(node, name, {
          configurable: true,
          get: () => words,
          set(value) {
            unveil(node);
            node[name] = value;
          },
        });
      }
    };
    // By methods that no veil covers.
    const write = (element, words) => {
      const texts = walk(element).filter(
        (node) => node.replaceData && !node.parentNode.closest(`script,style,[${ADDED}]`),
      );
      const first = texts.find((node) => node.substringData(0, 1e6).trim()) ?? texts[0];
      if (!first) throw 'no-text';
      for (const node of texts) {
        const wanted = node == first ? words : '';
        if (node.substringData(0, 1e6) != wanted) {
          veil(node.parentNode);
          veil(node);
          before.set(node, node.substringData(0, 1e6));
          node.replaceData(0, 1e6, wanted);
        }
      }
    };
    const paint = ({ style }, name, value) => style.setProperty(name, value, 'important');
    const add = (anchor, where, html) => {
      let node = added.get(anchor);
      if (!node) {
        const template = page.createElement('template');
        template.innerHTML = html;
        node = template.content.firstElementChild;
        node.setAttribute(ADDED, change);
        added.set(anchor, node);
      }
      if (!node.isConnected) anchor[where](node);
    };

    const apply = (element) => {
      if (text != null) write(element, html && ready ? '' : text);
      for (const name in attribute) {
        const value = attribute[name];
        if (value == null) element.removeAttribute(name);
        else if (element.getAttribute(name) != value) element.setAttribute(name, value);
      }
      for (const verb in names) {
        for (const name of names[verb]) element.classList.toggle(name, verb == 'add');
      }
      for (const name in style) paint(element, name, style[name]);
      if (!ready) return;
      if (html) {
        for (const child of element.children) {
          if (!child.hasAttribute(ADDED)) paint(child, 'display', 'none');
        }
        add(element, 'append', html);
      }
      for (const where in insert) add(element, where, insert[where]);
      for (const where in move) {
        const anchor = page.querySelector(move[where]);
        if (anchor.parentNode != element.parentNode) throw 'other-parent';
        const side = where == 'after' ? 'nextElementSibling' : 'previousElementSibling';
        if (anchor[side] != element) anchor[where](element);
      }
    };

    return (polling) => {
      // The neighbour of what was added is gone: the framework has put another in its place.
      for (const [element, node] of added) {
        if (!element.isConnected) {
          node.remove();
          added.delete(element);
        }
      }
      if (told.why || location.pathname != pathname) return 1;
      try {
        const elements = [...page.querySelectorAll(selector)].slice(0, 50).filter(whole);
        const lost = [...done].some(({ isConnected }) => !isConnected);
        let repaired;
        if (polling && !ready) {
          const taken = elements[0] && elements.every(hydrated);
          ready = (seen && taken) || late;
          seen = taken;
          if (ready) {
            done.clear();
            if (seen) for (const node of before.keys()) unveil(node);
            // Of a page that was kept with what was added to it, and served again.
            for (const stale of page.querySelectorAll(`[${ADDED}="${change}"]`)) stale.remove();
          }
        }
        // Whether anything had to be written is asked of the observer: what is right leaves no record.
        observer.takeRecords();
        for (const element of elements) {
          apply(element);
          repaired ||= observer.takeRecords()[0] && (lost || done.has(element));
          done.add(element);
        }
        if (repaired) {
          if (told.state != 'repaired') tell('repaired');
          const often = repairs.unshift(Date.now()) > 20 || repairs[0] - repairs[3] < 1000;
          if (often) throw 'too-often';
        }
        if (ready && done.size && !told.state) tell('kept');
      } catch (error) {
        tell('given-up', `${error}`);
        for (const [node, words] of before) node.replaceData?.(0, 1e6, words);
      }
      return ready;
    };
  });
  const run = (polling) => {
    // Only the smallest part of the page that holds all elements is watched closely.
    const elements = page.querySelectorAll(all.map(({ selector }) => selector));
    let [root] = elements;
    while (root && !root.contains(elements[elements.length - 1])) root = root.parentNode;
    observer.disconnect();
    const structure = { subtree: true, childList: true };
    observer.observe(page, structure);
    if (root) observer.observe(root, { ...structure, characterData: true, attributes: true });
    const quiet = steps.filter((step) => step(polling)).length == all.length;
    observer.takeRecords();
    if (polling && !quiet) setTimeout(run, 100, 1);
  };
  const observer = new MutationObserver(() => run());
  addEventListener(
    'pagehide',
    () => report && navigator.sendBeacon(report, JSON.stringify(all, ['change', 'state', 'why'])),
    { once: true },
  );
  addEventListener('load', () => setTimeout(() => (late = 1), 3000));
  page.addEventListener('readystatechange', () => run());
  run(1);
})();
