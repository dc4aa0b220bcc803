import { dollarsTogether } from '@agentteam/contract';
import type { TeamDetail } from '@agentteam/detail';
import { isFromPerson, markOf } from '@agentteam/detail/message-kind';
import { textFor } from '@agentteam/text';
import {
  agentTitle,
  answerTo,
  count,
  counted,
  duration,
  headFacts,
  NOT_REPORTED,
  STATES,
  size,
  stepTitles,
  time,
} from '../facts.ts';

/** Characters of a preview, a message and a patch. The page has more. */
const PREVIEW_CHARACTERS = 4000;
const MOST_MESSAGES = 200;

/**
 * Writes a team as Markdown, for an issue, a wiki or a mail. Texts of agents are quoted code blocks, so
 * nothing in them is rendered, mentions anyone or becomes a link.
 * @param now when the report is made: ISO 8601.
 */
export function markdownReport(detail: TeamDetail, now: string): string {
  const { summary } = detail;
  const titles = stepTitles(detail.steps);
  const spent = dollarsTogether(detail.agents.map(({ usd }) => usd));
  const rehearsal = summary.rehearsal ? ' (rehearsal)' : '';
  const parts: readonly (readonly string[])[] = [
    [`# ${line(summary.name)}: ${line(summary.phase)}${rehearsal}`],
    summary.message === undefined ? [] : [line(summary.message)],
    [
      headFacts(detail)
        .map(([name, value]) => `- ${name}: ${line(value)}`)
        .join('\n'),
    ],
    ['## Outcome', summary.outcome === undefined ? NOT_REPORTED : block(summary.outcome)],
    section(
      'Notices',
      detail.notices.map(({ message }) => `- ${line(message)}`),
    ),
    resultParts(detail),
    section(
      'Changes',
      detail.diffs.map(
        ({ agent, branch, files }) =>
          `- ${line(agent ?? 'Merged result')}: ${counted(files.length, 'file')} in \`${code(branch)}\``,
      ),
    ),
    tableSection(
      'Checks',
      ['Check', 'Result', 'Command', 'Remarks'],
      detail.checks.map(({ name, ok, command, detail: remarks = '' }) => [
        name,
        ok ? 'passed' : 'failed',
        command,
        remarks,
      ]),
    ),
    tableSection(
      'Decisions',
      ['Gate', 'Decision', 'By', 'Decided', 'Through', 'Reason'],
      detail.gates.flatMap(({ event, state, decisions }) =>
        decisions.length === 0
          ? [[event, state, '', '', '', '']]
          : decisions.map(({ decision, by = '', at, via = '', reason = '' }) => [
              event,
              decision === 'approve' ? 'approved' : 'rejected',
              by,
              at === undefined ? '' : time(at),
              via,
              reason,
            ]),
      ),
    ),
    tableSection(
      'Questions',
      ['Question', 'Agent', 'Asked', 'Text', 'Answer', 'By', 'Answered', 'Through'],
      detail.questions.map((question) => {
        const { id, agent, askedAt, text, choices = [], answer } = question;
        return [
          id,
          agent,
          time(askedAt),
          [text, ...choices].join(' / '),
          answerTo(question),
          answer?.by ?? '',
          answer === undefined ? '' : time(answer.at),
          answer?.via ?? '',
        ];
      }),
    ),
    tableSection(
      'Steps',
      ['Step', 'State', 'Started', 'Took', 'After', 'Remarks'],
      detail.steps.map(({ title, state, startedAt, endedAt, dependsOn, message = '' }) => [
        title,
        STATES[state].text,
        startedAt === undefined ? '' : time(startedAt),
        startedAt === undefined || endedAt === undefined ? '' : duration(startedAt, endedAt),
        dependsOn.map(titles).join(', '),
        message,
      ]),
    ),
    tableSection(
      'Costs',
      ['Agent', 'Model', 'Turns', 'Tokens', 'Cost'],
      detail.agents.map((agent, index) => [
        agentTitle(agent),
        agent.model,
        count(agent.turns),
        count(Object.values(agent.tokens).reduce((sum, one) => sum + one, 0)),
        spent[index] ?? '',
      ]),
    ),
    reports(detail),
    conversation(detail),
    [`_Report of ${time(now)}. Agents wrote the texts, results and messages in it._`],
  ];
  return `${parts.flat().join('\n\n')}\n`;
}

function resultParts({ results, delivery }: TeamDetail): readonly string[] {
  const facts = [
    ...(results.place === undefined ? [] : [`- Place: \`${code(results.place)}\``]),
    ...(delivery?.branch === undefined ? [] : [`- Branch: \`${code(delivery.branch)}\``]),
    ...(delivery?.url === undefined ? [] : [`- Pull request: \`${code(delivery.url)}\``]),
  ];
  if (facts.length === 0 && results.files.length === 0) return [];
  return [
    '## Results',
    ...(facts.length === 0 ? [] : [facts.join('\n')]),
    ...results.files.flatMap(({ path, bytes, preview }) => [
      `### ${line(path)} (${size(bytes)})`,
      ...(preview === undefined || preview.kind === 'image' ? [] : [block(preview.text)]),
    ]),
    ...(results.cut ? ['There are more files than these.'] : []),
  ];
}

function reports({ agents }: TeamDetail): readonly string[] {
  const reported = agents.flatMap(({ role, name, report }) =>
    role === 'lead' || report === undefined ? [] : [`### ${line(name)}`, block(report)],
  );
  return reported.length === 0 ? [] : ['## Reports', ...reported];
}

function conversation({ messages, agents }: TeamDetail): readonly string[] {
  const names = new Set(agents.map(({ name }) => name));
  const said = messages
    .filter(({ kind }) => kind === 'message' || isFromPerson(kind))
    .slice(-MOST_MESSAGES);
  if (said.length === 0) return [];
  return [
    '## Conversation',
    ...said.flatMap(({ kind, from, to, at, text }) => {
      const mark = markOf({ kind, from }, names);
      const marked = mark === undefined ? '' : `, ${mark}`;
      return [`**${line(from)}** to **${line(to)}**, ${line(time(at))}${marked}`, block(text)];
    }),
  ];
}

function section(title: string, items: readonly string[]): readonly string[] {
  return items.length === 0 ? [] : [`## ${title}`, items.join('\n')];
}

function tableSection(
  title: string,
  titles: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  if (rows.length === 0) return [];
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const lines = [
    row(titles),
    row(titles.map(() => '---')),
    ...rows.map((cells) => row(cells.map(line))),
  ];
  return [`## ${title}`, lines.join('\n')];
}

function line(text: string): string {
  return textFor('markdown-line', text);
}

function block(text: string): string {
  return textFor('markdown', text, PREVIEW_CHARACTERS);
}

/** For a code span, which ends at a backtick. */
function code(text: string): string {
  return textFor('mail-line', text).replaceAll('`', "'");
}
