import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Delivery } from '@agentteam/volume';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readDelivered } from '../../src/agent/claude-code/transcript.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'transcript '));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const deliveries = ['a', 'b', 'c', 'd'].map(
  (uuid): Delivery => ({ uuid, text: `text of ${uuid}`, at: '', mail: [] }),
);

/** The uuids of the deliveries that a transcript of these lines contains; its last line is cut off. */
async function deliveredIn(...lines: readonly object[]): Promise<readonly string[]> {
  const path = join(directory, 'transcript.jsonl');
  await writeFile(path, `${lines.map((line) => JSON.stringify(line)).join('\n')}\n{"torn`);
  return [...(await readDelivered(path, deliveries))].sort();
}

const user = (uuid: string, content: unknown) => ({ type: 'user', uuid, message: { content } });

test('finds deliveries alone, as blocks, in the middle of a turn, and several at once', async () => {
  expect(await deliveredIn(user('a', 'text of a'))).toEqual(['a']);
  expect(await deliveredIn(user('a', [{ type: 'text', text: 'text of a' }]))).toEqual(['a']);
  const attachment = { type: 'queued_command', source_uuid: 'b', prompt: 'text of b' };
  expect(await deliveredIn({ type: 'attachment', uuid: 'x', attachment })).toEqual(['b']);
  const joined = user('c', 'text of a\ntext of b\ntext of c');
  expect(await deliveredIn(joined)).toEqual(['a', 'b', 'c']);
});

test('ignores other messages with the same text or uuid', async () => {
  expect(await deliveredIn(user('x', 'text of a'))).toEqual([]);
  const assistant = { type: 'assistant', uuid: 'a' };
  expect(await deliveredIn(user('d', 'text of d'), assistant)).toEqual(['d']);
});
