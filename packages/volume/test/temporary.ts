import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { type NativeTeam, removeTrees } from '../src/index.ts';

const made: string[] = [];
afterAll(async () => {
  await removeTrees(made);
});

export async function temporaryDirectory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'agentteam-volume '));
  made.push(path);
  return path;
}

export async function temporaryTeam(): Promise<NativeTeam> {
  const root = await temporaryDirectory();
  return { team: 'demo', teams: join(root, 'teams'), tasks: join(root, 'tasks') };
}
