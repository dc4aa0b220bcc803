import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { AgentTeam, COMPLETE, HOLD } from './support/agent-team.ts';

let team: AgentTeam;
afterEach(() => team.remove());

test('the paths in an agent’s first prompt are still valid in its next pod', async () => {
  const output = '/workspace/output';
  team = await AgentTeam.make({
    script: {
      mate: {
        turns: [
          { tools: [HOLD] },
          { tools: [{ name: 'Write', input: { file_path: `${output}/a.md`, content: 'Kept.' } }] },
          { tools: [COMPLETE] },
          { text: 'Done.' },
        ],
      },
    },
  });
  const place = join(team.place.directory, 'output');
  const options = { agent: { output }, mounts: { [output]: place } };
  const first = await team.start('mate', options);
  await team.busy('mate');
  await first.terminate();
  // As on a cluster, nothing of the pod is left.
  await first.remove();
  await team.release('mate');
  const second = await team.start('mate', { ...options, attempt: 1 });
  expect(await second.exited).toBe(0);
  expect(await readFile(join(place, 'a.md'), 'utf8')).toBe('Kept.');
});
