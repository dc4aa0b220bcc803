import { DECISIONS, OUTPUTS } from '@agentteam/contract';
import { pendingCommands, type RunCommand } from '../commands.ts';
import { answerTo, type GateAnswer } from '../gate-answers.ts';
import { isFinal } from '../nodes.ts';
import type { RunDirectory } from '../run-directory.ts';
import type { RunState } from './state.ts';

/** Does what other processes asked for. An answer to a gate that has not opened yet waits for it. */
export function obey(state: RunState, directory: RunDirectory): void {
  for (const { type, phase, displayName = '' } of Object.values(state.nodes)) {
    if (type !== 'Suspend' || phase !== 'Running') continue;
    const answer = answerTo(directory, displayName);
    if (answer !== undefined) take(state, displayName, answer);
  }
  for (const { command, done } of pendingCommands(directory)) {
    stopped(state, command);
    done();
  }
}

function take(state: RunState, step: string, answer: GateAnswer): void {
  const { decision, by, reason, proof = '' } = answer;
  const gate = Object.values(state.nodes).find(
    (node) => node.type === 'Suspend' && node.displayName === step,
  );
  if (gate === undefined || !DECISIONS.includes(decision)) return;
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
}

/** A stop; whatever else is no command of ours. */
function stopped(state: RunState, command: RunCommand | undefined): void {
  if (command?.kind !== 'stop' || state.workflow.spec.shutdown === 'Terminate') return;
  // After the DAG's end only the exit handler is left, and a plain stop lets it run.
  if (command.strategy === 'Terminate' || !isFinal(state.node(state.name))) {
    state.setShutdown(command.strategy);
  }
}
