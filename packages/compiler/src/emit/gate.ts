import type { Template } from '@agentteam/argo';
import { DECISIONS, OUTPUTS } from '@agentteam/contract';
import type { StepOf } from '../plan/step.ts';

/**
 * A suspended step that a person ends. A plain `argo resume` gives outputs their defaults, and so
 * does the end of `suspend.duration`: Argo does not tell the two apart. So a gate without a time
 * limit defaults to approval, and one with a limit to rejection, where approving means saying so
 * (in the UI's choice, by `agentteam approve`, by the annotation, or by `argo node set`).
 *
 * A restricted gate has no duration and offers no choice: the controller ends it, and what stands
 * behind it asks for the controller's proof.
 */
export function emitGate(step: StepOf<'gate'>): Template {
  const supplied = (name: string, value: string) => ({
    name,
    valueFrom: { supplied: {}, default: value },
  });
  if (step.restricted) {
    return {
      name: step.template,
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
  const limited = step.timeoutSeconds !== undefined;
  const decision = limited ? 'reject' : 'approve';
  return {
    name: step.template,
    inputs: { parameters: [{ name: OUTPUTS.decision, default: decision, enum: [...DECISIONS] }] },
    suspend: limited ? { duration: `${step.timeoutSeconds}s` } : {},
    outputs: {
      parameters: [
        supplied(OUTPUTS.decision, decision),
        supplied(OUTPUTS.decidedBy, ''),
        supplied(OUTPUTS.reason, ''),
      ],
    },
  };
}
