import type { PageRule } from '../datafile.ts';
import { ruleInWords } from '../pages.ts';

export function RuleText({ rule }: { rule: PageRule }) {
  const { before, path, after } = ruleInWords(rule);
  return (
    <span class="rule">
      {before} {path && <code>{path}</code>} {after}
    </span>
  );
}
