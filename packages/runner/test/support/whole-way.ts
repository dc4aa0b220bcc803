import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { LEAD } from '@agentteam/contract';
import { expect } from '@jest/globals';
import { openRepository, treeOf } from '../../src/git/repository.ts';
import { RUNNER } from './programs.ts';
import { mountSecret } from './secret.ts';
import { shell } from './shell.ts';
import { codingSpec, makePlace, type Place, withSpec } from './team.ts';
import { handOverWork, mergeWork } from './work.ts';

/** The environment of a team's steps besides their specs. */
export interface Way {
  /** The repository `acme/backend` on its host. */
  readonly bare: string;
  readonly url: string;
  /** The mounted Secret for git. */
  readonly secret: Readonly<Record<string, string>>;
  readonly delivery?: object;
  readonly env?: () => NodeJS.ProcessEnv;
}

/** Clones, makes a file say `change`, and delivers it. Each step runs in a process, as in its container. */
export async function wholeWay(
  change: string,
  { bare, url, secret, delivery = { onComplete: 'push-branch' }, env = () => ({}) }: Way,
): Promise<void> {
  const place = await makePlace();
  await mountSecret(place, 'git', secret);
  const spec = codingSpec(url, { api: {} });
  expect(await step('setup', place, spec, env())).toMatchObject({ code: 0 });
  const repository = await openRepository(place.root, spec);
  await shell(treeOf(repository, 'api'), `echo ${change} > a.txt`);
  await handOverWork(repository, 'api');
  await mergeWork(repository, join(place.volume, 'sessions', LEAD));
  expect(await step('deliver', place, { ...spec, ...delivery }, env())).toMatchObject({ code: 0 });
  expect(await shell(bare, 'git show teams/auth:a.txt')).toBe(change);
}

/** Runs a step as in its container. */
export async function step(
  command: string,
  place: Place,
  spec: object,
  more: NodeJS.ProcessEnv = {},
): Promise<{ readonly code: number | null; readonly log: string }> {
  const env = { ...withSpec(place, spec), PATH: process.env['PATH'], ...more };
  const child: ChildProcess = spawn(process.execPath, [RUNNER, command], {
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const [out, err, [code]] = await Promise.all([
    text(child.stdout as NodeJS.ReadableStream),
    text(child.stderr as NodeJS.ReadableStream),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  return { code, log: out + err };
}
