import { agentNamed, readReportOf, shownName } from '@agentteam/contract';
import type { Conversation } from '../conversation/conversation.ts';
import { seenMail } from '../conversation/mail.ts';
import { seenTasks } from '../conversation/tasks.ts';
import { type Reference, readReference, reference } from '../script/references.ts';
import type { Turn } from '../script/script.ts';
import { attemptsOf } from './open-calls.ts';

/** Thrown for a reference to something that the agent has not seen. */
export class UnseenError extends Error {
  override readonly name: string = 'UnseenError';
}

export interface Scene {
  readonly agent: string;
  readonly turns: readonly Turn[];
  readonly conversation: Conversation;
}

/** The value of a reference in this conversation. @throws UnseenError */
export function resolveReference(text: string, scene: Scene): string {
  const read = readReference(text);
  const value = read && find(read, scene);
  if (value === undefined) {
    const why =
      read?.kind === 'task'
        ? ': no TaskList or TaskCreate of an earlier turn shows such a task'
        : '';
    throw new UnseenError(`${shownName(scene.agent)} has not seen ${reference(text)} yet${why}`);
  }
  return value;
}

function find({ kind, name }: Reference, scene: Scene): string | undefined {
  const { conversation } = scene;
  switch (kind) {
    case 'last':
      return conversation.lastResult;
    case 'result':
      return labelled(name, scene);
    case 'task':
      return taskId(name, conversation);
    case 'mail':
      return mailFrom(name, conversation);
    case 'report':
      return readReportOf(agentNamed(name), conversation.userText);
    case 'paths':
      return placeOf(name, conversation.paths);
  }
}

function labelled(label: string, { agent, turns, conversation }: Scene): string | undefined {
  for (const [index, { tools = [] }] of turns.entries()) {
    const call = tools.findIndex(({ as }) => as === label);
    if (call < 0) continue;
    const attempts = attemptsOf(agent, index, conversation);
    return attempts.findLast((attempt) => attempt.call === call)?.result?.text;
  }
  return undefined;
}

/** @param name the owner of a task, whose first task counts, or a task's subject. */
function taskId(name: string, conversation: Conversation): string | undefined {
  const tasks = seenTasks(conversation);
  const task =
    tasks.find(({ owner }) => owner === agentNamed(name)) ??
    tasks.find(({ subjects }) => subjects.includes(name));
  return task?.id;
}

/** @param name `researcher` for its first message, `researcher.2` for its second. */
function mailFrom(name: string, { userText }: Conversation): string | undefined {
  const [, from = name, number = '1'] = /^(.+)\.(\d+)$/.exec(name) ?? [];
  return seenMail(userText).filter((mail) => mail.from === agentNamed(from))[Number(number) - 1]
    ?.text;
}

/** The place of a container path on this machine, by the longest known path above it. */
export function placeOf(path: string, paths: ReadonlyMap<string, string>): string | undefined {
  const root = [...paths.keys()]
    .filter((known) => path === known || path.startsWith(`${known}/`))
    .toSorted((a, b) => b.length - a.length)[0];
  return root === undefined ? undefined : `${paths.get(root)}${path.slice(root.length)}`;
}
