import { lstatSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FILES, parseJson, type TeamPause, toTeamPause } from '@agentteam/contract';
import { LIMITS } from './file/limits.ts';
import { readFileOfAgent } from './file/read.ts';
import { writeJsonOnce } from './file/write.ts';
import { personName } from './person-message.ts';

/**
 * Pauses a team: gateways hold the requests of its agents until the pause is removed.
 * @param by name of the person.
 * @param at when, ISO 8601. Default: now.
 * @returns whether this call paused it; a team that is paused stays as it is.
 */
export async function writeTeamPause(
  control: string,
  by: string,
  at: string = new Date().toISOString(),
): Promise<boolean> {
  const pause: TeamPause = { by: personName(by), at };
  // The team may be paused before its first step has made the directory.
  await mkdir(control, { recursive: true });
  return writeJsonOnce(join(control, FILES.pause), pause);
}

/** Ends the pause of a team, if there is one. */
export async function removeTeamPause(control: string): Promise<void> {
  await rm(join(control, FILES.pause), { force: true });
}

/** @returns `undefined` if the team is not paused. A file that cannot be read also pauses it. */
export async function readTeamPause(control: string): Promise<TeamPause | undefined> {
  const path = join(control, FILES.pause);
  // Gateways look before each request. For the usual case, a missing file, this takes a few microseconds.
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
  const reading = await readFileOfAgent(path, LIMITS.smallFileBytes);
  if ('missing' in reading) return undefined;
  const pause = 'text' in reading ? toTeamPause(parseJson(reading.text)) : undefined;
  return pause ?? { by: 'unknown', at: '1970-01-01T00:00:00.000Z' };
}
