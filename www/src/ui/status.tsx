// A status is an icon and a word; colour only helps.

import type { Status } from '../datafile.ts';
import { Draft, Paused, Running, Stopped } from './icons.tsx';

export const STATUSES: Status[] = ['running', 'paused', 'draft', 'stopped'];

export const STATUS_WORDS: Record<Status, string> = {
  running: 'Running',
  paused: 'Paused',
  draft: 'Draft',
  stopped: 'Stopped',
};

/** What the status means for a visitor, for whoever meets the word first. */
export const STATUS_MEANING: Record<Status, string> = {
  running: 'Visitors see it now.',
  paused: 'Everyone sees control. Visitors keep their places for later.',
  draft: 'Visitors do not see it yet.',
  stopped: 'It has ended. Everyone sees the site as it is.',
};

const ICONS = { running: Running, paused: Paused, draft: Draft, stopped: Stopped };

export function StatusChip({ status }: { status: Status }) {
  const Icon = ICONS[status];
  return (
    <span class="status" data-status={status} title={STATUS_MEANING[status]}>
      <Icon />
      {STATUS_WORDS[status]}
    </span>
  );
}
