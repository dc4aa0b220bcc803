import type { Workflow } from '@agentteam/argo';
import { ENV, type FinishSpec } from '@agentteam/contract';

/** The limit for the whole team that a compiled Workflow's last step is told of: US dollars as decimal text. */
export function teamLimitOf({ spec }: Workflow): string | undefined {
  const finish = spec.templates?.find(({ name }) => name === 'finish')?.container;
  const told = finish?.env?.find(({ name }) => name === ENV.spec)?.value;
  return told === undefined ? undefined : (JSON.parse(told) as FinishSpec).budgetLimit;
}
