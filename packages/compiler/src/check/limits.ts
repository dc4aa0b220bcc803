import type { AgentTeam } from '@agentteam/api';
import { DELIVER_EVENT, delivers, parseDuration } from '@agentteam/contract';
import type { Problem } from '../problem.ts';
import { agentsOf } from './agents.ts';

/**
 * Warns of limits that are never reached, because one of the whole team ends it before, and of a gate that never
 * opens.
 */
export function warnOfLimits(team: AgentTeam): readonly Problem[] {
  return [...warnOfApprovalTimeout(team), ...warnOfAgentBudgets(team), ...warnOfDeliverGate(team)];
}

function warnOfApprovalTimeout({ spec }: AgentTeam): readonly Problem[] {
  const { approvalTimeout, timeout } = spec.lifecycle;
  if (approvalTimeout === undefined) return [];
  const [gate, whole] = [parseDuration(approvalTimeout), parseDuration(timeout)];
  if (gate === undefined || whole === undefined || gate <= whole) return [];
  return [
    {
      code: 'never-reached',
      path: ['spec', 'lifecycle', 'approvalTimeout'],
      message: `\`approvalTimeout\` (${approvalTimeout}) is longer than the team's timeout (${timeout}), which goes on while a gate waits`,
      hint: 'set a longer lifecycle.timeout, or a shorter approvalTimeout',
    },
  ];
}

function warnOfAgentBudgets(team: AgentTeam): readonly Problem[] {
  const { budgetLimit } = team.spec.lifecycle;
  if (budgetLimit === undefined) return [];
  return agentsOf(team).flatMap(({ agent, path }): readonly Problem[] => {
    const own = agent.budgetLimit;
    if (own === undefined || Number(own) <= Number(budgetLimit)) return [];
    return [
      {
        code: 'never-reached',
        path: [...path, 'budgetLimit'],
        message: `the agent's \`budgetLimit\` ($${own}) is higher than that of the team ($${budgetLimit}), which ends all agents`,
        hint: 'raise lifecycle.budgetLimit, or lower the limit of the agent',
      },
    ];
  });
}

function warnOfDeliverGate({ spec }: AgentTeam): readonly Problem[] {
  const { approvalGates = [], onComplete } = spec.lifecycle;
  const index = approvalGates.findIndex(({ event }) => event === DELIVER_EVENT);
  if (index === -1 || delivers(onComplete)) return [];
  return [
    {
      code: 'never-reached',
      path: ['spec', 'lifecycle', 'approvalGates', index],
      message: `the gate \`${DELIVER_EVENT}\` never opens, because \`onComplete: ${onComplete}\` delivers nothing`,
      hint: 'remove the gate, or set lifecycle.onComplete to push-branch or create-pr',
    },
  ];
}
