import { GATE_PREFIX, STEPS } from '@agentteam/contract';

const TITLES: Readonly<Record<string, string>> = {
  [STEPS.lead]: 'lead',
  [STEPS.rollCall]: 'missing teammates',
};

/** What people call a step of the Workflow. */
export function stepTitle(step: string): string {
  if (step.startsWith(GATE_PREFIX)) return `approval of ${step.slice(GATE_PREFIX.length)}`;
  return TITLES[step] ?? step;
}
