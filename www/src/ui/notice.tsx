// What happened, what is still safe, what to do; the details for whoever has to look further.

import type { ComponentChildren } from 'preact';
import { ApiError } from '../api.ts';
import { sentence } from '../format.ts';
import { Warning } from './icons.tsx';

interface Notice {
  tone?: 'plain' | 'warning' | 'error';
  title?: string;
  children?: ComponentChildren;
  actions?: ComponentChildren;
}

export function Notice({ tone = 'plain', title, children, actions }: Notice) {
  return (
    <div class="notice" data-tone={tone} role={tone === 'error' ? 'alert' : 'status'}>
      {tone !== 'plain' && <Warning />}
      <div class="notice-body">
        {title && <p class="notice-title">{title}</p>}
        {children}
        {actions && <div class="actions">{actions}</div>}
      </div>
    </div>
  );
}

interface Failed {
  title: string;
  safe: string;
  error: unknown;
  /** Better words for the error, where there are some. */
  reason?: string;
  retry: () => void;
  children?: ComponentChildren;
}

export function Failed({ title, safe, error, reason, retry, children }: Failed) {
  return (
    <Notice
      tone="error"
      title={title}
      actions={
        <>
          <button type="button" class="button" onClick={retry}>
            Try again
          </button>
          {children}
        </>
      }
    >
      <p>
        {sentence(reason ?? reasonOf(error))} {safe}
      </p>
      <Details error={error} />
    </Notice>
  );
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'something unexpected happened';
}

function Details({ error }: { error: unknown }) {
  if (!(error instanceof ApiError) || error.status === 0) return null;
  const { title, request_id } = error.problem;
  return (
    <details class="more">
      <summary>Details</summary>
      <dl class="pairs">
        <dt>Status</dt>
        <dd>
          {error.status} {title}
        </dd>
        {request_id && (
          <>
            <dt>Request</dt>
            <dd>
              <code>{request_id}</code>
            </dd>
          </>
        )}
      </dl>
    </details>
  );
}
