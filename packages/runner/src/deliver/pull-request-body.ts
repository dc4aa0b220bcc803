import { LEAD, type MemberSpec, type TeamLive, type TeamRef } from '@agentteam/contract';
import { formatMoney, parseMoney } from '@agentteam/ledger';
import { shortened } from '../step/outputs.ts';

/** GitHub takes 65,536 characters. */
const MOST_CHARACTERS = 60_000;
const REPORT_LENGTH = 4_000;

/** The text of a pull request: what was done, by whom, what it cost, what was checked. */
export function pullRequestBody(
  { team, namespace }: TeamRef,
  members: readonly MemberSpec[],
  live: TeamLive,
  checks: string | undefined,
): string {
  const report = (name: string) => live.agents.find((agent) => agent.name === name)?.report ?? '';
  const work = members
    .filter(({ role }) => role === 'teammate')
    .map(
      ({ name }) =>
        `### ${name}\n\n${inert(shortened(report(name), REPORT_LENGTH)) || '(no report)'}`,
    );
  const sections = [
    `## Summary\n\n${inert(shortened(report(LEAD), REPORT_LENGTH)) || '(no report)'}`,
    `## Work\n\n${work.join('\n\n')}`,
    `## Cost\n\n${costTable(live)}`,
    ...(checks === undefined ? [] : [`## Checks\n\n${fenced(checks)}`]),
    `*Made by the agent team ${namespace}/${team}.*`,
  ];
  return shortened(sections.join('\n\n'), MOST_CHARACTERS);
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

/**
 * Text of an agent without what a hosting service would act on: it must not call people (`@name`),
 * close issues (`Fixes #1`), run quick actions (GitLab: `/assign`), or hide in HTML.
 */
export function inert(text: string): string {
  return text
    .replaceAll('<', '&lt;')
    .replace(/@(?=\w)/g, '@\u200b')
    .replace(/([#!])(?=\d)/g, '$1\u200b')
    .replace(/\bGH-(?=\d)/gi, 'GH-\u200b')
    .replace(/^(\s*)\/(?=[a-z])/gm, '$1\u200b/')
    .replace(/(https?:)\/\//gi, '$1\u200b//')
    .trim();
}

/** A code block that its own content cannot end. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${text.trim()}\n${fence}`;
}

function dollars(usd: string): string {
  return formatMoney(parseMoney(usd));
}

function amount(value: number): string {
  return value.toLocaleString('en-US');
}
