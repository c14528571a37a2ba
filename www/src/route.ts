// What an address means. Pure, so that it can be tested without a browser; router.ts does the rest.

export const BASE = '/_edgewise/';

export type Route =
  { screen: 'list' } | { screen: 'experiment'; key: string } | { screen: 'missing'; path: string };

const EXPERIMENT = /^experiments\/([a-z0-9-]{1,64})\/?$/;

export function routeOf(path: string): Route {
  if (path === BASE || path === BASE.slice(0, -1)) return { screen: 'list' };
  const below = path.startsWith(BASE) ? path.slice(BASE.length) : '';
  const key = EXPERIMENT.exec(below)?.[1];
  return key ? { screen: 'experiment', key } : { screen: 'missing', path };
}

export function experimentPath(key: string): string {
  return `${BASE}experiments/${key}`;
}

/** The address with some of its query replaced; a null or an empty value leaves the parameter out. */
export function withQuery(search: string, values: Record<string, string | null>): string {
  const query = new URLSearchParams(search);
  for (const [name, value] of Object.entries(values)) {
    if (value) query.set(name, value);
    else query.delete(name);
  }
  // A path reads better unescaped, and a query may hold slashes as they are.
  const text = query.toString().replaceAll('%2F', '/');
  return text ? `?${text}` : '';
}

/** Takes the access token out of a fragment such as `#token=XYZ`. */
export function tokenIn(fragment: string): string | null {
  const token = new URLSearchParams(fragment.replace(/^#/, '')).get('token');
  return token?.trim() || null;
}
