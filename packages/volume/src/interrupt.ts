import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FILES, isRecord } from '@agentteam/contract';
import { LIMITS } from './file/limits.ts';
import { safeName } from './file/name.ts';
import { readUntrustedJson } from './file/read.ts';
import { writeJson } from './file/write.ts';
import { personName } from './person-message.ts';

/** A person's request that an agent stops what it is doing and waits for that person's next message. */
export interface Interrupt {
  readonly id: string;
  /** Name of the person: one line. */
  readonly by: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** The directory of the latest interrupt of each agent, where agents cannot write. */
export function interruptDirectory(control: string): string {
  return join(control, FILES.interrupts);
}

/**
 * Asks an agent's runner to interrupt the agent's turn. A newer request replaces an older one.
 * @param id A request with the id of the latest one has no effect.
 */
export async function requestInterrupt(
  control: string,
  agent: string,
  by: string,
  id: string = randomUUID(),
): Promise<Interrupt> {
  const interrupt = { id, by: personName(by), at: new Date().toISOString() };
  await mkdir(interruptDirectory(control), { recursive: true });
  await writeJson(interruptFile(control, agent), interrupt);
  return interrupt;
}

/** The latest interrupt of an agent; undefined if there is none. */
export async function readInterrupt(
  control: string,
  agent: string,
): Promise<Interrupt | undefined> {
  return toInterrupt(await readUntrustedJson(interruptFile(control, agent), LIMITS.smallFileBytes));
}

/** Checks a parsed interrupt. @returns `undefined` for anything else. */
function toInterrupt(value: unknown): Interrupt | undefined {
  if (!isRecord(value)) return undefined;
  const { id, by, at } = value;
  const isComplete = [id, by, at].every((field) => typeof field === 'string');
  return isComplete ? ({ id, by, at } as Interrupt) : undefined;
}

function interruptFile(control: string, agent: string): string {
  return join(interruptDirectory(control), `${safeName(agent)}.json`);
}
