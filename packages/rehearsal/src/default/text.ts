import { REPORT_TOOL } from '@agentteam/contract';
import type { ToolCall, Turn } from '../script/script.ts';

/** A text of the user's in a script: nothing in it is a reference. */
export function literal(text: string): string {
  // By a function: in a replacement text `$$` would be one dollar.
  return text.replaceAll('${', () => '$${');
}

/** An argument of a shell command. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Locks of the team's files are held by others now and then. */
const LOCK_RETRIES = 5;

export function teamCall(name: string, input: Readonly<Record<string, unknown>>): ToolCall {
  return { name, input, retries: LOCK_RETRIES };
}

/** Commits one path, unless it is committed already: a killed agent may do this again. */
export function commitTurn(path: string, subject: string): Turn {
  const [file, message] = [shellQuoted(literal(path)), shellQuoted(literal(subject))];
  const commit = `git diff --cached --quiet || git commit --quiet -m ${message}`;
  // In a tree that all share, somebody else may be at the index.
  const call: ToolCall = {
    name: 'Bash',
    input: { command: `git add -- ${file} && { ${commit}; }`, description: 'Commit the work' },
    retries: LOCK_RETRIES,
  };
  return { tools: [call] };
}

/** How many retries with changed work the default script plays for each agent. */
export const PLAYED_RETRIES = 4;

/** Reports to the runner that the agent's part is done, and repeats the summary as text. */
export function reportTurns(summary: string, until?: Turn['until']): readonly Turn[] {
  const input = { outcome: 'completed', summary };
  const report: Turn = { tools: [{ name: REPORT_TOOL.name, input }] };
  return [until === undefined ? report : { until, ...report }, { text: summary }];
}
