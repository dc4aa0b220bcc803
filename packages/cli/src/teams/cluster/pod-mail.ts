import { CONTAINERS, LEAD, PATHS, shownName } from '@agentteam/contract';
import {
  type Correspondence,
  correspondenceOf,
  latestBoxes,
  type Received,
  type ReceivedAnswer,
} from '@agentteam/detail';
import { type StatusQuestion, teamExitCode } from '@agentteam/status';
import {
  inboxFile,
  JOURNAL_FILE,
  latestMail,
  mapFew,
  parseInbox,
  readDeliveredMail,
  readDeliveredPersonIds,
  sizeText,
} from '@agentteam/volume';
import type { Connection } from '../../cluster/connection/connection.ts';
import { httpStatus } from '../../cluster/connection/errors.ts';
import { execInPod } from '../../cluster/connection/exec.ts';
import { Failure } from '../../failure.ts';
import type { HostedTeam } from '../team-host.ts';
import { lostMail } from './lost-mail.ts';
import { personMessagesInPod } from './pod-people.ts';

/** Prints the end of a regular file; prints nothing for a link or any other kind of file. */
const PRINT = ['/bin/sh', '-c', '[ -L "$1" ] || [ ! -f "$1" ] || exec tail -c "$2" "$1"', 'sh'];

/** The end of a journal that is read, and the largest inbox. Both are read in an agent's container. */
const FILE_BYTES = 2_097_152; // 2 Mi
/** Agents whose files are read at a time. */
const AGENTS_AT_ONCE = 4;
/** How long an agent's container may take: the agent can stop every program in it. */
const ANSWER_WITHIN_MS = 5_000;
/** How long all of them may take together. */
const ALL_WITHIN_MS = 20_000;

/**
 * Reads the latest mail of a team on a cluster from the pods of its agents. Every pod has all inboxes; the
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
  const until = Date.now() + ALL_WITHIN_MS;
  const read = async (pod: string, path: string): Promise<EndOfFile> => {
    const command = { pod, container: CONTAINERS.main, command: [...PRINT, path, `${FILE_BYTES}`] };
    const limits = {
      withinMs: Math.max(1, Math.min(ANSWER_WITHIN_MS, until - Date.now())),
      maxBytes: FILE_BYTES,
    };
    const text = await execInPod(connection, command, signal, limits);
    return { text, isCut: Buffer.byteLength(text) >= FILE_BYTES };
  };
  const agents = [LEAD, ...team.spec.teammates.map((mate) => mate.name)];
  const native = { team: workflowName, teams: PATHS.teams, tasks: PATHS.tasks };
  const people = await personMessagesInPod(connection, anyPod, signal).catch((error: Error) => {
    signal.throwIfAborted();
    // The gateways of a team that an earlier release has started cannot list them.
    leftOut.push(`People's messages were not read: ${error.message}.`);
    return new Map<string, never>();
  });
  /** An agent may keep its container from answering, and others' mail can be read nevertheless. */
  const readOr = async (to: string, pod: string | undefined, path: string): Promise<EndOfFile> => {
    if (pod === undefined) return NOTHING;
    return read(pod, path).catch((error: unknown) => {
      signal.throwIfAborted();
      if (!(error instanceof Failure) || isRefused(error)) throw error;
      leftOut.push(`The mail to ${shownName(to)} was not read completely: ${error.message}.`);
      return NOTHING;
    });
  };
  const boxOf = async (to: string): Promise<Received> => {
    const journal = await readOr(to, pods.get(to), `${PATHS.session}/${JOURNAL_FILE}`);
    const inbox = await readOr(to, pods.get(to) ?? anyPod, inboxFile(native, to));
    if (inbox.isCut) {
      leftOut.push(
        `The inbox of ${shownName(to)} is larger than ${sizeText(FILE_BYTES)} and was not read.`,
      );
    }
    const delivered = readDeliveredMail(journal.text);
    const waiting = latestMail(inbox.isCut ? [] : parseInbox(inbox.text));
    const messages = people.get(to) ?? [];
    return {
      to,
      delivered: delivered.mail,
      waiting: waiting.mail,
      people: messages,
      deliveredPeople: readDeliveredPersonIds(journal.text, new Set(messages.map(({ id }) => id))),
      answers: answersTo(to, status.questions),
      isCut: journal.isCut || delivered.isCut || waiting.isCut,
    };
  };
  let boxes: readonly Received[] = [];
  const add = async (to: string): Promise<void> => {
    const box = await boxOf(to);
    boxes = latestBoxes([...boxes, box]);
  };
  await mapFew(agents, add, AGENTS_AT_ONCE);
  const missing = agents.filter((agent) => !pods.has(agent));
  const inOrder = agents.flatMap((agent) => boxes.filter(({ to }) => to === agent));
  return correspondenceOf(inOrder, { missing, leftOut });
}

interface EndOfFile {
  readonly text: string;
  /** Whether the file may have more. */
  readonly isCut: boolean;
}

const NOTHING: EndOfFile = { text: '', isCut: false };

/** Whether the caller may not run commands in pods, so that nothing can be read. */
function isRefused({ cause }: Failure): boolean {
  const status = httpStatus(cause ?? {});
  return status === 401 || status === 403;
}

/** A question in the status is answered when a gateway has the answer, for which its agent waits. */
function answersTo(
  agent: string,
  questions: readonly StatusQuestion[] = [],
): readonly ReceivedAnswer[] {
  const shown = shownName(agent);
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
