import type { AgentTeamStatus } from '@agentteam/api';
import { DECISIONS, GATE_PREFIX, OUTPUTS } from '@agentteam/contract';
import { outputOf, type Step, type Steps } from './nodes.ts';

type Approval = NonNullable<AgentTeamStatus['approvals']>[number];

/** Every gate that has opened, and what was decided. */
export function approvalsOf(steps: Steps): Approval[] {
  return [...steps.values()]
    .filter(({ name, node }) => name.startsWith(GATE_PREFIX) && node.type === 'Suspend')
    .map(approvalOf);
}

function approvalOf(step: Step): Approval {
  const { startedAt, finishedAt, phase } = step.node;
  const answer = outputOf(step, OUTPUTS.decision);
  const decision =
    phase === 'Succeeded' ? DECISIONS.find((candidate) => candidate === answer) : undefined;
  const by = outputOf(step, OUTPUTS.decidedBy) ?? resumedBy(step);
  const reason = outputOf(step, OUTPUTS.reason);
  return {
    event: step.name.slice(GATE_PREFIX.length),
    ...(startedAt ? { openedAt: startedAt } : {}),
    ...(decision === undefined
      ? {}
      : {
          decision,
          ...(by === undefined ? {} : { by }),
          ...(reason === undefined ? {} : { reason }),
          ...(finishedAt ? { decidedAt: finishedAt } : {}),
        }),
  };
}

/** Argo's server writes into a node's message who pressed Resume: `Resumed by: map[Email:… …]`. */
function resumedBy(step: Step): string | undefined {
  const user = /Resumed by: map\[(.*)\]/.exec(step.node.message ?? '')?.[1];
  if (user === undefined) return undefined;
  return /(?:Email|User|PreferredUsername):(\S+)/.exec(user)?.[1] ?? user;
}
