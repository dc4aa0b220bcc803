import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentTeam } from '@agentteam/api';
import { expect, test } from '@jest/globals';
import { checkContainers } from '../../src/run/check-containers.ts';
import { temporaryDirectories } from '../temporary.ts';

const temporary = temporaryDirectories();
const team = {
  spec: { environment: { image: 'golang' }, lead: {}, teammates: [{ name: 'one' }] },
} as unknown as AgentTeam;

/** A directory with programs of these names. */
async function programs(...names: readonly string[]): Promise<string> {
  const directory = await temporary();
  for (const name of names) await writeFile(join(directory, name), '', { mode: 0o755 });
  return directory;
}

test.each<[readonly string[], string]>([
  [['podman', 'docker'], 'podman'],
  [['docker'], 'docker'],
  [[], 'podman'],
])('of the installed programs %j, --containers uses %s', async (installed, engine) => {
  const env = { PATH: `/nowhere:${await programs(...installed)}` };
  expect(checkContainers({ containers: true }, team, env)).toBe(engine);
  expect(checkContainers({ containers: 'docker' }, team, env)).toBe('docker');
  expect(checkContainers({}, team, env)).toBeUndefined();
});
