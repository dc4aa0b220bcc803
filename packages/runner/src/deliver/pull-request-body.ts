import { LEAD, type MemberSpec, type TeamLive, type TeamRef } from '@agentteam/contract';
import { dollars } from '@agentteam/ledger';
import { textFor } from '@agentteam/text';

/** Of one report. GitHub takes 65,536 characters for all. */
const REPORT_LENGTH = 4_000;
/** Of all reports together. Breaking their lines makes them at most twice as long. */
const REPORTS_LENGTH = 24_000;

/**
 * The text of a pull request: what was done, by whom, what it cost, what was checked. Headings and
 * the table are ours. Words of agents and of the repository's programs stand below the heading that
 * names them, as a quoted block of code.
 */
export function pullRequestBody(
  { team, namespace }: TeamRef,
  members: readonly MemberSpec[],
  live: TeamLive,
  checks: string | undefined,
): string {
  const most = Math.min(REPORT_LENGTH, Math.floor(REPORTS_LENGTH / members.length));
  const reportOf = (name: string) => {
    const report = live.agents.find((agent) => agent.name === name)?.report ?? '';
    return report.trim() === '' ? '(no report)' : textFor('pull-request', report, most);
  };
  const work = members
    .filter(({ role }) => role === 'teammate')
    .map(({ name }) => `### ${name}\n\n${reportOf(name)}`);
  const sections = [
    `## Summary\n\nThe lead reported:\n\n${reportOf(LEAD)}`,
    `## Work\n\n${work.join('\n\n')}`,
    `## Cost\n\n${costTable(live)}`,
    ...(checks === undefined ? [] : [`## Checks\n\n${textFor('pull-request', checks)}`]),
    `*Made by the agent team ${namespace}/${team}.*`,
  ];
  return sections.join('\n\n');
}

function costTable({ agents, usd }: TeamLive): string {
  const rows = agents.map((agent) => {
    const { input, output, cacheRead, cacheWrite5m, cacheWrite1h } = agent.tokens;
    const taken = input + cacheRead + cacheWrite5m + cacheWrite1h;
    const cells = [
      agent.name,
      String(agent.turns),
      amount(taken),
      amount(output),
      dollars(agent.usd),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const head = '| agent | turns | tokens in | tokens out | cost |\n|---|---:|---:|---:|---:|';
  return [head, ...rows, `| **team** | | | | **${dollars(usd)}** |`].join('\n');
}

function amount(value: number): string {
  return value.toLocaleString('en-US');
}
