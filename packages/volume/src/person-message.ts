import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FILES, isRecord, MOST_AGENTS } from '@agentteam/contract';
import { visible } from '@agentteam/text';
import { mapFew } from './file/each.ts';
import { LIMITS } from './file/limits.ts';
import { listNames } from './file/list.ts';
import { isSafeName, safeName } from './file/name.ts';
import { inDirectory } from './file/open-directory.ts';
import { readUntrustedJson } from './file/read.ts';
import { writeJsonOnce } from './file/write.ts';

/** A message of a person to an agent. */
export interface PersonMessage {
  /** Unique in the team. Ids sort by the time of sending. */
  readonly id: string;
  /** Name of the person: one line. */
  readonly by: string;
  readonly text: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** Why a person's message cannot be sent, as a sentence without a full stop. */
export class PersonMessageError extends Error {
  override readonly name: string = 'PersonMessageError';
}

/**
 * The directory of people's messages to an agent, one file each. Agents can read it but not write to it,
 * as they can to an inbox; so nobody but a person can send such a message.
 */
export function personMessageDirectory(control: string, agent: string): string {
  return join(control, FILES.people, safeName(agent));
}

/**
 * Sends a message of a person to an agent. Control characters are removed or made visible. A message with the
 * id of one that was sent before is not sent again.
 * @throws PersonMessageError if the message is empty or too long, or too many were sent.
 */
export async function sendPersonMessage(
  control: string,
  agent: string,
  { by, text, ...known }: Pick<PersonMessage, 'by' | 'text'> & Partial<PersonMessage>,
): Promise<PersonMessage> {
  const now = new Date();
  const message: PersonMessage = {
    id: safeName(known.id ?? personMessageId(now)),
    by: personName(by),
    text: visible(text).trim(),
    at: known.at ?? now.toISOString(),
  };
  const problem = problemOf(message);
  if (problem !== undefined) throw new PersonMessageError(problem);
  const directory = personMessageDirectory(control, agent);
  await mkdir(directory, { recursive: true });
  const { names } = await listNames(directory);
  if (names.length >= LIMITS.personMessages) {
    throw new PersonMessageError(
      `${agent} has ${names.length} messages from people; the limit is ${LIMITS.personMessages}`,
    );
  }
  await writeJsonOnce(join(directory, `${message.id}.json`), message);
  return message;
}

/** Makes the id of a message that is sent now. */
function personMessageId(now: Date): string {
  return `${now.getTime()}-${randomUUID()}`;
}

/** Cleans the name of a person, so that it is one line of at most 100 characters. */
export function personName(name: string): string {
  return visible(name).replace(/\s+/g, ' ').trim().slice(0, LIMITS.personNameCharacters);
}

function problemOf({ by, text }: PersonMessage): string | undefined {
  if (by === '') return 'the name of the person is empty';
  if (text === '') return 'the message is empty';
  if (text.length <= LIMITS.personCharacters) return undefined;
  return `the message has ${text.length} characters; the limit is ${LIMITS.personCharacters}`;
}

/** All messages of people to an agent, oldest first. @param except ids of messages that are left out. */
export async function readPersonMessages(
  control: string,
  agent: string,
  except: ReadonlySet<string> = new Set(),
): Promise<readonly PersonMessage[]> {
  const found = await inDirectory(control, [FILES.people, safeName(agent)], async (path) => {
    const { names } = await listNames(path);
    const ids = names
      .flatMap((name) => (name.endsWith('.json') ? [name.slice(0, -'.json'.length)] : []))
      .filter((id) => isSafeName(id) && !except.has(id))
      .toSorted();
    return mapFew(ids, async (id) => {
      const value = await readUntrustedJson(join(path, `${id}.json`), LIMITS.smallFileBytes);
      return toPersonMessage(value) ?? [];
    });
  });
  return (found ?? []).flat();
}

/** Checks a parsed message. @returns `undefined` for anything else. */
export function toPersonMessage(value: unknown): PersonMessage | undefined {
  if (!isRecord(value)) return undefined;
  const { id, by, text, at } = value;
  const isComplete = [id, by, text, at].every((field) => typeof field === 'string');
  return isComplete ? ({ id, by, text, at } as PersonMessage) : undefined;
}

/** All messages of people, by agent. */
export async function listPersonMessages(
  control: string,
): Promise<ReadonlyMap<string, readonly PersonMessage[]>> {
  const agents = await inDirectory(control, [FILES.people], async (path) => {
    const { names } = await listNames(path, MOST_AGENTS);
    return names.filter(isSafeName).toSorted();
  });
  const found = await mapFew(agents ?? [], async (agent) => {
    return [[agent, await readPersonMessages(control, agent)] as const];
  });
  return new Map(found.flat());
}
