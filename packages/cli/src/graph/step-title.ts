import { eventOfGateStep, isGateStep, STEPS } from '@agentteam/contract';

const TITLES: Readonly<Record<string, string>> = {
  [STEPS.lead]: 'lead',
  [STEPS.rollCall]: 'missing teammates',
};

/** What people call a step of the Workflow. */
export function stepTitle(step: string): string {
  if (isGateStep(step)) return `approval of ${eventOfGateStep(step)}`;
  return TITLES[step] ?? step;
}
