import type { AgentTeam } from '@agentteam/api';
import { DELIVER_EVENT, OUTPUTS, SPAWN_PREFIX } from '@agentteam/contract';
import { outputOf, stepsOf } from './nodes.ts';
import type { SeenWorkflow } from './seen-workflow.ts';

/** What there is to know about a gate before one answers it. */
export interface Briefing {
  /** Who starts once it is approved; absent in front of the delivery. */
  readonly teammate?: string;
  readonly prompt?: string;
  /** Last words of those whose work it builds on. */
  readonly reports: readonly { readonly teammate: string; readonly report: string }[];
}

export function briefing(team: AgentTeam, workflow: SeenWorkflow, event: string): Briefing {
  const { teammates } = team.spec;
  const next = teammates.find(({ name }) => event === `${SPAWN_PREFIX}${name}`);
  const before =
    event === DELIVER_EVENT ? teammates.map(({ name }) => name) : (next?.dependsOn ?? []);
  const steps = stepsOf(workflow);
  return {
    ...(next !== undefined && { teammate: next.name, prompt: next.prompt }),
    reports: before.flatMap((name) => {
      const report = outputOf(steps.get(name), OUTPUTS.report);
      return report === undefined ? [] : [{ teammate: name, report }];
    }),
  };
}
