// Pages loaded as a visit would load them. What stands in this folder is sent to the browser as it is,
// so everything a function needs is inside of it or in `window.edgewise`.

export function installLoad() {
  const HTML = 'http://www.w3.org/1999/xhtml';
  const SPACES = new Map([
    [HTML, ''],
    ['http://www.w3.org/2000/svg', 'svg:'],
    ['http://www.w3.org/1998/Math/MathML', 'math:'],
  ]);

  /** Only where scripts may run is the content of noscript text, and only in a frame may they. */
  const NEEDS_FRAME = /<noscript/i;
  /** Only a page that is loaded, or that claims to be, gives its shadow roots to elements. */
  const HAS_SHADOWS = /shadowrootmode/i;
  const EVERYTHING = { sanitizer: { comments: true } };
  let frame = null;
  /** Whether HTML was inserted into the frame's document, which gives no more shadow roots then. */
  let spent = false;

  const needsFrame = (html) => NEEDS_FRAME.test(html);

  /**
   * The document that a visitor would get: from a frame where it has to be, until the next such one,
   * or else in one of the ways that take a tenth of the time and come to the same.
   */
  function load(html, framed = needsFrame(html)) {
    const text = html.startsWith('\uFEFF') ? html.slice(1) : html;
    const shadows = HAS_SHADOWS.test(text);
    if (!framed && shadows) return Document.parseHTMLUnsafe(text, EVERYTHING);
    if (!framed) return new DOMParser().parseFromString(text, 'text/html');
    if (!frame || (spent && shadows)) {
      frame?.remove();
      frame = makeFrame();
      spent = false;
    }
    const page = frame.contentDocument;
    page.open();
    page.write(text);
    page.close();
    return page;
  }

  /** To be called when a loaded page is going to be changed. */
  function spend(page) {
    spent ||= page === frame?.contentDocument;
  }

  function makeFrame() {
    const made = document.createElement('iframe');
    made.style.display = 'none';
    document.documentElement.append(made);
    return made;
  }

  const prefix = (element) => SPACES.get(element.namespaceURI) ?? `{${element.namespaceURI}}`;
  const isTemplate = (element) => element.localName === 'template' && 'content' in element;

  /** The elements alone: `html(head()body(p(b())))`. */
  function outline(node) {
    const inside = Array.from(node.children, outline).join('');
    if (node.nodeType !== Node.ELEMENT_NODE) return inside;
    if (isTemplate(node)) return `template[${outline(node.content)}]`;
    const shadow = node.shadowRoot ? `#shadow[${outline(node.shadowRoot)}]` : '';
    return `${prefix(node)}${node.localName}${shadow}(${inside})`;
  }

  const outlines = (pages) => pages.map((html) => outline(load(html)));

  /** The elements of each page in order: name, number of the parent, attributes, and their words if few. */
  function trees(pages) {
    return pages.map((html) => {
      const elements = [...load(html).querySelectorAll('*')];
      const numbers = new Map(elements.map((element, at) => [element, at]));
      return elements.map((element) => [
        prefix(element) + element.localName,
        numbers.get(element.parentElement) ?? -1,
        Array.from(element.attributes, ({ name, value }) => [name, value]),
        element.textContent.length < 300 ? element.textContent : '',
      ]);
    });
  }

  window.edgewise = { load, spend, needsFrame, prefix, isTemplate, outlines, trees };
}
