import type { Colors } from '../../output/terminal/colors.ts';
import { oneLine } from '../../output/terminal/safe.ts';
import type { Finding, FindingState } from './finding.ts';

const MARKS: Readonly<Record<FindingState, string>> = {
  ok: '✓',
  warning: '!',
  failed: '✗',
  unknown: '?',
};

/** A line for each finding, and its remedy below it. */
export function findingsText(findings: readonly Finding[], colors: Colors): readonly string[] {
  const paint: Readonly<Record<FindingState, Colors['red']>> = {
    ok: colors.green,
    warning: colors.yellow,
    failed: colors.red,
    unknown: colors.dim,
  };
  return findings.flatMap(({ check, state, message, remedy }) => [
    `${paint[state](MARKS[state])} ${check}: ${oneLine(message)}`,
    ...(remedy === undefined || state === 'ok' ? [] : [`    ${remedy}`]),
  ]);
}
