import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { makeSparseFile } from '../../../volume/test/flood.ts';
import { PART } from '../../src/outputs/copy-file.ts';
import { requireRoom } from '../../src/outputs/require-room.ts';
import { temporaryDirectories } from '../temporary.ts';

const temporary = temporaryDirectories();
const HUGE = { path: 'data/huge.bin', bytes: 2 ** 50 };
const SMALL = { path: 'report.md', bytes: 1_000 };

test('results that the disk has no room for are not fetched', async () => {
  const to = await temporary();
  await requireRoom(to, []);
  await requireRoom(to, [SMALL]);
  await expect(requireRoom(to, [SMALL, HUGE])).rejects.toMatchObject({
    message: expect.stringMatching(
      /^the results need 1125\.9 TB, and the disk of \/.* has room for /,
    ),
    hint: expect.stringContaining('The largest file is data/huge.bin (1125.9 TB).'),
  });
});

test('what is there already needs no room', async () => {
  const to = await temporary();
  const file = { path: 'huge.bin', bytes: 2 ** 43 };
  makeSparseFile(join(to, 'huge.bin'), file.bytes);
  await requireRoom(to, [file]);
  await rename(join(to, 'huge.bin'), join(to, `huge.bin${PART}`));
  await requireRoom(to, [file]);
});
