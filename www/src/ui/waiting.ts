// How long something has taken, in the steps that change what is shown: nothing at first, then a
// sign of work, then the layout to come, then a sentence and a way out.

import { useEffect, useState } from 'preact/hooks';

export type Waiting = 'none' | 'soon' | 'long' | 'slow';

const STEPS: [number, Waiting][] = [
  [150, 'soon'],
  [1_000, 'long'],
  [5_000, 'slow'],
];

export function useWaiting(active: boolean): Waiting {
  const [waiting, setWaiting] = useState<Waiting>('none');
  useEffect(() => {
    setWaiting('none');
    if (!active) return;
    const timers = STEPS.map(([after, step]) => setTimeout(setWaiting, after, step));
    return () => timers.forEach(clearTimeout);
  }, [active]);
  return active ? waiting : 'none';
}
