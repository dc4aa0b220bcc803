import { CONTAINERS, LEAD, PATHS } from '@agentteam/contract';
import { type Correspondence, messagesIn, type ReceivedAnswer } from '@agentteam/detail';
import { type StatusQuestion, teamExitCode } from '@agentteam/status';
import {
  inboxFile,
  JOURNAL_FILE,
  LIMITS,
  parseInbox,
  readDeliveredMail,
  readDeliveredPersonIds,
  sizeText,
} from '@agentteam/volume';
import type { Connection } from '../../cluster/connection/connection.ts';
import { execInPod } from '../../cluster/connection/exec.ts';
import type { HostedTeam } from '../team-host.ts';
import { lostMail } from './lost-mail.ts';
import { personMessagesInPod } from './pod-people.ts';

/** Prints the end of a regular file; prints nothing for a link or any other kind of file. */
const PRINT = ['/bin/sh', '-c', '[ -L "$1" ] || [ ! -f "$1" ] || exec tail -c "$2" "$1"', 'sh'];

/**
 * Reads the mail of a team on a cluster from the pods of its agents. Every pod has all inboxes; the
 * journal of an agent's delivered mail is only in its own pod.
 * @throws Failure when no agent is running, because no pod mounts the volume with the mail then.
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
    const none = teamExitCode(status) === undefined && !members.some(hasWorked);
    if (none) return { messages: [], missing: [], leftOut: [] };
    throw await lostMail(connection, hosted);
  }
  const leftOut: string[] = [];
  const read = async (pod: string, path: string, most: number): Promise<string> => {
    const command = [...PRINT, path, String(most)];
    const text = await execInPod(connection, { pod, container: CONTAINERS.main, command }, signal);
    if (Buffer.byteLength(text) >= most) {
      leftOut.push(`${path} in ${pod} is larger than ${sizeText(most)}; only its end was read.`);
    }
    return text;
  };
  const agents = [LEAD, ...team.spec.teammates.map((mate) => mate.name)];
  const native = { team: workflowName, teams: PATHS.teams, tasks: PATHS.tasks };
  const people = await personMessagesInPod(connection, anyPod, signal).catch((error: Error) => {
    signal.throwIfAborted();
    // The gateways of a team that an earlier release has started cannot list them.
    leftOut.push(`People's messages were not read: ${error.message}.`);
    return new Map<string, never>();
  });
  const boxes = await Promise.all(
    agents.map(async (to) => {
      const pod = pods.get(to);
      const journal =
        pod === undefined
          ? ''
          : await read(pod, `${PATHS.session}/${JOURNAL_FILE}`, LIMITS.journalBytes);
      const inbox = await read(anyPod, inboxFile(native, to), LIMITS.inboxBytes);
      return {
        to,
        delivered: readDeliveredMail(journal),
        waiting: parseInbox(inbox),
        people: people.get(to) ?? [],
        deliveredPeople: readDeliveredPersonIds(journal),
        answers: answersTo(to, status.questions),
      };
    }),
  );
  const missing = agents.filter((agent) => !pods.has(agent));
  return { messages: messagesIn(boxes), missing, leftOut };
}

/** A question in the status is answered when a gateway has the answer, for which its agent waits. */
function answersTo(
  agent: string,
  questions: readonly StatusQuestion[] = [],
): readonly ReceivedAnswer[] {
  const shown = agent === LEAD ? 'lead' : agent;
  return questions.flatMap(({ agent: asks, id, text, answer, by, answeredAt }) => {
    const isComplete = asks === shown && answer !== undefined && by !== undefined;
    if (!isComplete || id === undefined || answeredAt === undefined) return [];
    const question = { id, ...(text !== undefined && { text }) };
    return [{ by, at: answeredAt, text: answer, question, delivered: true }];
  });
}

function hasWorked({ phase }: { readonly phase?: string }): boolean {
  return phase === 'Completed' || phase === 'Failed' || phase === 'Running';
}
