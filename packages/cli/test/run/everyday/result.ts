import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NodeStatus, Workflow } from '@agentteam/argo';
import { type AgentState, OUTPUTS } from '@agentteam/contract';
import { execa } from 'execa';

/** The parts of a run's result that must not depend on disturbances. */
export interface RunResult {
  readonly phase: string | undefined;
  /** Name and phase of every step: `Lead Succeeded`. */
  readonly steps: readonly string[];
  readonly gates: readonly object[];
  /** The phase and the report of every agent. */
  readonly agents: readonly object[];
  /** The output of `git ls-tree` for the pushed branch. */
  readonly tree: string;
}

/**
 * @param run the run's directory.
 * @param repository the repository to which its branch was pushed.
 */
export async function resultOf(run: string, repository: string): Promise<RunResult> {
  const { status } = workflowOf(run);
  const nodes = Object.values(status?.nodes ?? {});
  const state = join(run, 'volumes/team/state');
  const agents = readdirSync(state).flatMap((agent) => {
    try {
      const text = readFileSync(join(state, agent, 'state.json'), 'utf8');
      const { phase, report, reported } = JSON.parse(text) as AgentState;
      return [{ agent, phase, report, reported }];
    } catch (error) {
      // Not every entry of the directory belongs to an agent.
      if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
      throw error;
    }
  });
  const branch = 'teams/everyday';
  const { stdout } = await execa('git', ['-C', repository, 'ls-tree', '-r', branch]);
  return {
    phase: status?.phase,
    steps: nodes
      .filter((node) => !isAttempt(node))
      .map(({ displayName, phase }) => `${displayName} ${phase}`)
      .sort(),
    gates: nodes.filter(({ type }) => type === 'Suspend').map(gateOf),
    agents,
    tree: stdout,
  };
}

function gateOf({ displayName, outputs }: NodeStatus): object {
  const value = (name: string) =>
    outputs?.parameters?.find((parameter) => parameter.name === name)?.value;
  const names = [OUTPUTS.decision, OUTPUTS.decidedBy, OUTPUTS.reason];
  return { gate: displayName, answer: names.map(value) };
}

/** The number of restarts of each step that was restarted. */
export function restartsOf(run: string): ReadonlyMap<string, number> {
  const restarts = new Map<string, number>();
  for (const node of Object.values(workflowOf(run).status?.nodes ?? {})) {
    const attempt = Number(/\((\d+)\)$/.exec(node.displayName ?? '')?.[1]);
    const step = (node.displayName ?? '').replace(/\(\d+\)$/, '');
    if (attempt > 0) restarts.set(step, Math.max(restarts.get(step) ?? 0, attempt));
  }
  return restarts;
}

/** The events of one type in the run's log. */
export function eventsOf(run: string, type: string): readonly Readonly<Record<string, string>>[] {
  return readFileSync(join(run, 'events.jsonl'), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, string>)
    .filter((event) => event['type'] === type);
}

function workflowOf(run: string): Workflow {
  return JSON.parse(readFileSync(join(run, 'workflow.json'), 'utf8')) as Workflow;
}

function isAttempt({ displayName = '' }: NodeStatus): boolean {
  return /\(\d+\)$/.test(displayName);
}
