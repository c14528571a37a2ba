// What a variant changes, each change with what became of it on this page.

import type { Signal } from '@preact/signals';
import type { ChangeReport } from '../engine.ts';
import { aroundSelector, count, sentence } from '../format.ts';
import { Check, Warning } from '../ui/icons.tsx';
import type { Pointed } from './frame.tsx';

interface Props {
  changes: ChangeReport[];
  control: boolean;
  pointed: Signal<Pointed | null>;
}

export function Changes({ changes, control, pointed }: Props) {
  if (changes.length === 0) return <p class="hint">Nothing is changed.</p>;
  return (
    <ul class="changes">
      {changes.map((report, index) => (
        <li key={index} class="change" data-found={report.matched > 0}>
          {report.matched > 0 ? <Check /> : <Warning />}
          <div>
            <Show report={report} pointed={pointed} />
            <p class="change-fate">{fateOf(report, control)}</p>
            {notesOn(report).map((note) => (
              <p key={note} class="change-note">
                {note}
              </p>
            ))}
            {report.skipped.map((skipped) => (
              <p key={skipped.reason} class="change-skipped">
                {count(skipped.count, 'place')} skipped: {sentence(skipped.explain, 'as it is')}
              </p>
            ))}
          </div>
        </li>
      ))}
    </ul>
  );
}

export function Words({ words, selector }: { words: string; selector: string | null }) {
  const [before, code, after] = aroundSelector(words, selector);
  return (
    <>
      {before}
      {code && <code>{code}</code>}
      {after}
    </>
  );
}

/** The words of a change; where the page has it, they point at it. */
function Show({ report, pointed }: { report: ChangeReport; pointed: Signal<Pointed | null> }) {
  const { change, selector, matched } = report;
  const words = <Words words={change} selector={selector} />;
  if (!selector || matched === 0) return <p>{words}</p>;
  const mark = () => (pointed.value = { selector, go: false });
  const clear = () => (pointed.value = null);
  return (
    <button
      type="button"
      class="change-words"
      title="Show on the page"
      onPointerEnter={mark}
      onPointerLeave={clear}
      onFocus={mark}
      onBlur={clear}
      onClick={() => (pointed.value = { selector, go: true })}
    >
      {words}
    </button>
  );
}

/** What else there is to know of a change that was made. */
function notesOn({ grade, applied, no_effect: same, in_doubt: doubt }: ChangeReport): string[] {
  const notes = [];
  if (applied > 0 && same === applied) notes.push('The page is like that already');
  if (grade === 'safe') notes.push('In a form that the page’s framework leaves alone');
  if (grade === 'protected') {
    notes.push('Kept by a small script in visitors’ browsers; scripts do not run in this preview');
  }
  if (doubt) notes.push('Tags of the page overlap: look at it in a browser');
  return notes;
}

function fateOf({ selector, matched, applied }: ChangeReport, control: boolean): string {
  if (matched === 0) return 'Matched nothing on this page';
  // A style sheet is put into the page as a whole; there is no place to count.
  if (!selector) return control ? 'Would be added to the page' : 'Added to the page';
  const places = `Matched ${count(matched, 'place')}`;
  if (control) return `${places}, left as it is`;
  return applied < matched ? `${places}, changed ${applied}` : places;
}
