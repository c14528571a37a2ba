// The origin's page as the module hands it over, and what can be wrong with it. Pure but for the fetch.

import { isHtml } from '../html.ts';

export interface OriginPage {
  path: string;
  status: number;
  contentType: string | null;
  csp: string | null;
  bytes: Uint8Array;
}

/** Beyond this a page is streamed well at the edge but too much to lay out several times side by side. */
const TOO_LARGE = 5_000_000;
export const PATIENCE_MS = 15_000;

type Request = (path: string, options: { signal: AbortSignal }) => Promise<Response>;

export async function fetchPage(
  request: Request,
  path: string,
  signal: AbortSignal,
): Promise<OriginPage> {
  const response = await request(`page?path=${encodeURIComponent(path)}`, { signal });
  const bytes = new Uint8Array(await response.arrayBuffer());
  return {
    path,
    status: Number(response.headers.get('x-edgewise-status') ?? 200),
    contentType: response.headers.get('x-edgewise-content-type'),
    csp: response.headers.get('x-edgewise-csp'),
    bytes,
  };
}

export interface Trouble {
  title: string;
  hint: string;
}

export function troubleWith({ path, status, contentType, bytes }: OriginPage): Trouble | null {
  const answered = `The site answered ${status} for ${path}`;
  if (status === 404 || status === 410) {
    return { title: answered, hint: 'There is no page there. Check the path for a typing error.' };
  }
  if (status === 401 || status === 403) {
    return { title: answered, hint: 'The page wants a sign-in of its own, so it cannot be shown.' };
  }
  if (status >= 300 && status < 400) {
    return { title: answered, hint: 'It sends visitors to another page. Use that one instead.' };
  }
  if (status >= 400) {
    return { title: answered, hint: 'Visitors get the same answer now. Try again in a while.' };
  }
  if (contentType !== null && !isHtml(contentType)) {
    const kind = contentType.split(';')[0]?.trim();
    return {
      title: `${path} is not a page`,
      hint: `The site sent ${kind}, and only HTML is changed.`,
    };
  }
  if (bytes.length > TOO_LARGE) {
    return {
      title: `${path} is too large to show here`,
      hint: 'Pages up to 5 MB are shown. A QA link opens the real page in a tab of its own.',
    };
  }
  return null;
}

/** The words for a fetch that failed before the site's answer came. */
export function fetchErrorWords(error: unknown): string {
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return `the site did not answer within ${PATIENCE_MS / 1000} seconds`;
  }
  return error instanceof Error ? error.message : 'something unexpected happened';
}
