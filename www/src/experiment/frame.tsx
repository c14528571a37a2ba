// One variant of the page, scaled to the room there is.

import { useEffect, useRef, useState } from 'preact/hooks';
import type { ReadonlySignal } from '@preact/signals';
import { BASE } from '../route.ts';
import { fillFrame, looksEmpty } from './frame-page.ts';
import type { ScrollGroup } from './scroll.ts';

export const DEVICES = { desktop: 1280, phone: 390 } as const;
export type Device = keyof typeof DEVICES;

/** A frame that has not loaded by then will not: most likely something answers in the module's place. */
const FRAME_PATIENCE_MS = 10_000;

/** A place on the page, and whether to go there or only to mark it. */
export interface Pointed {
  selector: string;
  go: boolean;
}

interface Props {
  title: string;
  html: string;
  address: string;
  device: Device;
  group: ScrollGroup;
  pointed: ReadonlySignal<Pointed | null>;
  onEmpty: (empty: boolean) => void;
}

export function Frame({ title, html, address, device, group, pointed, onEmpty }: Props) {
  const frame = useRef<HTMLIFrameElement>(null);
  const stage = useRef<HTMLDivElement>(null);
  const [ready, setReady] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const width = DEVICES[device];

  useEffect(() => {
    if (ready) return;
    const timer = setTimeout(() => setProblem(CLOSED), FRAME_PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [ready]);

  useEffect(() => {
    if (!ready || !frame.current) return;
    try {
      const doc = fillFrame(frame.current, html, address);
      setProblem(null);
      onEmpty(looksEmpty(doc));
    } catch {
      setProblem(CLOSED);
      return;
    }
    const win = frame.current.contentWindow;
    return win ? group.add(win) : undefined;
  }, [ready, html, address]);

  useEffect(() => {
    if (!ready) return;
    return pointed.subscribe((target) => point(frame.current, target));
  }, [ready, pointed]);

  useEffect(() => {
    const element = stage.current;
    if (!element) return;
    const fit = new ResizeObserver(() => {
      element.style.setProperty('--scale', String(Math.min(1, element.clientWidth / width)));
    });
    element.style.setProperty('--device', String(width));
    fit.observe(element);
    return () => fit.disconnect();
  }, [width]);

  return (
    <div class="stage" ref={stage} data-device={device}>
      <iframe
        ref={frame}
        title={title}
        src={`${BASE}frame`}
        // No forms, no pop-ups, no way to the top. Scripts are refused by the frame's own policy; the
        // word is here because Safari otherwise drops listeners that this app adds.
        sandbox="allow-same-origin allow-scripts"
        tabIndex={-1}
        onLoad={() => setReady(true)}
      />
      {problem && (
        <p class="stage-problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}

const CLOSED =
  'The preview frame could not be opened. The counts below are right all the same; a QA link shows the real page.';

const sheets = new WeakMap<Document, CSSStyleSheet>();

/** Marks by a style sheet of the frame's own realm, so that the page's tree stays as rendered. */
function point(frame: HTMLIFrameElement | null, target: Pointed | null): void {
  const win = frame?.contentWindow as (Window & typeof globalThis) | null | undefined;
  const doc = frame?.contentDocument;
  if (!win || !doc) return;
  let sheet = sheets.get(doc);
  if (!sheet) {
    sheet = new win.CSSStyleSheet();
    doc.adoptedStyleSheets = [...doc.adoptedStyleSheets, sheet];
    sheets.set(doc, sheet);
  }
  const mark = 'outline: 4px solid #e8552b !important; outline-offset: 4px !important;';
  sheet.replaceSync(target ? `${target.selector} { ${mark} }` : '');
  if (!target?.go) return;
  try {
    doc.querySelector(target.selector)?.scrollIntoView({ block: 'center', behavior: 'instant' });
  } catch {
    // A selector the browser reads differently: the marks and the counts do not depend on it.
  }
}
