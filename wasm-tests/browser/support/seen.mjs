// What runs in the page of a test before anything else does.

/** Puts `test` into the page: what a visitor sees of it, and when it has come to rest. */
export function equipPage(marks) {
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const task = () =>
    new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = resolve;
      port2.postMessage('');
    });
  async function until(condition) {
    while (!condition()) await frame();
  }

  function words(node) {
    // The page may have been told to lie about its words; the screen does not.
    if (node.nodeType === Node.TEXT_NODE) return node.substringData(0, node.length);
    if (node.nodeType !== Node.ELEMENT_NODE) return '';
    const { display, visibility } = getComputedStyle(node);
    if (display === 'none' || visibility === 'hidden') return '';
    const slotted = node.localName === 'slot' ? node.assignedNodes() : [];
    const inside = slotted.length > 0 ? slotted : (node.shadowRoot ?? node).childNodes;
    const edge = ['inline', 'contents'].includes(display) ? '' : ' ';
    return edge + [...inside].map(words).join('') + edge;
  }
  const plain = (text) => text.replace(/\s+/g, ' ').trim();
  const see = (selector) =>
    [...document.querySelectorAll(selector)].map((element) => plain(words(element)));

  const frames = [];
  const note = () => {
    const seen = see('.cta').join(' | ');
    if (seen && frames.at(-1) !== seen) frames.push(seen);
    requestAnimationFrame(note);
  };
  requestAnimationFrame(note);

  const told = [];
  document.addEventListener('edgewise:change', ({ detail }) => told.push(detail));
  const violations = [];
  document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
    violations.push(`policy: ${violatedDirective} refused ${blockedURI}`),
  );

  let first;
  globalThis.test = {
    see,
    frames,
    told,
    violations,
    async painted() {
      await until(() => document.readyState !== 'loading');
      // React's own script moves what streamed in late to its place, some frames later.
      await until(() => !document.querySelector('template[id^="B:"]'));
      await frame();
      await task();
      first = marks.map((mark) => [mark, document.querySelector(mark)]);
    },
    async hydrated(late) {
      await until(() => globalThis.hydrated && (!late || globalThis.hydratedLate));
      await globalThis.test.settled();
    },
    /** A frame, and the tasks after it: what a click or a script started is done. */
    async settled() {
      await frame();
      await task();
      await task();
    },
    async press(selector) {
      const element = document.querySelector(selector);
      element?.click();
      await globalThis.test.settled();
      return Boolean(element);
    },
    async states(changes) {
      const last = (name) => told.findLast(({ change }) => change === name)?.state;
      await until(() => changes.every(last));
      return changes.map(last);
    },
    replaced: () =>
      first.filter(([, element]) => element && !element.isConnected).map(([mark]) => mark),
  };
}
