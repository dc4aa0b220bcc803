import { type AgentLive, OUTPUTS, STEPS } from '@agentteam/contract';
import { isNotApproved, outputOf, reasonOf, stepsOf, teamExitCode } from '@agentteam/status';
import type { AgentCost } from '../cost/agent-cost.ts';
import { costTable } from '../cost/report.ts';
import { GET_IT } from '../host/result-branches.ts';
import type { HostedTeam } from '../host/team-host.ts';
import type { Colors } from '../terminal/colors.ts';
import { pad, wrap } from '../terminal/columns.ts';
import { clock, plural } from '../terminal/quantities.ts';
import { oneLine, safe } from '../terminal/safe.ts';
import { shellWord } from '../terminal/shell-word.ts';

export interface Ending {
  readonly hosted: HostedTeam;
  readonly cost: readonly AgentCost[];
  /** Files of the output, by path below it. */
  readonly files: readonly string[];
  /** Whether there are more files than were looked for. */
  readonly moreFiles?: boolean;
}

/** Lines of a report that are shown, and files that are named. */
const REPORT_LINES = 3;
const MOST_FILES = 8;

/** What a team leaves behind when it has ended: where things lie, who did what, what it cost. */
export function endingLines(
  { hosted, cost, files, moreFiles = false }: Ending,
  columns: number,
  colors: Colors,
): readonly string[] {
  return [
    verdictLine(hosted, colors),
    '',
    ...placeLines(hosted, files, moreFiles),
    '',
    ...checkLines(hosted, columns),
    ...noticeLines(hosted, columns, colors),
    ...unownedLines(hosted, columns),
    ...(hosted.live?.agents ?? []).flatMap((agent) =>
      agentLines(agent, hosted.reference, columns, colors),
    ),
    '',
    ...costTable(cost, columns),
    ...(hosted.rehearsal
      ? ['A rehearsal: the costs are rehearsed too, $0.00 was really spent.']
      : []),
    ...goOnLines(hosted),
  ];
}

function verdictLine({ name, status }: HostedTeam, { green, red, bold }: Colors): string {
  const { startedAt, completedAt, message = '' } = status;
  const took =
    startedAt && completedAt
      ? ` after ${clock(Date.parse(completedAt) - Date.parse(startedAt))}`
      : '';
  if (teamExitCode(status) === 0) return `${green('✓')} ${bold(name)} completed${took}`;
  const reason = reasonOf(status);
  const phase = isNotApproved(reason) ? reason : status.phase;
  return `${red('✗')} ${bold(name)}: ${phase}${took}. ${oneLine(message)}`;
}

function placeLines(
  { places, status }: HostedTeam,
  files: readonly string[],
  moreFiles: boolean,
): readonly string[] {
  const { consolidatedBranch, pullRequest } = status;
  const lines = places.map(({ title, location }) => [title, location] as const);
  const isCommand = ([title]: readonly [string, string]): boolean => title === GET_IT;
  const found = [
    ...lines.filter((line) => !isCommand(line)),
    ...(consolidatedBranch === undefined ? [] : [['Branch', consolidatedBranch] as const]),
    ...lines.filter(isCommand),
    ...(pullRequest?.url === undefined ? [] : [['Pull request', pullRequest.url] as const]),
  ];
  const widest = Math.max(...found.map(([title]) => title.length)) + 2;
  const listed = files.slice(0, MOST_FILES).map((file) => oneLine(file));
  const more = files.length - listed.length;
  const least = moreFiles ? 'at least ' : '';
  const named =
    more > 0 || moreFiles ? [...listed, `and ${least}${plural(more, 'more file')}`] : listed;
  return found.flatMap(([title, location]) => [
    `${pad(title, widest)}${oneLine(location)}`,
    ...(title === 'Output' ? named.map((file) => `${' '.repeat(widest + 2)}${file}`) : []),
  ]);
}

/** What of the team's files was not read. */
function noticeLines({ live }: HostedTeam, columns: number, { yellow }: Colors): readonly string[] {
  const notices = live?.notices ?? [];
  if (notices.length === 0) return [];
  const lines = notices.flatMap(({ message }) => wrap(`! ${oneLine(message)}`, columns));
  return [...lines.map((line) => yellow(line)), ''];
}

/** Work that was put on the list and that nobody took. */
function unownedLines({ live }: HostedTeam, columns: number): readonly string[] {
  const tasks = live?.unownedTasks ?? [];
  if (tasks.length === 0) return [];
  return [...wrap(`Open tasks that nobody owns: ${oneLine(tasks.join(', '))}`, columns), ''];
}

/** What the result was checked with, and how each check ended. */
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

function agentLines(
  { name, role, phase, turns, tasks, messagesSent, restarts, report, message }: AgentLive,
  reference: string,
  columns: number,
  { bold, dim }: Colors,
): readonly string[] {
  const facts =
    phase === 'waiting'
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
  const told = linesOf(message ?? '').slice(0, REPORT_LINES);
  const said = linesOf(report ?? '');
  const title = oneLine(role === 'lead' ? 'lead' : name);
  const more = said.length - REPORT_LINES;
  return [
    `${bold(title)}  ${dim(facts.join(', '))}`,
    ...[...told, ...said.slice(0, REPORT_LINES)].map((line) => `  ${line}`),
    ...(more > 0
      ? [dim(`  … ${plural(more, 'more line')}: agentteam logs ${reference} ${shellWord(title)}`)]
      : []),
  ];
}

function goOnLines({ reference, status, live }: HostedTeam): readonly string[] {
  const exitCode = teamExitCode(status);
  // The team's limit leaves a marker; a retry raises that one alone.
  const isAgents = live !== undefined && live.stop === undefined;
  const retry: Readonly<Record<number, string>> = {
    1: `Repeat what failed: agentteam retry ${reference}   Look into it: agentteam logs ${reference}`,
    4: `Go on from there: agentteam retry ${reference}`,
    5: isAgents
      ? 'An agent’s own budgetLimit is spent: give it a higher one in the team, and run that anew.'
      : `Go on with more money: agentteam retry ${reference} --budget DOLLARS`,
  };
  const line = exitCode === undefined ? undefined : retry[exitCode];
  return line === undefined ? [] : ['', line];
}
