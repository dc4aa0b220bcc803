import { EXIT } from '@agentteam/contract';
import type { Task } from '@agentteam/volume';
import { expect, test } from '@jest/globals';
import { Closing, endingOfDeparted, type IdleAgent } from '../../src/agent/closing.ts';

const MINUTE = 60_000;

const task: Task = {
  id: '1',
  subject: 'Build it',
  description: '',
  status: 'in_progress',
  blocks: [],
  blockedBy: [],
};
const build = { id: 'b1', description: 'npm run build' };

function agent(more: Partial<IdleAgent> = {}): IdleAgent {
  const nothing = { open: [], ready: [], background: [] };
  return { role: 'teammate', reported: undefined, ...nothing, noReport: undefined, ...more };
}

const completed = { outcome: 'completed', summary: 'Built.' } as const;

/** What an agent does that answers every question by ending its turn, and how long each takes. */
function ask(closing: Closing, idle: IdleAgent, ms = 86_400_000) {
  const asked: { at: number; message: string }[] = [];
  for (let now = 0; now < ms; ) {
    const step = closing.next(idle, now);
    if (step.kind === 'end') return { asked, at: now, ending: step.ending };
    if (step.kind === 'wait') now += step.ms ?? ms;
    else {
      asked.push({ at: now, message: step.message });
      closing.turnEnded();
    }
  }
  return { asked };
}

test('an agent that has reported and has nothing open ends at once, unasked', () => {
  expect(new Closing().next(agent({ reported: completed }), 0)).toEqual({
    kind: 'end',
    ending: { exitCode: EXIT.ok },
  });
});

test('an agent that does not report is asked once; then it completes, with a note', () => {
  const { asked, ending } = ask(new Closing(), agent());
  expect(asked).toHaveLength(1);
  expect(asked[0]?.message).toContain('you have not said how you ended');
  expect(ending).toEqual({
    exitCode: EXIT.ok,
    message: expect.stringMatching(/^ended without a declaration/),
  });
});

test('a lead that does not report is asked once; then its step fails', () => {
  const { asked, ending } = ask(new Closing(), agent({ role: 'lead' }));
  expect(asked).toHaveLength(1);
  expect(ending?.exitCode).toBe(EXIT.unreported);
});

test('an unusable last message is named when the agent is asked, and again at the end', () => {
  const { asked, ending } = ask(new Closing(), agent({ noReport: 'was empty' }));
  expect(asked.map(({ message }) => message)).toEqual([
    expect.stringContaining('Your last message was empty.'),
  ]);
  expect(ending?.message).toContain('its last message was empty');
});

test.each([
  ['failed', EXIT.reportedFailed],
  ['blocked', EXIT.reportedBlocked],
] as const)('an agent that reports %s ends at once, whatever is open or runs', (outcome, code) => {
  const reported = { outcome, summary: 'Tried.', reason: 'no such module' };
  const idle = agent({ reported, open: [task], ready: [task], background: [build] });
  expect(new Closing().next(idle, 0)).toEqual({
    kind: 'end',
    ending: { exitCode: code, message: `reported ${outcome}: no such module` },
  });
});

test('an agent that had nothing to do completes and says why', () => {
  const reported = { outcome: 'nothing-to-do', summary: 'Looked.', reason: 'it is fixed' } as const;
  const { asked, ending } = ask(new Closing(), agent({ reported }));
  expect(asked).toEqual([]);
  expect(ending).toEqual({ exitCode: EXIT.ok, message: 'had nothing to do: it is fixed' });
});

test('an agent that reports completed with a task open is asked once, and then it is noted', () => {
  const idle = agent({ reported: completed, open: [task], ready: [] });
  const { asked, ending } = ask(new Closing(), idle);
  expect(asked).toHaveLength(1);
  expect(ending).toEqual({
    exitCode: EXIT.ok,
    message: 'reported with tasks open: #1 Build it',
  });
});

test('an agent with a task open is asked three times, with growing pauses', () => {
  const { asked, ending } = ask(new Closing(), agent({ open: [task], ready: [task] }));
  expect(asked.map(({ at }) => at)).toEqual([0, 5_000, 25_000]);
  expect(ending).toEqual({
    exitCode: EXIT.unfinished,
    message: 'left tasks open: #1 Build it',
  });
});

test('an agent whose tasks are all blocked waits, without being asked', () => {
  expect(ask(new Closing(), agent({ open: [task] }))).toEqual({ asked: [] });
});

test('an agent with a task in the background is not asked for ten minutes, and then ever more rarely', () => {
  const idle = agent({ open: [task], ready: [task], background: [build] });
  const { asked, at, ending } = ask(new Closing(), idle);
  expect(asked.map(({ at }) => at)).toEqual([10 * MINUTE, 30 * MINUTE, 70 * MINUTE]);
  expect(asked[0]?.message).toContain('b1 (npm run build)');
  expect(at).toBe(150 * MINUTE);
  expect(ending?.message).toBe('left background tasks running: npm run build');
});

test('the end of a background task wakes the agent: it is not asked in the moment before', () => {
  const closing = new Closing();
  const idle = agent({ open: [task], ready: [task] });
  closing.next({ ...idle, background: [build] }, 0);
  expect(closing.next(idle, 1_000)).toEqual({ kind: 'wait', ms: 2_000 });
  expect(closing.next(idle, 2_500)).toEqual({ kind: 'wait', ms: 500 });
  expect(closing.next(idle, 3_000)).toMatchObject({ kind: 'ask' });
});

test('an agent that has reported is asked at once about what runs in the background', () => {
  const idle = agent({ reported: completed, background: [build] });
  const { asked, at, ending } = ask(new Closing(), idle);
  expect(asked.map(({ at }) => at)).toEqual([0]);
  expect(at).toBe(10 * MINUTE);
  expect(ending).toEqual({
    exitCode: EXIT.ok,
    message: 'left background tasks running, which were stopped: npm run build',
  });
});

test('a shutdown that is approved with tasks open is not completion', () => {
  expect(endingOfDeparted(agent({ reported: completed, open: [task] }))).toEqual({
    exitCode: EXIT.unfinished,
    message: 'approved a shutdown with tasks open: #1 Build it',
  });
});
