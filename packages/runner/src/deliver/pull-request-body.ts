import {
  dollars,
  dollarsTogether,
  LEAD,
  type MemberSpec,
  type TeamLive,
  type TeamRef,
} from '@agentteam/contract';
import { textFor } from '@agentteam/text';

/** Characters of one report. GitHub limits the whole text to 65,536. */
const REPORT_LENGTH = 4_000;
/** Characters of all reports. Breaking their lines makes them at most twice as long. */
const REPORTS_LENGTH = 24_000;

/**
 * The text of a pull request: the work, its cost, and the checks. Text from agents and from the
 * repository's programs is quoted as code, below a heading that names its source.
 */
export function pullRequestBody(
  { team, namespace }: TeamRef,
  members: readonly MemberSpec[],
  live: TeamLive,
  checks: string | undefined,
): string {
  const limit = Math.min(REPORT_LENGTH, Math.floor(REPORTS_LENGTH / members.length));
  const reportOf = (name: string) => {
    const report = live.agents.find((agent) => agent.name === name)?.report ?? '';
    return report.trim() === '' ? '(no report)' : textFor('pull-request', report, limit);
  };
  const work = members
    .filter(({ role }) => role === 'teammate')
    .map(({ name }) => `### ${name}\n\n${reportOf(name)}`);
  const sections = [
    `## Summary\n\nThe lead reported:\n\n${reportOf(LEAD)}`,
    `## Work\n\n${work.join('\n\n')}`,
    `## Cost\n\n${costTable(live)}`,
    ...(checks === undefined ? [] : [`## Checks\n\n${textFor('pull-request', checks)}`]),
    `*Created by the agent team ${namespace}/${team}.*`,
  ];
  return sections.join('\n\n');
}

function costTable({ agents, usd }: TeamLive): string {
  const spent = dollarsTogether(agents.map((agent) => agent.usd));
  const rows = agents.map((agent, index) => {
    const { input, output, cacheRead, cacheWrite5m, cacheWrite1h } = agent.tokens;
    const taken = input + cacheRead + cacheWrite5m + cacheWrite1h;
    const cells = [agent.name, String(agent.turns), amount(taken), amount(output), spent[index]];
    return `| ${cells.join(' | ')} |`;
  });
  const head = '| agent | turns | tokens in | tokens out | cost |\n|---|---:|---:|---:|---:|';
  return [head, ...rows, `| **team** | | | | **${dollars(usd)}** |`].join('\n');
}

function amount(value: number): string {
  return value.toLocaleString('en-US');
}
