import type { Template, Workflow } from '@agentteam/argo';
import { ENV, type FinishSpec, TEMPLATES } from '@agentteam/contract';

/** The JSON spec of a compiled template's main container. */
export function specText({ container }: Template): string | undefined {
  return container?.env?.find(({ name }) => name === ENV.spec)?.value;
}

/** The team's `budgetLimit` in a compiled Workflow. @returns US dollars as decimal text. */
export function budgetLimitOf({ spec }: Workflow): string | undefined {
  const finish = spec.templates?.find(({ name }) => name === TEMPLATES.finish);
  const text = finish && specText(finish);
  return text === undefined ? undefined : (JSON.parse(text) as FinishSpec).budgetLimit;
}
