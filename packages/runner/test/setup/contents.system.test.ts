import { createHash } from 'node:crypto';
import { mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { LEAD } from '@agentteam/contract';
import { describe, expect, test } from '@jest/globals';
import { deliverCommand } from '../../src/deliver/command.ts';
import { openRepository, treeOf } from '../../src/git/repository.ts';
import { setupCommand } from '../../src/setup/command.ts';
import { serveGit } from '../support/git-http-server.ts';
import { printed } from '../support/printed.ts';
import { mountSecret } from '../support/secret.ts';
import { makeRepository, shell, temporaryDirectory } from '../support/shell.ts';
import { codingSpec, makePlace, never, withSpec } from '../support/team.ts';
import { handOverWork, mergeWork } from '../support/work.ts';

/** Configures Git LFS as `git lfs install` does for a person. */
const LFS =
  'git config filter.lfs.clean "git-lfs clean -- %f"; git config filter.lfs.smudge "git-lfs smudge -- %f"; git config filter.lfs.required true';

describe('large files', () => {
  async function largeFiles() {
    const version = await shell('/', 'git lfs version 2>&1 || true');
    if (!version.startsWith('git-lfs/')) {
      throw new Error('These tests need Git LFS: apt-get install git-lfs');
    }
    const place = await makePlace();
    const work = join(place.directory, 'work');
    await makeRepository(work, { 'a.txt': 'one\n' });
    await shell(
      place.directory,
      `git init -q --bare -b main source.git; cd work; ${LFS}; git remote add origin "file://\${PWD// /%20}/../source.git"; echo "*.bin filter=lfs -text" > .gitattributes; echo large > big.bin; git add .; git commit -qm large; git lfs push origin main; git push -q --no-verify origin main`,
    );
    const source = join(place.directory, 'source.git');
    const spec = codingSpec(source, { api: {} });
    const { result, log } = await printed(() => setupCommand(withSpec(place, spec), [], never));
    expect({ result, log }).toMatchObject({ result: 0 });
    return { place, source, spec, repository: await openRepository(place.root, spec) };
  }

  test('are in the worktrees, and new ones are delivered', async () => {
    const { place, source, spec, repository } = await largeFiles();
    const tree = treeOf(repository, 'api');
    expect(await shell(tree, 'cat big.bin')).toBe('large');
    await shell(tree, 'echo larger > new.bin');
    await handOverWork(repository, 'api');
    await mergeWork(repository, join(place.volume, 'sessions', LEAD));
    expect(await shell(tree, 'git cat-file blob HEAD:new.bin')).toContain('git-lfs');
    const deliver = { ...spec, onComplete: 'push-branch' };
    const { result, log } = await printed(() =>
      deliverCommand(withSpec(place, deliver), [], never),
    );
    expect({ result, log }).toMatchObject({ result: 0 });
    const clone = `git clone -q -b teams/auth --no-checkout "${source}" clone; cd clone; ${LFS}; git remote set-url origin "file://${encodeURI(source)}"; git reset -q --hard; cat new.bin`;
    expect(await shell(place.directory, clone)).toBe('larger');
  });

  test('that are links to other files are not sent', async () => {
    const { place, spec, repository } = await largeFiles();
    await shell(treeOf(repository, 'api'), 'echo larger > new.bin');
    await handOverWork(repository, 'api');
    await mergeWork(repository, join(place.volume, 'sessions', LEAD));
    const id = createHash('sha256').update('larger\n').digest('hex');
    const left = join(repository.state, 'api', `lfs-${id}`);
    await rm(left);
    await symlink('/etc/hostname', left);
    const deliver = { ...spec, onComplete: 'push-branch' };
    const { result, log } = await printed(() =>
      deliverCommand(withSpec(place, deliver), [], never),
    );
    expect(result).toBe(68);
    expect(log).toContain('not a regular file');
  });
});

describe('submodules', () => {
  async function withSubmodule(url: string) {
    const served = await temporaryDirectory();
    await mkdir(join(served, 'acme'));
    await makeRepository(join(served, 'lib'), { 'lib.txt': 'lib\n' });
    await makeRepository(join(served, 'source'), { 'a.txt': 'one\n' });
    await shell(
      served,
      `git clone -q --bare lib acme/lib.git; cd source; git config -f .gitmodules submodule.lib.path lib; git config -f .gitmodules submodule.lib.url "$URL"; git add .gitmodules; git update-index --add --cacheinfo 160000,$(git -C ../lib rev-parse HEAD),lib; git commit -qm sub; cd ..; git clone -q --bare source acme/backend.git`,
      { URL: url.replace('$SERVED', served) },
    );
    const remote = await serveGit(served, 'x-access-token:token');
    const place = await makePlace();
    await mountSecret(place, 'git', { token: 'token' });
    const spec = codingSpec(`${remote.url}/acme/backend.git`, { api: {} });
    const { result, log } = await printed(() => setupCommand(withSpec(place, spec), [], never));
    await remote.close();
    return { result, log, tree: join(place.volume, 'repository/trees/api') };
  }

  test('are checked out from the same host, with the same credentials', async () => {
    const { result, log, tree } = await withSubmodule('../lib.git');
    expect({ result, log }).toMatchObject({ result: 0 });
    expect(await shell(tree, 'cat lib/lib.txt; git status --porcelain')).toBe('lib');
  });

  test('cannot have a local path', async () => {
    const { result, log } = await withSubmodule('$SERVED/lib');
    expect(result).toBe(64);
    expect(log).toMatch(/The submodule lib has the local path .*, which is not allowed/);
  });
});
