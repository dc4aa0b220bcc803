import { appendFile, lstat, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  FILES,
  isRecord,
  type ProviderRefusal,
  type ProviderWait,
  parseJson,
  readTime,
  toProviderWait,
} from '@agentteam/contract';
import { mapFew } from './file/each.ts';
import { LIMITS } from './file/limits.ts';
import { isSafeName, safeName } from './file/name.ts';
import { readUntrusted, readUntrustedJson } from './file/read.ts';
import { writeJson } from './file/write.ts';

/** Records that the provider rejects an agent's requests. The file outlives the gateway that writes it. */
export async function writeProviderWait(
  control: string,
  agent: string,
  wait: ProviderWait,
): Promise<void> {
  await mkdir(waitDirectory(control), { recursive: true });
  await writeJson(fileOf(control, agent), wait);
}

/** Records that the agent no longer waits. */
export async function removeProviderWait(control: string, agent: string): Promise<void> {
  await rm(fileOf(control, agent), { force: true });
}

/** @returns `undefined` for an agent that does not wait. */
export async function readProviderWait(
  control: string,
  agent: string,
): Promise<ProviderWait | undefined> {
  return toProviderWait(await readUntrustedJson(fileOf(control, agent), LIMITS.smallFileBytes));
}

/** The waits of some agents, by agent. Agents that do not wait have no entry. */
export async function readProviderWaits(
  control: string,
  agents: readonly string[],
): Promise<ReadonlyMap<string, ProviderWait>> {
  const found = await mapFew(agents.filter(isSafeName), async (agent) => {
    const wait = await readProviderWait(control, agent);
    return wait === undefined ? [] : [[agent, wait] as const];
  });
  return new Map(found.flat());
}

/** The directory with the waits of a team's agents. */
export function waitDirectory(control: string): string {
  return join(control, FILES.waiting);
}

function fileOf(control: string, agent: string): string {
  return join(waitDirectory(control), `${safeName(agent)}.json`);
}

function pastFileOf(control: string, agent: string): string {
  return join(waitDirectory(control), `${safeName(agent)}.jsonl`);
}

/** A wait that is over. */
export interface PastProviderWait extends ProviderWait {
  /** When the agent no longer waited, ISO 8601. */
  readonly ended: string;
}

/** Records a wait that is over, for timelines. Nothing is recorded once the file has its full size. */
export async function recordPastProviderWait(
  control: string,
  agent: string,
  wait: PastProviderWait,
): Promise<void> {
  const file = pastFileOf(control, agent);
  const size = await lstat(file).then(
    (stat) => stat.size,
    () => 0,
  );
  const line = `${JSON.stringify(wait)}\n`;
  if (size + line.length > LIMITS.smallFileBytes) return;
  await mkdir(waitDirectory(control), { recursive: true });
  await appendFile(file, line);
}

/** The waits of an agent that are over, in the order of their end. */
export async function readPastProviderWaits(
  control: string,
  agent: string,
): Promise<readonly PastProviderWait[]> {
  const text = (await readUntrusted(pastFileOf(control, agent), LIMITS.smallFileBytes)) ?? '';
  return text.split('\n').flatMap((line) => {
    const value = parseJson(line);
    const wait = toProviderWait(value);
    const ended = isRecord(value) ? readTime(value['ended']) : undefined;
    return wait === undefined || ended === undefined ? [] : [{ ...wait, ended }];
  });
}

/** Tells an agent's runner what the provider refused. @param directory `PATHS.gateway`. */
export async function writeProviderRefusal(
  directory: string,
  refusal: ProviderRefusal,
): Promise<void> {
  await writeJson(join(directory, FILES.refusal), refusal);
}

export async function removeProviderRefusal(directory: string): Promise<void> {
  await rm(join(directory, FILES.refusal), { force: true });
}

/** @returns `undefined` if the provider refused nothing, or has answered since. */
export async function readProviderRefusal(directory: string): Promise<ProviderRefusal | undefined> {
  const value = await readUntrustedJson(join(directory, FILES.refusal), LIMITS.smallFileBytes);
  const complete =
    isRecord(value) &&
    typeof value['message'] === 'string' &&
    typeof value['exitCode'] === 'number' &&
    typeof value['final'] === 'boolean';
  return complete ? (value as unknown as ProviderRefusal) : undefined;
}
