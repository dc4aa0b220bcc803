import type { AgentTeamStatus } from '@agentteam/api';
import { type AgentLive, wholeSeconds } from '@agentteam/contract';
import type { StatusQuestion } from '@agentteam/status';
import type { HostedTeam } from '../../teams/team-host.ts';
import { clock, count, dollars, dollarsTogether } from '../terminal/quantities.ts';
import { oneLine } from '../terminal/safe.ts';
import { activityOf } from './activity.ts';
import { quotedQuestion } from './change-line.ts';

/** Formats a team in the style of `kubectl describe`. */
export function describeTeam(hosted: HostedTeam): readonly string[] {
  const { team, status, rehearsal } = hosted;
  return [
    ...fields([
      ['Name', hosted.name],
      ['Team', team.metadata.name ?? ''],
      ['Namespace', team.metadata.namespace ?? 'default'],
      ['Created', wholeSeconds(hosted.createdAt)],
      [
        'Interrupted',
        hosted.interrupted ? `yes; to continue, run: agentteam resume ${hosted.reference}` : '',
      ],
      [
        'Suspended',
        hosted.suspended === undefined
          ? ''
          : `yes; to continue, run fg in its terminal, or: kill -CONT ${hosted.suspended}`,
      ],
      ['Rehearsal', rehearsal ? 'yes (nothing is charged)' : 'no'],
    ]),
    'Status:',
    ...indent(statusLines(hosted)),
    'Conditions:',
    ...indent(
      (status.conditions ?? []).map(
        ({ type, status: value, reason, message }) =>
          `${type}=${value} (${reason}): ${oneLine(message ?? '')}`,
      ),
    ),
    ...approvalLines(hosted),
    ...questionLines(hosted),
    ...noticeLines(hosted),
    'Locations:',
    ...indent(fields(hosted.locations.map(({ title, value }) => [title, value]))),
  ];
}

/** The gates that have opened or were answered in advance, and who decided. */
function approvalLines({ status, reference }: HostedTeam): readonly string[] {
  const { approvals = [] } = status;
  if (approvals.length === 0) return [];
  return ['Approvals:', ...indent(approvals.map((approval) => approvalLine(approval, reference)))];
}

type Approval = NonNullable<AgentTeamStatus['approvals']>[number];

function approvalLine({ event, ...approval }: Approval, reference: string): string {
  const { decision, via = '', by, reason, openedAt = '', decidedAt = '' } = approval;
  if (decision === undefined) {
    return `${event}: waits since ${wholeSeconds(openedAt)}: agentteam approve ${reference} ${event}`;
  }
  if (via === 'timeout') return `${event}: nobody answered in time`;
  const done = decision === 'approve' ? 'approved' : 'rejected';
  const who = by === undefined ? done : `${oneLine(by)} ${done}`;
  const why = reason === undefined ? '' : `: "${oneLine(reason)}"`;
  return `${event}: ${who} at ${wholeSeconds(decidedAt)} (${via})${why}`;
}

/** The questions of agents, in the agents' words, and who answered them. */
function questionLines({ status, reference }: HostedTeam): readonly string[] {
  const { questions = [] } = status;
  if (questions.length === 0) return [];
  return ['Questions:', ...indent(questions.map((question) => questionLine(question, reference)))];
}

function questionLine(question: StatusQuestion, reference: string): string {
  const { id, agent = '', text = '', choices = [], answer, unanswered } = question;
  const asked = `${id}: ${oneLine(agent)} asks ${quotedQuestion({ text, choices })}`;
  if (answer !== undefined) {
    const { by = '', answeredAt = '', via = '' } = question;
    return `${asked}; ${oneLine(by)} answered at ${wholeSeconds(answeredAt)} (${via}): "${oneLine(answer)}"`;
  }
  if (unanswered !== undefined) return `${asked}; nobody answered (${unanswered})`;
  return `${asked}; waits until ${wholeSeconds(question.deadline ?? '')}: agentteam answer ${reference} ${id} "…"`;
}

/** Problems with the team's files, for example files that were not read or had to be repaired. */
function noticeLines({ live }: HostedTeam): readonly string[] {
  const notices = live?.notices ?? [];
  if (notices.length === 0) return [];
  return ['Notices:', ...indent(notices.map(({ message }) => oneLine(message)))];
}

function statusLines({ status, limit, live }: HostedTeam): readonly string[] {
  const { tasks } = status;
  // Use the exact figures, rounded to the cent; without them, the amount in the status.
  const spent = live === undefined ? `$${status.estimatedCost ?? '0.00'}` : dollars(live.usd);
  const figuresOf = (name: string): AgentLive | undefined =>
    live?.agents.find((agent) =>
      name === 'lead' ? agent.role === 'lead' : agent.role === 'teammate' && agent.name === name,
    );
  const texts = dollarsTogether((live?.agents ?? []).map(({ usd }) => usd));
  const costOf = (name: string, estimated = '0.00'): string => {
    const figures = figuresOf(name);
    const index = figures === undefined ? -1 : (live?.agents.indexOf(figures) ?? -1);
    return texts[index] ?? `$${estimated}`;
  };
  const line = (member: Teammate): string =>
    memberLine(member, costOf(member.name, member.estimatedCost), figuresOf(member.name));
  return [
    ...fields([
      ['Phase', status.phase ?? ''],
      ['Ready', status.ready ?? ''],
      ['Started', status.startedAt ?? ''],
      ['Completed', status.completedAt ?? ''],
      ['Estimated Cost', `${spent}${limit === undefined ? '' : ` of ${dollars(limit)}`}`],
      ['Tokens', count(status.totalTokensUsed ?? 0)],
      [
        'Tasks',
        tasks === undefined
          ? ''
          : `${tasks.completed ?? 0} of ${tasks.total ?? 0} done, ${tasks.inProgress ?? 0} in progress, ${tasks.pending ?? 0} pending`,
      ],
      ['Branch', status.consolidatedBranch ?? ''],
      [
        'Pull Request',
        status.pullRequest === undefined
          ? ''
          : `${status.pullRequest.url} (${status.pullRequest.state})`,
      ],
    ]),
    'Lead:',
    ...indent(status.lead === undefined ? [] : [line({ ...status.lead, name: 'lead' })]),
    'Teammates:',
    ...indent((status.teammates ?? []).map(line)),
  ];
}

type Teammate = NonNullable<AgentTeamStatus['teammates']>[number];

function memberLine(member: Teammate, cost: string, figures: AgentLive | undefined): string {
  const { pendingApproval, message = '' } = member;
  const why = pendingApproval === undefined ? oneLine(message) : `approval: ${pendingApproval}`;
  const { activity } = member.phase === 'Running' ? activityOf(figures, Date.now()) : {};
  return [
    `Name: ${member.name}`,
    `Phase: ${member.phase}${why === '' ? '' : ` (${why})`}`,
    ...(activity === undefined
      ? []
      : [`Now: ${oneLine(activity.text)} for ${clock(activity.elapsed)}`]),
    `Tasks: ${member.tasksCompleted ?? 0}/${member.tasksClaimed ?? 0}`,
    `Cost: ${cost}`,
    `Restarts: ${member.restartCount ?? 0}`,
  ].join(', ');
}

/** Formats `Title:  value` lines with aligned values, omitting empty values. */
function fields(pairs: readonly (readonly [string, string])[]): readonly string[] {
  const shown = pairs.filter(([, value]) => value !== '');
  const widest = Math.max(0, ...shown.map(([title]) => title.length));
  return shown.map(([title, value]) => `${`${title}:`.padEnd(widest + 3)}${oneLine(value)}`);
}

function indent(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}
