import type { AgentTeamStatus } from '@agentteam/api';
import { wholeSeconds } from '@agentteam/contract';
import type { HostedTeam } from '../host/team-host.ts';
import { count, dollars } from '../terminal/quantities.ts';
import { oneLine } from '../terminal/safe.ts';

/** A team in the manner of `kubectl describe`. */
export function describeTeam(hosted: HostedTeam): readonly string[] {
  const { team, status, rehearsal } = hosted;
  return [
    ...fields([
      ['Name', hosted.name],
      ['Team', team.metadata.name ?? ''],
      ['Namespace', team.metadata.namespace ?? 'default'],
      ['Created', wholeSeconds(hosted.createdAt)],
      ['Interrupted', hosted.interrupted ? `yes: agentteam resume ${hosted.reference}` : ''],
      ['Rehearsal', rehearsal ? 'yes: nothing is charged' : 'no'],
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
    ...noticeLines(hosted),
    'Places:',
    ...indent(fields(hosted.places.map(({ title, location }) => [title, location]))),
  ];
}

/** What of the team's files was not read, and what broke and was repaired. */
function noticeLines({ live }: HostedTeam): readonly string[] {
  const notices = live?.notices ?? [];
  if (notices.length === 0) return [];
  return ['Notices:', ...indent(notices.map(({ message }) => oneLine(message)))];
}

function statusLines({ status, limit, live }: HostedTeam): readonly string[] {
  const { tasks } = status;
  // To the cent as everywhere: exact figures where there are some, else what the status has.
  const spent = live === undefined ? `$${status.estimatedCost ?? '0.00'}` : dollars(live.usd);
  const costOf = (name: string, estimated = '0.00'): string => {
    const figures = live?.agents.find((agent) =>
      name === 'lead' ? agent.role === 'lead' : agent.role === 'teammate' && agent.name === name,
    );
    return figures === undefined ? `$${estimated}` : dollars(figures.usd);
  };
  const line = (member: Teammate): string =>
    memberLine(member, costOf(member.name, member.estimatedCost));
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

function memberLine(member: Teammate, cost: string): string {
  const { pendingApproval, message = '' } = member;
  const why = pendingApproval === undefined ? oneLine(message) : `approval: ${pendingApproval}`;
  return [
    `Name: ${member.name}`,
    `Phase: ${member.phase}${why === '' ? '' : ` (${why})`}`,
    `Tasks: ${member.tasksCompleted ?? 0}/${member.tasksClaimed ?? 0}`,
    `Cost: ${cost}`,
    `Restarts: ${member.restartCount ?? 0}`,
  ].join(', ');
}

/** `Title:  value`, values in one column; what has no value is left out. */
function fields(pairs: readonly (readonly [string, string])[]): readonly string[] {
  const shown = pairs.filter(([, value]) => value !== '');
  const widest = Math.max(0, ...shown.map(([title]) => title.length));
  return shown.map(([title, value]) => `${`${title}:`.padEnd(widest + 3)}${oneLine(value)}`);
}

function indent(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}
