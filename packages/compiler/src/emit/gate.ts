import type { Template } from '@agentteam/argo';
import { DECISIONS, OUTPUTS } from '@agentteam/contract';
import type { StepOf } from '../plan/step.ts';

/**
 * A suspended step that a person ends. A plain `argo resume` gives outputs their defaults, and so does the
 * end of `suspend.duration`; Argo does not tell the two apart. A gate without a time limit therefore defaults
 * to approval. A gate with a limit defaults to rejection, and approving it takes an explicit decision (in the
 * UI, by `agentteam approve`, by the annotation, or by `argo node set`).
 *
 * A restricted gate has no duration and offers no choice: the controller ends it, and the step behind it
 * checks the controller's proof.
 */
export function emitGate({ gate }: StepOf<'gate'>): Template {
  const supplied = (name: string, value: string) => ({
    name,
    valueFrom: { supplied: {}, default: value },
  });
  if (gate.isRestricted) {
    return {
      name: gate.template,
      suspend: {},
      outputs: {
        parameters: [
          supplied(OUTPUTS.decision, 'reject'),
          supplied(OUTPUTS.decidedBy, ''),
          supplied(OUTPUTS.reason, ''),
          supplied(OUTPUTS.proof, ''),
        ],
      },
    };
  }
  const hasLimit = gate.timeoutSeconds !== undefined;
  const decision = hasLimit ? 'reject' : 'approve';
  return {
    name: gate.template,
    inputs: { parameters: [{ name: OUTPUTS.decision, default: decision, enum: [...DECISIONS] }] },
    suspend: hasLimit ? { duration: `${gate.timeoutSeconds}s` } : {},
    outputs: {
      parameters: [
        supplied(OUTPUTS.decision, decision),
        supplied(OUTPUTS.decidedBy, ''),
        supplied(OUTPUTS.reason, ''),
      ],
    },
  };
}
