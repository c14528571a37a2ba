// Who is signed in and what has been read. Both live in this tab's memory and nowhere else: every
// script of the site shares this origin, so anything in storage would be theirs to read.

import { computed, signal } from '@preact/signals';
import { aborted, ApiError, call, sessionIn } from './api.ts';
import type { Call, Session } from './api.ts';
import { SCHEMA_VERSION } from './datafile.ts';
import type { Datafile } from './datafile.ts';
import { tokenIn } from './route.ts';

export interface Off {
  at?: string;
  by: string;
  why: string;
}

export interface Loaded {
  /** The bytes as they came, for the engine. */
  text: string;
  datafile: Datafile;
  etag: string | null;
  readAt: Date;
}

/** What the access token was exchanged for; the access token itself is forgotten at once. */
const session = signal<Session | null>(null);
/** A token from the address is being exchanged. */
const opening = signal(false);

export const signedIn = computed(() => session.value !== null || opening.value);
/** Whose token it is, and what it allows. */
export const holder = computed(() => session.value && { ...session.value, token: undefined });
/** Why no experiment runs, while the kill switch is thrown. */
export const off = signal<Off | null>(null);
/** The last token was not accepted. */
export const refused = signal(false);
/** Left by choice, so that the form does not explain it as a reload. */
export const signedOut = signal(false);
export const loaded = signal<Loaded | null>(null);
export const reading = signal(false);
export const failure = signal<unknown>(null);

let cancel = new AbortController();

/** Reads the datafile, and keeps what is on screen if that fails. */
export async function read(): Promise<void> {
  cancel.abort();
  cancel = new AbortController();
  const { signal } = cancel;
  reading.value = true;
  failure.value = null;
  try {
    const token = session.value?.token ?? '';
    loaded.value = await fetchDatafile(token, signal, loaded.value);
    void readOff(token, signal);
  } catch (error) {
    if (signal.aborted) return;
    if (!signOutIfRefused(error)) failure.value = error;
  } finally {
    if (!signal.aborted) reading.value = false;
  }
}

export function cancelReading(): void {
  cancel.abort();
  reading.value = false;
  failure.value = new ApiError(0, { title: 'stopped', detail: 'You stopped the reading.' });
}

/** Exchanges an access token for a session before that replaces the sign-in form, so that a wrong one is told in place. */
export async function signIn(candidate: string): Promise<unknown> {
  const signal = AbortSignal.timeout(15_000);
  try {
    const response = await call('session', { token: candidate, signal, json: {} });
    session.value = sessionIn(await response.json().catch(() => null));
  } catch (error) {
    return error;
  }
  if (!session.value) return new ApiError(0, { title: 'no session' });
  refused.value = false;
  // The token was accepted; what else is wrong the list tells, and it can try again.
  await read();
  return null;
}

/** Whether the kill switch is thrown. It is told beside the rest, so not knowing it is no failure. */
async function readOff(token: string, signal: AbortSignal): Promise<void> {
  try {
    const response = await call('live', { token, signal });
    off.value = ((await response.json()) as { off: Off | null }).off;
  } catch {
    // What was known before stays on screen.
  }
}

export function signOut(): void {
  cancel.abort();
  signedOut.value = true;
  session.value = null;
  off.value = null;
  loaded.value = null;
  failure.value = null;
  refused.value = false;
  reading.value = false;
}

/** Any other request of the app, signed; a refusal asks for the token again and keeps the work. */
export async function request(path: string, options: Omit<Call, 'token'> = {}): Promise<Response> {
  try {
    return await call(path, { ...options, token: session.value?.token ?? '' });
  } catch (error) {
    signOutIfRefused(error);
    throw error;
  }
}

/** A link may carry the token in its fragment, which never reaches a server or a log. */
export function takeTokenFromAddress(): void {
  const found = tokenIn(location.hash);
  if (!found) return;
  history.replaceState(history.state, '', location.pathname + location.search);
  opening.value = true;
  void signIn(found).then((error) => {
    opening.value = false;
    refused.value = error instanceof ApiError && error.status === 401;
  });
}

function signOutIfRefused(error: unknown): boolean {
  if (!(error instanceof ApiError) || error.status !== 401) return false;
  session.value = null;
  refused.value = true;
  return true;
}

async function fetchDatafile(
  token: string,
  signal: AbortSignal,
  known: Loaded | null,
): Promise<Loaded> {
  const headers: Record<string, string> = known?.etag ? { 'if-none-match': known.etag } : {};
  try {
    const response = await call('datafile', { token, signal, headers });
    if (response.status === 304 && known) return { ...known, readAt: new Date() };
    const text = await response.text();
    const datafile = JSON.parse(text) as Datafile;
    if (datafile.schema_version !== SCHEMA_VERSION) {
      throw new ApiError(response.status, {
        title: 'unknown datafile',
        detail: `The datafile has schema version ${datafile.schema_version}; this app reads version ${SCHEMA_VERSION}.`,
      });
    }
    return { text, datafile, etag: response.headers.get('etag'), readAt: new Date() };
  } catch (error) {
    if (aborted(error) || error instanceof ApiError) throw error;
    throw new ApiError(0, { title: 'not readable', detail: 'The answer was not a datafile.' });
  }
}
