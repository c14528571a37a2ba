// Puts a rendered page into a preview frame. The frame may run no scripts: its own policy forbids
// them. What is left to do here is to keep the page from leading anywhere.

type FrameWindow = Window & typeof globalThis;

/**
 * Parses with the frame's own realm. With the app's, the app's policy would govern the page: its
 * inline styles would be lost, and trusted types would refuse the text altogether.
 */
function parse(win: FrameWindow, html: string): Document {
  if ('parseHTMLUnsafe' in win.Document) return win.Document.parseHTMLUnsafe(html);
  // Older browsers: the same tree but for declarative shadow roots.
  return new (win as FrameWindow).DOMParser().parseFromString(html, 'text/html');
}

export function fillFrame(frame: HTMLIFrameElement, html: string, pageAddress: string): Document {
  const win = frame.contentWindow as FrameWindow | null;
  const doc = frame.contentDocument;
  if (!win || !doc?.documentElement) throw new Error('the preview frame could not be opened');
  const page = parse(win, html);
  setBase(page, pageAddress);
  calm(page);
  doc.replaceChild(doc.adoptNode(page.documentElement), doc.documentElement);
  return doc;
}

/** Relative addresses are those of the real page, not of the frame. */
function setBase(page: Document, pageAddress: string): void {
  const own = page.querySelector('base[href]');
  const base = page.createElement('base');
  base.href = new URL(own?.getAttribute('href') ?? '', pageAddress).href;
  own?.remove();
  page.head.prepend(base);
}

const LEADS_AWAY = 'meta[http-equiv="refresh" i]';
/** Would only be refused by the frame's policy, each with a line in the console. */
const SCRIPTS_AHEAD = 'link[rel~="modulepreload" i], link[rel~="preload" i][as="script" i]';
/** Counting pixels for visitors without scripts. A visitor's browser skips them; so must a preview. */
const WITHOUT_SCRIPTS = 'body noscript';

function calm(page: Document): void {
  for (const element of page.querySelectorAll(
    `${LEADS_AWAY}, ${SCRIPTS_AHEAD}, ${WITHOUT_SCRIPTS}`,
  )) {
    element.remove();
  }
  // Frames of others would be refused too, and show that they were; an empty one keeps its room.
  for (const frame of page.querySelectorAll('iframe, frame, object, embed')) {
    for (const name of ['src', 'srcdoc', 'data']) frame.removeAttribute(name);
  }
  // The frame's policy refuses handlers as well. This app shares its origin, so one lock is too few.
  for (const element of page.querySelectorAll('*')) {
    for (const name of element.getAttributeNames()) {
      if (name.startsWith('on')) element.removeAttribute(name);
    }
  }
  // No link, button or field of the page can be reached by pointer, keyboard or assistive technology.
  page.documentElement.inert = true;
}

/** Pages that scripts put together show next to nothing here, and the person should know why. */
export function looksEmpty(doc: Document): boolean {
  return (doc.body?.innerText ?? '').trim().length < 200 && doc.images.length < 3;
}
