import { DECISIONS, OUTPUTS } from '@agentteam/contract';
import { pendingCommands, type RunCommand } from '../commands.ts';
import { isFinal } from '../nodes.ts';
import type { RunDirectory } from '../run-directory.ts';
import type { RunState } from './state.ts';

/** Does what other processes asked for. An answer to a gate that has not opened yet waits for it. */
export function obey(state: RunState, directory: RunDirectory): void {
  for (const { command, done } of pendingCommands(directory)) {
    const obeyed = command?.kind === 'decide' ? decided(state, command) : stopped(state, command);
    if (obeyed) done();
  }
}

/** @returns whether the answer is dealt with: also one that came too late. */
function decided(state: RunState, answer: RunCommand & { readonly kind: 'decide' }): boolean {
  const { step, decision, by, reason, proof = '' } = answer;
  const gate = Object.values(state.nodes).find(
    (node) => node.type === 'Suspend' && node.displayName === step,
  );
  if (gate === undefined) return state.workflow.status?.finishedAt !== undefined;
  if (gate.phase !== 'Running' || !DECISIONS.includes(decision)) return true;
  const supplied: Readonly<Record<string, string>> = {
    [OUTPUTS.decision]: decision,
    [OUTPUTS.decidedBy]: by,
    [OUTPUTS.reason]: reason,
    [OUTPUTS.proof]: proof,
  };
  const parameters = (gate.outputs?.parameters ?? []).map(({ valueFrom, ...parameter }) => ({
    ...parameter,
    value: supplied[parameter.name] ?? valueFrom?.default ?? '',
  }));
  state.setNode(gate.name, { phase: 'Succeeded', outputs: { parameters } });
  state.emit({ type: 'gate-decided', step, decision, by, reason });
  return true;
}

/** A stop; whatever else is no command of ours. */
function stopped(state: RunState, command: RunCommand | undefined): boolean {
  if (command?.kind !== 'stop' || state.workflow.spec.shutdown === 'Terminate') return true;
  // After the DAG's end only the exit handler is left, and a plain stop lets it run.
  if (command.strategy === 'Terminate' || !isFinal(state.node(state.name))) {
    state.setShutdown(command.strategy);
  }
  return true;
}
