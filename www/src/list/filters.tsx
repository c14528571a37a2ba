import type { Experiment } from '../datafile.ts';
import { count } from '../format.ts';
import { setQuery } from '../router.ts';
import { Search } from '../ui/icons.tsx';
import { shortcutHint } from '../ui/shortcuts.tsx';
import { STATUSES, STATUS_WORDS } from '../ui/status.tsx';
import { countByStatus } from './filter.ts';
import type { Filter } from './filter.ts';

interface Props {
  experiments: Experiment[];
  filter: Filter;
  found: number;
}

export function Filters({ experiments, filter, found }: Props) {
  const counts = countByStatus(experiments);
  return (
    <div class="filters">
      <div class="chips" role="group" aria-label="Status">
        <Chip status={null} words="All" count={experiments.length} pressed={!filter.status} />
        {STATUSES.filter((status) => counts.has(status) || status === filter.status).map(
          (status) => (
            <Chip
              key={status}
              status={status}
              words={STATUS_WORDS[status]}
              count={counts.get(status) ?? 0}
              pressed={filter.status === status}
            />
          ),
        )}
      </div>
      <div class="search">
        <Search />
        <input
          class="input"
          type="search"
          data-find
          aria-label="Search experiments"
          aria-keyshortcuts={shortcutHint()}
          placeholder="Name, page or hypothesis"
          value={filter.words}
          onInput={(event) => setQuery({ q: event.currentTarget.value })}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return;
            setQuery({ q: null });
            event.currentTarget.blur();
          }}
        />
        {shortcutHint() && <kbd aria-hidden="true">/</kbd>}
      </div>
      <p class="visually-hidden" role="status">
        {count(found, 'experiment')} shown
      </p>
    </div>
  );
}

interface ChipProps {
  status: Experiment['status'] | null;
  words: string;
  count: number;
  pressed: boolean;
}

function Chip({ status, words, count, pressed }: ChipProps) {
  return (
    <button type="button" class="chip" aria-pressed={pressed} onClick={() => setQuery({ status })}>
      {words} <span class="chip-count">{count}</span>
    </button>
  );
}
