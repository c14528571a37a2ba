// What runs in the browser: pages loaded as a visit would load them, and their DOM as text. `install`
// is sent there as it stands, so everything it needs is inside of it.

export function install() {
  const HTML = 'http://www.w3.org/1999/xhtml';
  const SPACES = new Map([
    [HTML, ''],
    ['http://www.w3.org/2000/svg', 'svg:'],
    ['http://www.w3.org/1998/Math/MathML', 'math:'],
  ]);

  /**
   * Only with scripting is the content of noscript text, and only a page that is loaded gives its
   * shadow roots to elements. In all else the parser is the same without a frame, and ten times as fast.
   */
  const NEEDS_FRAME = /<noscript|shadowrootmode/i;
  const frame = document.createElement('iframe');
  frame.style.display = 'none';
  document.documentElement.append(frame);

  /** The document that a visitor would get from these bytes. `inserted` is what may be put in later. */
  function load(html, inserted = '') {
    const text = html.startsWith('\uFEFF') ? html.slice(1) : html;
    if (!NEEDS_FRAME.test(text) && !NEEDS_FRAME.test(inserted)) {
      return new DOMParser().parseFromString(text, 'text/html');
    }
    const page = frame.contentDocument;
    page.open();
    page.write(text);
    page.close();
    return page;
  }

  const name = (element) =>
    (SPACES.get(element.namespaceURI) ?? `{${element.namespaceURI}}`) + element.localName;
  const isTemplate = (element) => element.localName === 'template' && 'content' in element;

  /** The elements alone: `html(head()body(p(b())))`. */
  function outline(node) {
    const inside = Array.from(node.children, outline).join('');
    if (node.nodeType !== Node.ELEMENT_NODE) return inside;
    if (isTemplate(node)) return `template[${outline(node.content)}]`;
    const shadow = node.shadowRoot ? `#shadow[${outline(node.shadowRoot)}]` : '';
    return `${name(node)}${shadow}(${inside})`;
  }

  const outlines = (pages) => pages.map((html) => outline(load(html)));

  window.edgewise = { load, name, isTemplate, outlines };
}
