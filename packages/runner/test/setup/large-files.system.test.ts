import { createHash } from 'node:crypto';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { LEAD } from '@agentteam/contract';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { deliverCommand } from '../../src/deliver/command.ts';
import { openRepository, treeOf } from '../../src/git/repository.ts';
import { setupCommand } from '../../src/setup/command.ts';
import { type GitHttpServer, serveGit } from '../support/git-http-server.ts';
import { type LfsServer, startLfs } from '../support/lfs-server.ts';
import { printed } from '../support/printed.ts';
import { mountSecret } from '../support/secret.ts';
import { makeRepository, shell, temporaryDirectory } from '../support/shell.ts';
import { codingSpec, makePlace, never, type Place, withSpec } from '../support/team.ts';
import { handOverWork, mergeWork } from '../support/work.ts';

const TOKEN = 'ghp_a-token-that-must-not-be-seen';
/** Configures Git LFS as `git lfs install` does for a person. */
const LFS =
  'git config filter.lfs.clean "git-lfs clean -- %f"; git config filter.lfs.smudge "git-lfs smudge -- %f"; git config filter.lfs.required true';

const oidOf = (text: string) => createHash('sha256').update(text).digest('hex');

let bare: string;
let lfs: LfsServer;
let remote: GitHttpServer;
beforeEach(async () => {
  const version = await shell('/', 'git lfs version 2>&1 || true');
  if (!version.startsWith('git-lfs/')) {
    throw new Error('These tests need Git LFS: apt-get install git-lfs');
  }
  const served = await temporaryDirectory();
  bare = join(served, 'acme/backend.git');
  await mkdir(join(served, 'acme'));
  await makeRepository(join(served, 'work'), { 'a.txt': 'one\n' });
  await shell(
    join(served, 'work'),
    `${LFS}; echo "*.bin filter=lfs -text" > .gitattributes; echo large > big.bin; git add .; git commit -qm large; git clone -q --bare . ../acme/backend.git`,
  );
  lfs = await startLfs();
  lfs.objects.set(oidOf('large\n'), Buffer.from('large\n'));
  remote = await serveGit(served, `x-access-token:${TOKEN}`, { lfs: lfs.answer });
});
afterEach(async () => {
  await remote.close();
  await lfs.close();
});

async function setUp(token: string) {
  const place = await makePlace();
  await mountSecret(place, 'git', { token });
  const spec = codingSpec(`${remote.url}/acme/backend.git`, { api: {} });
  return { place, spec, ...(await printed(() => setupCommand(withSpec(place, spec), [], never))) };
}

/** Commits the changes of a script, merges them and delivers them. */
async function deliver(place: Place, spec: ReturnType<typeof codingSpec>, script: string) {
  const repository = await openRepository(place.root, spec);
  await shell(treeOf(repository, 'api'), script);
  await handOverWork(repository, 'api');
  await mergeWork(repository, join(place.volume, 'sessions', LEAD));
  const whole = { ...spec, onComplete: 'push-branch' };
  return printed(() => deliverCommand(withSpec(place, whole), [], never));
}

describe('large files over http', () => {
  test('are fetched and pushed with the token, which is not shown to the file server', async () => {
    const { place, spec, result, log } = await setUp(TOKEN);
    expect({ result, log }).toMatchObject({ result: 0 });
    const tree = join(place.volume, 'repository/trees/api');
    expect(await shell(tree, 'cat big.bin; git status --porcelain')).toBe('large');
    const delivered = await deliver(place, spec, 'echo larger > new.bin');
    expect(delivered).toMatchObject({ result: 0 });
    expect(lfs.objects.get(oidOf('larger\n'))?.toString()).toBe('larger\n');
    expect(await shell(bare, 'git cat-file blob teams/auth:new.bin')).toContain(oidOf('larger\n'));
    expect(lfs.strayed).toEqual([]);
    expect(log + delivered.log).not.toContain(TOKEN);
    expect(await shell(place.volume, `grep -r -a -l ${TOKEN} . || true`)).toBe('');
  });

  test('with a likely secret are not delivered', async () => {
    const { place, spec } = await setUp(TOKEN);
    const key = 'key = AKIAQYLPMN5HHHFPZAM3';
    const script = `echo '${key}' > new.bin; git add .; git commit -qm new`;
    const { result, log } = await deliver(place, spec, script);
    expect({ result, log }).toMatchObject({ result: 68 });
    expect(log).toMatch(/^- new\.bin:1: AWS Access Key ID, [0-9a-f]+ by /m);
    expect(lfs.objects.has(oidOf(`${key}\n`))).toBe(false);
  });

  test('that are missing on the server fail setup with a message', async () => {
    lfs.objects.clear();
    const { result, log } = await setUp(TOKEN);
    expect(result).toBe(68);
    expect(log).toContain(oidOf('large\n'));
    expect(log).toContain('its Git LFS storage lacks a file of the branch');
  });

  test('need Git LFS, and the message says so', async () => {
    const programs = await temporaryDirectory();
    for (const program of ['git', 'sh', 'tr', 'env']) {
      await symlink(await shell('/', `command -v ${program}`), join(programs, program));
    }
    const path = process.env['PATH'];
    process.env['PATH'] = programs;
    const { result, log } = await setUp(TOKEN).finally(() => {
      process.env['PATH'] = path;
    });
    expect(result).toBe(64);
    expect(log).toContain('git-lfs is not installed');
  });
});

test('a repository that did not use Git LFS before can be delivered', async () => {
  await shell(bare, 'git update-ref refs/heads/main main~1');
  const { place, spec } = await setUp(TOKEN);
  const script = 'echo "*.bin filter=lfs -text" > .gitattributes; echo large > big.bin';
  expect(await deliver(place, spec, script)).toMatchObject({ result: 0 });
  expect(await shell(bare, 'git cat-file blob teams/auth:big.bin')).toBe('large');
});
