import type { NodeStatus } from '@agentteam/argo';
import { DECISIONS, gateOutputs } from '@agentteam/contract';
import { secondsOf } from '../expressions/duration.ts';
import { answerTo, closeGate, type GateAnswer } from '../gate-answers.ts';
import type { ElapsedSince } from './run-clock.ts';
import type { RunState } from './state.ts';

/** Applies the answers that people gave to open gates. The answer to a gate that is not open yet is kept. */
export function applyAnswers(state: RunState): void {
  for (const node of Object.values(state.nodes)) {
    if (node.type !== 'Suspend' || node.phase !== 'Running') continue;
    const answer = answerTo(state.directory, node.displayName ?? '');
    if (answer !== undefined && DECISIONS.includes(answer.decision)) {
      applyAnswer(state, node, answer);
    }
  }
}

function applyAnswer(state: RunState, gate: NodeStatus, answer: GateAnswer): void {
  const { decision, by, reason } = answer;
  const supplied: Readonly<Record<string, string>> = gateOutputs(answer);
  setOutputs(state, gate, (name) => supplied[name]);
  state.emit({ type: 'gate-decided', step: gate.displayName ?? '', decision, by, reason });
}

/**
 * Ends a gate whose duration is over; its outputs get their defaults.
 * @returns whether it ended the gate.
 */
export function expireGate(state: RunState, gate: NodeStatus, elapsedSince: ElapsedSince): boolean {
  const duration = state.template(gate.templateName ?? '').suspend?.duration;
  if (duration === undefined) return false;
  if (elapsedSince(Date.parse(gate.startedAt ?? '')) < secondsOf(duration) * 1000) return false;
  const step = gate.displayName ?? '';
  if (!closeGate(state.directory, step, 'the gate has ended: nobody answered in time'))
    return false;
  setOutputs(state, gate, () => undefined);
  state.emit({ type: 'gate-decided', step, decision: 'timeout' });
  return true;
}

function setOutputs(
  state: RunState,
  gate: NodeStatus,
  supplied: (name: string) => string | undefined,
): void {
  const parameters = (gate.outputs?.parameters ?? []).map(({ valueFrom, ...parameter }) => ({
    ...parameter,
    value: supplied(parameter.name) ?? valueFrom?.default ?? '',
  }));
  state.setNode(gate.name, { phase: 'Succeeded', outputs: { parameters } });
}
