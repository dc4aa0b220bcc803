import { writeFileSync } from 'node:fs';
import { createRun, execute } from '../../src/index.ts';
import { task, workflow } from '../workflows.ts';

/**
 * Executes `attack.mjs` as a sandboxed agent. A program of its own, so that any user can run it:
 * `engine.ts DIRECTORY`. The directory `claim` there holds the agent's files.
 */
const [directory = ''] = process.argv.slice(2);
const own = '/own';
createRun(
  `${directory}/run`,
  workflow(
    [task('a', 'a')],
    [
      {
        name: 'a',
        volumes: [
          { name: 'own', persistentVolumeClaim: { claimName: 'own' } },
          { name: 'tmp', emptyDir: {} },
        ],
        container: {
          image: 'test',
          command: ['node'],
          args: [`${own}/attack.mjs`, `${own}/targets.json`, `${own}/result.json`],
          volumeMounts: [
            { name: 'own', mountPath: own },
            { name: 'tmp', mountPath: '/tmp' },
          ],
        },
      },
    ],
  ),
);
const { status } = await execute(`${directory}/run`, {
  signal: new AbortController().signal,
  programs: { commands: { node: [process.execPath] }, directories: [process.execPath], path: [] },
  claims: { own: `${directory}/claim`, 'test-team': 'volumes/team' },
  configMaps: {},
  secrets: {},
  sandboxed: () => true,
  env: () => ({}),
});
const message = Object.values(status?.nodes ?? {}).find(({ type }) => type === 'Pod')?.message;
writeFileSync(`${directory}/ended.json`, JSON.stringify({ phase: status?.phase, message }));
