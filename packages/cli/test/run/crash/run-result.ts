import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Workflow } from '@agentteam/argo';

export interface RunResult {
  readonly phase: string | undefined;
  readonly steps: readonly string[];
  readonly output: readonly (readonly [file: string, text: string])[];
  readonly tasks: readonly string[];
  readonly mail: readonly string[];
}

/** The parts of a run's result that must not depend on interruptions. */
export function resultOf(run: string): RunResult {
  const name = basename(run);
  const workflow = JSON.parse(readFileSync(join(run, 'workflow.json'), 'utf8')) as Workflow;
  const team = join(run, 'volumes/team');
  const files = (path: string) => readdirSync(path).filter((file) => !file.startsWith('.'));
  const [native = ''] = files(join(team, 'tasks'));
  const tasks = files(join(team, 'tasks', native))
    .filter((file) => file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(join(team, 'tasks', native, file), 'utf8')));
  return {
    phase: workflow.status?.phase,
    steps: Object.values(workflow.status?.nodes ?? {})
      .filter(({ displayName = '' }) => !/\(\d+\)$/.test(displayName))
      .map(({ displayName, phase }) => `${displayName} ${phase}`)
      .map((line) => line.replace(name, 'run'))
      .sort(),
    // The team's report has times.
    output: files(join(run, 'output')).map(
      (file) =>
        [
          file,
          /-report\.html$/.test(file) ? '' : readFileSync(join(run, 'output', file), 'utf8'),
        ] as const,
    ),
    tasks: tasks.map(({ subject, owner, status }) => `${subject}: ${owner}, ${status}`).sort(),
    mail: files(join(team, 'sessions'))
      .flatMap((agent) => mailOf(team, agent))
      .sort(),
  };
}

interface Entry {
  readonly type: string;
  readonly mail?: readonly { readonly from: string; readonly text: string }[];
}

/** The mail that an agent received, with duplicates. Protocol messages are omitted, because they contain times. */
function mailOf(team: string, agent: string): readonly string[] {
  return readFileSync(join(team, 'sessions', agent, 'journal.jsonl'), 'utf8')
    .split('\n')
    .filter(Boolean)
    .flatMap((line) => (JSON.parse(line) as Entry).mail ?? [])
    .filter(({ text }) => !text.startsWith('{'))
    .map(({ from, text }) => `${from} to ${agent}: ${text}`);
}

/** How often each step has succeeded. */
export function successes(run: string): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  const events = readFileSync(join(run, 'events.jsonl'), 'utf8');
  for (const line of events.split('\n').filter(Boolean)) {
    const { type, step, phase } = JSON.parse(line) as Record<string, string>;
    if (type !== 'step-ended' || phase !== 'Succeeded' || step === undefined) continue;
    counts[step] = (counts[step] ?? 0) + 1;
  }
  return counts;
}
