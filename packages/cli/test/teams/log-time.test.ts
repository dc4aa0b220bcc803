import { expect, test } from '@jest/globals';
import { type Log, mergeByTime } from '../../src/teams/log-time.ts';
import type { LogLine } from '../../src/teams/team-host.ts';

function log(step: string, startedAt: string, texts: readonly string[]): Log {
  const lines = async function* lines(): AsyncIterable<LogLine> {
    for (const text of texts) yield { step, container: 'main', text };
  };
  return { lines: lines(), startedAt };
}

const at = (second: number, text: string): string => `2026-11-29T12:00:0${second}Z says ${text}`;

test('logs are merged by time, and each keeps its order', async () => {
  const logs = [
    log('a', '2026-11-29T12:00:00Z', [at(1, 'one'), 'a trace', at(4, 'four'), at(3, 'late')]),
    log('b', '2026-11-29T12:00:00Z', ['first', at(2, 'two'), at(5, 'five')]),
    log('c', '2026-11-29T12:00:06Z', ['last']),
  ];
  const texts: string[] = [];
  for await (const { text } of mergeByTime(logs)) texts.push(text.replace(/^\S+Z says /, ''));
  expect(texts).toEqual(['first', 'one', 'a trace', 'two', 'four', 'late', 'five', 'last']);
});

test('a reader that stops early closes all logs', async () => {
  const closed: string[] = [];
  const open = async function* open(step: string): AsyncIterable<LogLine> {
    try {
      for (;;) yield { step, container: 'main', text: 'x' };
    } finally {
      closed.push(step);
    }
  };
  const logs = ['a', 'b'].map((step) => ({ lines: open(step), startedAt: undefined }));
  for await (const _ of mergeByTime(logs)) break;
  expect(closed.toSorted()).toEqual(['a', 'b']);
});
