// One key: "/" goes to the field that finds things. It can be switched off, for whoever speaks
// to their computer or types with aids that send keys of their own.

import { signal } from '@preact/signals';

const on = signal(true);

export function startShortcuts(): () => void {
  const listen = (event: KeyboardEvent) => {
    if (event.key !== '/' || !on.value || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target as Element | null;
    if (target?.closest('input, textarea, select, [contenteditable], dialog')) return;
    const field = document.querySelector<HTMLInputElement>('[data-find]');
    if (!field) return;
    event.preventDefault();
    field.focus();
    field.select();
  };
  addEventListener('keydown', listen);
  return () => removeEventListener('keydown', listen);
}

export function shortcutHint(): string | undefined {
  return on.value ? '/' : undefined;
}

export function ShortcutSwitch() {
  return (
    <label class="switch">
      <input
        type="checkbox"
        checked={on.value}
        onChange={(event) => (on.value = event.currentTarget.checked)}
      />
      Press <kbd>/</kbd> to search
    </label>
  );
}
