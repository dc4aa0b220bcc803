import type { AgentTeamStatus } from '@agentteam/api';
import { isNotApproved, reasonOf } from '@agentteam/status';
import { openQuestionsOf } from '../../teams/questions.ts';
import type { HostedTeam } from '../../teams/team-host.ts';
import { age, dollars } from '../terminal/quantities.ts';
import { oneLine } from '../terminal/safe.ts';
import { table } from '../terminal/table.ts';
import { isPaused } from './team-view-of.ts';

/**
 * Formats teams with the printer columns of the custom resource.
 * @param now milliseconds since the epoch.
 * @param namespaces whether to add a column for the namespace.
 */
export function listTable(
  teams: readonly HostedTeam[],
  now: number,
  namespaces = false,
): readonly string[] {
  return table(
    [
      ...(namespaces ? [{ title: 'NAMESPACE' }] : []),
      { title: 'NAME' },
      { title: 'PHASE' },
      { title: 'READY' },
      { title: 'TASKS DONE', align: 'right' },
      { title: 'COST', align: 'right' },
      { title: 'BUDGET', align: 'right' },
      { title: 'AGE', align: 'right' },
      { title: '' },
    ],
    teams.map((hosted) => {
      const { name, team, status, live, limit, createdAt, rehearsal, interrupted, suspended } =
        hosted;
      return [
        ...(namespaces ? [team.metadata.namespace ?? ''] : []),
        name,
        phaseText(status),
        status.ready ?? '',
        String(status.tasks?.completed ?? 0),
        live === undefined ? `$${status.estimatedCost ?? '0.00'}` : dollars(live.usd),
        limit === undefined ? '' : dollars(limit),
        age(now - Date.parse(createdAt)),
        [
          ...(rehearsal ? ['rehearsal'] : []),
          ...(isPaused(hosted) ? ['paused'] : []),
          ...(interrupted ? ['interrupted'] : []),
          ...(suspended === undefined ? [] : ['suspended']),
          ...waitsFor(hosted),
        ].join(', '),
      ];
    }),
  );
}

/** The gates and questions with which a team waits for a person. */
function waitsFor(hosted: HostedTeam): readonly string[] {
  const { conditions = [], approvals = [] } = hosted.status;
  const isGateOpen = conditions.some(
    ({ type, status }) => type === 'ApprovalRequired' && status === 'True',
  );
  const events = approvals.filter(({ decision }) => isGateOpen && decision === undefined);
  const questions = openQuestionsOf(hosted);
  return [
    ...events.map(({ event }) => `waiting for approval of ${oneLine(event)}`),
    ...questions.map(({ id }) => `waiting for an answer to ${oneLine(id)}`),
  ];
}

/** A team that failed because it was not approved shows that reason. */
function phaseText(status: AgentTeamStatus): string {
  const reason = reasonOf(status);
  return isNotApproved(reason) ? `Failed (${reason})` : (status.phase ?? '');
}
