import type { TeamLive } from '@agentteam/contract';
import { shortened } from '../step/outputs.ts';

/** Sixteen agents' reports must not outgrow the Workflow that they become a part of, and stay JSON. */
const REPORT_LENGTHS = [2000, 500, 100, 0];
const MOST_CHARACTERS = 60 * 1024;

/** The `totals` output: reports in it are shortened, figures never. */
export function totalsText(live: TeamLive): string {
  const texts = REPORT_LENGTHS.map((length) => withReports(live, length));
  return texts.find((text) => text.length <= MOST_CHARACTERS) ?? texts.at(-1) ?? '';
}

function withReports(live: TeamLive, length: number): string {
  const agents = live.agents.map((agent) => ({
    ...agent,
    ...(agent.report === undefined ? {} : { report: shortened(agent.report, length) }),
    ...(agent.message === undefined ? {} : { message: shortened(agent.message, length) }),
  }));
  return JSON.stringify({ ...live, agents });
}
