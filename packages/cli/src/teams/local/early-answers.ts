import type { AgentTeam, AgentTeamStatus } from '@agentteam/api';
import { gateStep } from '@agentteam/contract';
import { answerTo, runDirectory } from '@agentteam/local';

/**
 * Adds the answers to gates that the run has not applied yet: the gate is not open, or no process is running
 * the team. A person who has answered sees the answer at once.
 */
export function withEarlyAnswers(
  status: AgentTeamStatus,
  team: AgentTeam,
  directory: string,
): AgentTeamStatus {
  const { approvals = [] } = status;
  const early = (team.spec.lifecycle.approvalGates ?? []).flatMap(({ event }) => {
    const known = approvals.find((approval) => approval.event === event);
    if (known?.decision !== undefined) return [];
    const answer = answerTo(runDirectory(directory), gateStep(event));
    if (answer === undefined) return [];
    const { decision, by, reason, at } = answer;
    const given = { decision, by, via: 'agentteam' as const, decidedAt: at };
    return [{ event, ...known, ...given, ...(reason !== '' && { reason }) }];
  });
  if (early.length === 0) return status;
  const events = new Set(early.map(({ event }) => event));
  return {
    ...status,
    approvals: [...approvals.filter(({ event }) => !events.has(event)), ...early],
  };
}
