// Requests to the module's own API. Errors come out as ApiError with words a person can act on.

import { BASE } from './route.ts';

/** What an access token is exchanged for. */
export interface Session {
  token: string;
  /** The end of it. */
  expiresAt: Date;
  name: string;
  role: string;
}

/** The session in an answer; null if there is none in it. */
export function sessionIn(answer: unknown): Session | null {
  if (!answer || typeof answer !== 'object') return null;
  const { token, expires_at, name, role } = answer as Record<string, unknown>;
  const expiresAt = new Date(typeof expires_at === 'string' ? expires_at : NaN);
  const texts = [token, name, role].every((one) => typeof one === 'string' && one !== '');
  if (!texts || Number.isNaN(expiresAt.getTime())) return null;
  return { token: token as string, expiresAt, name: name as string, role: role as string };
}

export interface Problem {
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  hint?: string;
  request_id?: string;
}

export class ApiError extends Error {
  constructor(
    /** 0: no answer came at all. */
    readonly status: number,
    readonly problem: Problem,
  ) {
    super(problem.detail ?? problem.title ?? `status ${status}`);
  }
}

export interface Call {
  token: string;
  signal?: AbortSignal;
  headers?: Record<string, string>;
  json?: unknown;
}

export async function call(path: string, { token, signal, headers, json }: Call) {
  const init: RequestInit = {
    headers: {
      authorization: `Bearer ${token}`,
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    // The token alone says who is asking, and no answer may outlive this tab in a cache.
    credentials: 'omit',
    cache: 'no-store',
    redirect: 'error',
  };
  if (json !== undefined) Object.assign(init, { method: 'POST', body: JSON.stringify(json) });
  if (signal) init.signal = signal;
  const response = await fetch(`${BASE}api/v1/${path}`, init).catch((cause: unknown) => {
    if (signal?.aborted) throw cause;
    throw new ApiError(0, { title: 'no answer', detail: 'Edgewise did not answer.' });
  });
  if (response.ok || response.status === 304) return response;
  throw new ApiError(response.status, await problemIn(response));
}

async function problemIn(response: Response): Promise<Problem> {
  if (/json/i.test(response.headers.get('content-type') ?? '')) {
    const body: unknown = await response.json().catch(() => null);
    if (body && typeof body === 'object') return body;
  }
  return { title: response.statusText };
}

export function aborted(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}
