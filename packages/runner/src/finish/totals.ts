import type { TeamLive } from '@agentteam/contract';
import { shortened } from '../step/outputs.ts';

/** Sixteen agents' reports must not outgrow the Workflow that they become a part of. */
const REPORT_LENGTH = 2000;

/** The `totals` output: reports in it are shortened, figures never. */
export function totalsText(live: TeamLive): string {
  const agents = live.agents.map((agent) => ({
    ...agent,
    ...(agent.report === undefined ? {} : { report: shortened(agent.report, REPORT_LENGTH) }),
    ...(agent.message === undefined ? {} : { message: shortened(agent.message, REPORT_LENGTH) }),
  }));
  return JSON.stringify({ ...live, agents });
}
