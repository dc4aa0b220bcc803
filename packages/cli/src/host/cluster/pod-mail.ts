import { CONTAINERS, LEAD, PATHS } from '@agentteam/contract';
import { outcome } from '@agentteam/status';
import { safeName } from '@agentteam/volume';
import type { Connection } from '../../kube/connection.ts';
import { execInPod } from '../../kube/exec.ts';
import { JOURNAL, mailOf, readInboxText, readJournal } from '../../mail/mailbox.ts';
import type { Correspondence } from '../../mail/message.ts';
import type { HostedTeam } from '../team-host.ts';
import { lostMail } from './lost-mail.ts';

/** Prints a file, and nothing where there is none. */
const PRINT = ['/bin/sh', '-c', '[ ! -f "$1" ] || exec cat "$1"', 'sh'];

/**
 * The mail of a team of a cluster, asked of its agents' pods: all inboxes are in each of them, the
 * journal of what an agent has taken is in its own alone.
 * @throws Failure when no agent is at work any more: the volume that has the mail is mounted nowhere.
 */
export async function podMail(
  connection: Connection,
  hosted: HostedTeam,
  signal: AbortSignal,
): Promise<Correspondence> {
  const { name, team, status, workflow } = hosted;
  const members = [{ ...status.lead, name: LEAD }, ...(status.teammates ?? [])];
  const pods = new Map(
    members.flatMap((member) =>
      member.phase === 'Running' && member.podName ? [[member.name, member.podName] as const] : [],
    ),
  );
  const [anyPod] = pods.values();
  const workflowName = workflow.metadata.name ?? name;
  if (anyPod === undefined) {
    const none = outcome(status).exitCode === undefined && !members.some(hasWorked);
    if (none) return { messages: [], missing: [] };
    throw await lostMail(connection, hosted);
  }
  const read = (pod: string, path: string): Promise<string> =>
    execInPod(connection, { pod, container: CONTAINERS.main, command: [...PRINT, path] }, signal);
  const agents = [LEAD, ...team.spec.teammates.map((mate) => mate.name)];
  const inboxes = `${PATHS.teams}/${safeName(workflowName)}/inboxes`;
  const boxes = await Promise.all(
    agents.map(async (to) => {
      const pod = pods.get(to);
      const journal = pod === undefined ? '' : await read(pod, `${PATHS.session}/${JOURNAL}`);
      const inbox = await read(anyPod, `${inboxes}/${safeName(to)}.json`);
      return { to, delivered: readJournal(journal), waiting: readInboxText(inbox) };
    }),
  );
  return { messages: mailOf(boxes), missing: agents.filter((agent) => !pods.has(agent)) };
}

function hasWorked({ phase }: { readonly phase?: string }): boolean {
  return phase === 'Completed' || phase === 'Failed' || phase === 'Running';
}
