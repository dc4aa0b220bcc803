import type { AgentPhase, AgentState } from '@agentteam/contract';
import type { Task } from '@agentteam/volume';
import { expect, test } from '@jest/globals';
import { openTasksOf } from '../../src/agent/member/open-tasks.ts';

function task(id: string, owner: string, more: Partial<Task> = {}): Task {
  const open = { status: 'pending', blocks: [], blockedBy: [] } as const;
  return { id, subject: `Task ${id}`, description: '', owner, ...open, ...more };
}

/** Whether a task of `me` is ready that a task of `other` blocks. */
function isReady(blocker: Partial<Task>, phase?: AgentPhase): boolean {
  const tasks = [task('1', 'other', blocker), task('2', 'me', { blockedBy: ['1'] })];
  const state = { name: 'other', attempt: 0, sessionId: '', startedAt: '', turns: 0 };
  const states: [string, AgentState][] =
    phase === undefined ? [] : [['other', { ...state, phase }]];
  const { open, ready } = openTasksOf('me', tasks, new Map(states));
  expect(open.map(({ id }) => id)).toEqual(['2']);
  return ready.length === 1;
}

test('an agent’s own tasks that are not completed are open', () => {
  const tasks = [
    task('1', 'me'),
    task('2', 'me', { status: 'in_progress', blockedBy: ['gone'] }),
    task('3', 'me', { status: 'completed' }),
    task('4', 'other'),
  ];
  const { open, ready } = openTasksOf('me', tasks, new Map());
  expect(open.map(({ id }) => id)).toEqual(['1', '2']);
  expect(ready).toEqual(open);
});

test.each([undefined, 'running', 'stopped'] as const)(
  'a task is blocked while the agent of the blocking task may still complete it (%s)',
  (phase) => {
    expect(isReady({}, phase)).toBe(false);
    expect(isReady({ status: 'in_progress' }, phase)).toBe(false);
    expect(isReady({ status: 'completed' }, phase)).toBe(true);
  },
);

test.each(['completed', 'failed', 'absent'] as const)(
  'a task is ready if the agent of the blocking task has ended (%s)',
  (phase) => expect(isReady({}, phase)).toBe(true),
);
