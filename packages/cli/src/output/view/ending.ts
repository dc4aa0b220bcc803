import { type AgentLive, OUTPUTS, STEPS, shownName } from '@agentteam/contract';
import { isNotApproved, outputOf, reasonOf, stepsOf, teamExitCode } from '@agentteam/status';
import { shellWord } from '@agentteam/text';
import stringWidth from 'string-width';
import { FETCH_COMMAND } from '../../teams/local/result-branches.ts';
import type { HostedTeam } from '../../teams/team-host.ts';
import type { AgentCost } from '../cost/agent-cost.ts';
import { costNotes, costTable } from '../cost/report.ts';
import type { Colors } from '../terminal/colors.ts';
import { pad, wrap } from '../terminal/columns.ts';
import { clock, plural } from '../terminal/quantities.ts';
import { oneLine, safe } from '../terminal/safe.ts';

export interface Ending {
  readonly hosted: HostedTeam;
  readonly cost: readonly AgentCost[];
  /** Paths of the output's files, relative to the output. */
  readonly files: readonly string[];
  /** Whether the output has more files than `files`. */
  readonly moreFiles?: boolean;
}

/** Maximum number of lines of each report and of each message, and of files. */
const MAX_REPORT_LINES = 3;
const MAX_MESSAGE_LINES = 6;
const MAX_FILES = 8;

/**
 * Formats the result of a team: the outcome, where the results are, what each agent did, and the cost.
 * @param sentenceColumns width of sentences and of the costs. Programs search output for them, so only a terminal
 * limits it.
 */
export function endingLines(
  { hosted, cost, files, moreFiles = false }: Ending,
  columns: number,
  colors: Colors,
  sentenceColumns: number = columns,
): readonly string[] {
  return [
    ...wrap(outcomeLine(hosted, colors), sentenceColumns),
    '',
    ...locationLines(hosted, files, moreFiles),
    '',
    ...checkLines(hosted, columns),
    ...noticeLines(hosted, columns, colors),
    ...unownedLines(hosted, columns),
    ...(hosted.live?.agents ?? [])
      .map((agent, _, all) => sayReasonOnce(agent, all, hosted.status.message))
      .flatMap((agent) => agentLines(agent, hosted.reference, columns, colors)),
    '',
    ...costTable(cost, sentenceColumns),
    ...costNotes(cost).flatMap((line) => wrap(line, sentenceColumns)),
    ...(hosted.rehearsal
      ? wrap(
          'This was a rehearsal: the costs are simulated and nothing was charged.',
          sentenceColumns,
        )
      : []),
    ...retryLines(hosted, sentenceColumns),
  ];
}

function outcomeLine({ name, status }: HostedTeam, { green, red, bold }: Colors): string {
  const { startedAt, completedAt, message = '' } = status;
  const took =
    startedAt && completedAt
      ? ` after ${clock(Date.parse(completedAt) - Date.parse(startedAt))}`
      : '';
  if (teamExitCode(status) === 0) {
    const note = status.lead?.outcome === 'nothing-to-do' ? `. ${oneLine(message)}` : '';
    return `${green('✓')} ${bold(name)} completed${took}${note}`;
  }
  const reason = reasonOf(status);
  const phase = isNotApproved(reason) ? reason : status.phase;
  return `${red('✗')} ${bold(name)}: ${phase}${took}. ${oneLine(message)}`;
}

function locationLines(
  { locations, status }: HostedTeam,
  files: readonly string[],
  moreFiles: boolean,
): readonly string[] {
  const { consolidatedBranch, pullRequest } = status;
  const lines = locations.map(({ title, value }) => [title, value] as const);
  const isCommand = ([title]: readonly [string, string]): boolean => title === FETCH_COMMAND;
  const found = [
    ...lines.filter((line) => !isCommand(line)),
    ...(consolidatedBranch === undefined ? [] : [['Branch', consolidatedBranch] as const]),
    ...lines.filter(isCommand),
    ...(pullRequest?.url === undefined ? [] : [['Pull request', pullRequest.url] as const]),
  ];
  const widest = Math.max(...found.map(([title]) => title.length)) + 2;
  const shown = files.slice(0, MAX_FILES).map((file) => oneLine(file));
  const more = files.length - shown.length;
  const atLeast = moreFiles ? 'at least ' : '';
  const listed =
    more > 0 || moreFiles ? [...shown, `and ${atLeast}${plural(more, 'more file')}`] : shown;
  return found.flatMap(([title, value]) => [
    `${pad(title, widest)}${oneLine(value)}`,
    ...(title === 'Output' ? listed.map((file) => `${' '.repeat(widest + 2)}${file}`) : []),
  ]);
}

/** Problems with the team's files, for example files that were not read. */
function noticeLines({ live }: HostedTeam, columns: number, { yellow }: Colors): readonly string[] {
  const notices = live?.notices ?? [];
  if (notices.length === 0) return [];
  const lines = notices.flatMap(({ message }) => wrap(`! ${oneLine(message)}`, columns));
  return [...lines.map((line) => yellow(line)), ''];
}

/** Tasks of the team's task list that have no owner. */
function unownedLines({ live }: HostedTeam, columns: number): readonly string[] {
  const tasks = live?.unownedTasks ?? [];
  if (tasks.length === 0) return [];
  return [...wrap(`Open tasks without an owner: ${oneLine(tasks.join(', '))}`, columns), ''];
}

/** The quality gates with their results. */
function checkLines({ workflow }: HostedTeam, columns: number): readonly string[] {
  const checks = outputOf(stepsOf(workflow).get(STEPS.finish), OUTPUTS.checks);
  if (checks === undefined) return [];
  const lines = safe(checks).split('\n');
  return [
    'Checks',
    ...lines.flatMap((line) => wrap(line, columns - 2).map((part) => `  ${part}`)),
    '',
  ];
}

/** Replaces a reason that the team or an earlier agent has as well: a failed setup or a spent budget ends all of them. */
function sayReasonOnce(
  agent: AgentLive,
  all: readonly AgentLive[],
  ofTeam: string | undefined,
): AgentLive {
  // The message of a completed agent is a remark on how it ended.
  const failed = all.filter(({ phase }) => phase !== 'completed');
  const first = failed.find(({ message }) => message === agent.message);
  if (agent.message === undefined || first === undefined || !failed.includes(agent)) return agent;
  if (agent.message === ofTeam) {
    return { ...agent, message: 'The reason is the same as for the team.' };
  }
  if (first === agent) return agent;
  return { ...agent, message: `The reason is the same as for ${shownName(first.name)}.` };
}

function agentLines(
  { name, role, phase, turns, tasks, messagesSent, restarts, report, message }: AgentLive,
  reference: string,
  columns: number,
  { bold, dim }: Colors,
): readonly string[] {
  const facts =
    phase === 'waiting' || phase === 'absent'
      ? ['never started']
      : [
          phase,
          plural(turns, 'turn'),
          `${tasks.completed} of ${plural(tasks.total, 'task')}`,
          `${plural(messagesSent, 'message')} sent`,
          ...(restarts === 0 ? [] : [plural(restarts, 'restart')]),
        ];
  const linesOf = (text: string) =>
    safe(text)
      .split('\n')
      .map((line) => line.trimEnd())
      .filter((line) => line !== '')
      .flatMap((line) => wrap(line, Math.max(20, columns - 2)));
  const messageLines = linesOf(message ?? '');
  const reportLines = linesOf(report ?? '');
  const title = oneLine(role === 'lead' ? 'lead' : name);
  const more = reportLines.length - MAX_REPORT_LINES;
  const indent = stringWidth(title) + 2;
  const [firstFacts = '', ...otherFacts] = wrap(facts.join(', '), Math.max(20, columns - indent));
  return [
    `${bold(title)}  ${dim(firstFacts)}`,
    ...otherFacts.map((line) => `${' '.repeat(indent)}${dim(line)}`),
    ...[...cut(messageLines, MAX_MESSAGE_LINES), ...reportLines.slice(0, MAX_REPORT_LINES)].map(
      (line) => `  ${line}`,
    ),
    ...(more > 0
      ? [dim(`  … ${plural(more, 'more line')}: agentteam logs ${reference} ${shellWord(title)}`)]
      : []),
  ];
}

/** The first lines of a text, with a mark where lines are left out. */
function cut(lines: readonly string[], max: number): readonly string[] {
  if (lines.length <= max) return lines;
  return [...lines.slice(0, max - 1), `… ${plural(lines.length - max + 1, 'more line')}`];
}

/** Commands that continue the team, by exit code. */
function retryLines({ reference, status, live }: HostedTeam, columns: number): readonly string[] {
  const exitCode = teamExitCode(status);
  // The team's own limit leaves a stop marker. A retry with --budget raises only that limit.
  const isAgentLimit = live !== undefined && live.stop === undefined;
  // A stop or a timeout cuts off replies, whose highest possible cost may spend the budget.
  const budget = live?.stop?.reason === 'budget' ? ' --budget DOLLARS' : '';
  const lines: Readonly<Record<number, readonly string[]>> = {
    1: [
      `To see what happened, run:       agentteam logs ${reference}`,
      `To repeat the failed steps, run: agentteam retry ${reference}${budget}`,
    ],
    3: [`To ask again, run: agentteam retry ${reference}`],
    4: [`To continue, run: agentteam retry ${reference}${budget}`],
    5: isAgentLimit
      ? [
          ...wrap(
            "An agent has spent its own budget. To continue, raise the agent's budgetLimit in the team file, then run:",
            columns,
          ),
          `agentteam retry ${reference} -f FILE`,
        ]
      : [`To continue with a higher budget, run: agentteam retry ${reference} --budget DOLLARS`],
  };
  const shown = exitCode === undefined ? undefined : lines[exitCode];
  return shown === undefined ? [] : ['', ...shown];
}
