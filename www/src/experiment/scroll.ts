// Keeps several frames at the same place of their pages.

export interface ScrollGroup {
  add(win: Window): () => void;
  by(distance: number | 'start' | 'end'): void;
}

export function createScrollGroup(): ScrollGroup {
  // Where each frame was last put by us: a scroll event from there is our own echo, not a person. A
  // page too short to follow stops at its end, and must not pull the others back to it.
  const members = new Map<Window, number>();

  function place(win: Window, top: number): void {
    win.scrollTo({ top, behavior: 'instant' });
    members.set(win, win.scrollY);
  }

  function follow(leader: Window): void {
    if (Math.abs(leader.scrollY - (members.get(leader) ?? 0)) < 1) return;
    members.set(leader, leader.scrollY);
    for (const win of members.keys()) if (win !== leader) place(win, leader.scrollY);
  }

  return {
    add(win) {
      const listen = () => follow(win);
      members.set(win, win.scrollY);
      win.addEventListener('scroll', listen, { passive: true });
      return () => {
        members.delete(win);
        win.removeEventListener('scroll', listen);
      };
    },
    by(distance) {
      const tops = [...members.keys()].map((win) => win.scrollY);
      const end = Math.max(
        0,
        ...[...members.keys()].map((win) => win.document.documentElement.scrollHeight),
      );
      const top =
        distance === 'start' ? 0 : distance === 'end' ? end : Math.max(0, ...tops) + distance;
      for (const win of members.keys()) place(win, top);
    },
  };
}
