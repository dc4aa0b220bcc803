import { REPORT_TOOL } from '@agentteam/contract';
import { shellQuoted } from '@agentteam/text';
import type { ToolCall, Turn } from '../script/script.ts';

/** Escapes a text of the user, so that nothing in it is a reference. */
export function literal(text: string): string {
  // A function, because in a replacement text `$$` would become one dollar.
  return text.replaceAll('${', () => '$${');
}

/** Calls fail while another agent holds the lock of a team file. */
const LOCK_RETRIES = 5;

export function teamCall(name: string, input: Readonly<Record<string, unknown>>): ToolCall {
  return { name, input, retries: LOCK_RETRIES };
}

/** Commits a file, unless it was committed before: a killed agent may repeat the call. */
export function commitTurn(path: string, subject: string): Turn {
  const [file, message] = [shellQuoted(literal(path)), shellQuoted(literal(subject))];
  const commit = `git diff --cached --quiet || git commit --quiet -m ${message}`;
  // In a shared working tree, another agent may hold the lock of the index.
  const call: ToolCall = {
    name: 'Bash',
    input: { command: `git add -- ${file} && { ${commit}; }`, description: 'Commit the work' },
    retries: LOCK_RETRIES,
  };
  return { tools: [call] };
}

/**
 * Calls each MCP server that the rehearsal replaces. A server with a command is a real program, and what its
 * first tool does is not known.
 */
export function calledServers(
  servers: readonly { readonly name: string; readonly url?: string | undefined }[],
): readonly Turn[] {
  return servers.flatMap(({ name, url }) =>
    url === undefined ? [] : [{ tools: [{ mcp: name }] }],
  );
}

/** How many retries with changed work the default script plays for each agent. */
export const PLAYED_RETRIES = 4;

/** Reports to the runner that the agent has completed, and repeats the summary as text. */
export function reportTurns(summary: string, until?: Turn['until']): readonly Turn[] {
  const input = { outcome: 'completed', summary };
  const report: Turn = { tools: [{ name: REPORT_TOOL.name, input }] };
  return [until === undefined ? report : { until, ...report }, { text: summary }];
}
