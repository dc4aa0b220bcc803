import type { AgentPhase } from '../state.ts';
import { closedElements } from './closed-elements.ts';
import { elementStart } from './element-start.ts';

/*
 * The parts of prompts that a program reads again: the runner writes them, and a rehearsal, which plays
 * the model, reads them.
 */

/** The lead's last message starts with this sentence: it has nothing more to wait for. */
export const ALL_ENDED = 'All teammates have ended.';

export interface ReportElement {
  readonly from: string;
  readonly phase: AgentPhase;
  readonly text: string;
}

const REPORT_START: RegExp = elementStart('report');

/** Formats an agent's report for the agents that read it. The text cannot end its own element. */
export function formatReport({ from, phase, text }: ReportElement): string {
  const escaped = text.replaceAll(REPORT_START, '&lt;');
  return `<report from="${from}" outcome="${phase}">\n${escaped}\n</report>`;
}

const REPORT = /<report from="([^"]{1,200})"[^>]{0,200}>\n([\s\S]*?)\n<\/report>/g;

/** @returns the text of the last report of an agent in a prompt; `undefined` if there is none. */
export function readReportOf(agent: string, prompt: string): string | undefined {
  return [...closedElements(prompt, '\n</report>').matchAll(REPORT)].findLast(
    ([, from]) => from === agent,
  )?.[2];
}

/** Tells an agent where the paths of the team file are on its machine. */
export function formatPaths(paths: ReadonlyMap<string, string>): string {
  const lines = [...paths].map(([path, place]) => `${path} = ${place}`);
  return `<paths>\n${lines.join('\n')}\n</paths>`;
}

/** Reads the last `<paths>` element of a prompt. Without one the result is empty. */
export function readPaths(prompt: string): ReadonlyMap<string, string> {
  const elements = closedElements(prompt, '\n</paths>').matchAll(/<paths>\n([\s\S]*?)\n<\/paths>/g);
  const [, lines = ''] = [...elements].at(-1) ?? [];
  return new Map(
    lines.split('\n').flatMap((line) => {
      const at = line.indexOf(' = ');
      return at < 0 ? [] : [[line.slice(0, at).trim(), line.slice(at + 3).trim()] as const];
    }),
  );
}
