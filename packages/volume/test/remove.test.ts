import { chmod, lstat, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { findFiles, LIMITS, removeTrees, removeTreesNow } from '../src/index.ts';
import { floodWithFiles, makeDeep, makePipe } from './flood.ts';
import { temporaryDirectory } from './temporary.ts';

describe('a directory that an agent has filled', () => {
  test.each([
    ['synchronously', async (paths: readonly string[]) => removeTreesNow(paths)],
    ['asynchronously', removeTrees],
  ])('is removed %s at any depth and size, but not what it links to', async (_, remove) => {
    const outside = await temporaryDirectory();
    await writeFile(join(outside, 'kept'), 'kept');
    const tree = join(await temporaryDirectory(), 'tree');
    await makeDeep(join(tree, 'deep'), 1500);
    floodWithFiles(join(tree, 'many'), 5000);
    await symlink(outside, join(tree, 'link'));
    await makePipe(join(tree, 'pipe'));
    await mkdir(join(tree, 'cache'));
    await writeFile(join(tree, 'cache', 'module'), '');
    await chmod(join(tree, 'cache'), 0o500);
    await remove([tree, join(tree, 'none')]);
    await expect(lstat(tree)).rejects.toThrow('ENOENT');
    expect(await readFile(join(outside, 'kept'), 'utf8')).toBe('kept');
  });

  test('is searched for files up to a limit, from the top, without following links', async () => {
    const tree = await temporaryDirectory();
    await makeDeep(join(tree, 'deep'), 1500);
    await symlink('/', join(tree, 'root'));
    await makePipe(join(tree, 'pipe'));
    await writeFile(join(tree, 'report.md'), '');
    expect(await findFiles(tree)).toEqual({ files: ['report.md'], cut: true });
    floodWithFiles(join(tree, 'many'), LIMITS.outputEntries + 1);
    const { files, cut } = await findFiles(tree);
    expect(files).toContain('report.md');
    expect(files.length).toBeLessThanOrEqual(LIMITS.outputEntries);
    expect(cut).toBe(true);
    expect(await findFiles(join(tree, 'none'))).toEqual({ files: [], cut: false });
  });
});
