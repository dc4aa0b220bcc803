import type { AgentTeam } from '@agentteam/api';
import type { Problem } from '../../problem.ts';

/**
 * Refuses fields that the schema allows but that are not implemented. A setting that is accepted and ignored
 * would cost its user more than one that is refused.
 */
export function checkUnsupported(team: AgentTeam): readonly Problem[] {
  const { coordination } = team.spec;
  const problems: Problem[] = [];
  const refuse = (path: Problem['path'], what: string, hint: string) =>
    problems.push({ code: 'not-supported', path, message: `${what} is not supported yet`, hint });

  const { mailboxBackend = 'shared-volume', taskBackend = 'shared-volume' } = coordination ?? {};
  if (mailboxBackend !== 'shared-volume') {
    const hint = 'remove the field: mail uses the shared volume';
    refuse(
      ['spec', 'coordination', 'mailboxBackend'],
      `the mailbox backend ${mailboxBackend}`,
      hint,
    );
  }
  if (taskBackend !== 'shared-volume' || coordination?.beads !== undefined) {
    const field = taskBackend === 'shared-volume' ? 'beads' : 'taskBackend';
    const hint = 'remove the field: tasks are kept on the shared volume';
    refuse(['spec', 'coordination', field], 'the task backend beads', hint);
  }
  return problems;
}
