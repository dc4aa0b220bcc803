import { EXIT } from '@agentteam/contract';
import type { Task } from '@agentteam/volume';
import { expect, test } from '@jest/globals';
import { claudeCode } from '../../src/agent/claude-code/claude-code.ts';
import { Completion, type IdleAgent, resultAfterExit } from '../../src/agent/member/completion.ts';

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
  return {
    ...{ role: 'teammate', reported: undefined, invalid: undefined, defect: undefined },
    ...nothing,
    ...more,
  };
}

const newCompletion = () => new Completion(claudeCode.vocabulary);

const completed = { outcome: 'completed', summary: 'Built.' } as const;

/** Follows the decisions for an agent that answers every question by ending its turn. */
function ask(completion: Completion, idle: IdleAgent, ms = 86_400_000) {
  const asked: { at: number; message: string }[] = [];
  for (let now = 0; now < ms; ) {
    const decision = completion.decide(idle, now);
    if (decision.kind === 'end') return { asked, at: now, result: decision.result };
    if (decision.kind === 'wait') now += decision.ms ?? ms;
    else {
      asked.push({ at: now, message: decision.message });
      completion.turnEnded();
    }
  }
  return { asked };
}

test('an agent that has reported and has no open task ends without a question', () => {
  expect(newCompletion().decide(agent({ reported: completed }), 0)).toEqual({
    kind: 'end',
    result: { exitCode: EXIT.ok },
  });
});

test('an agent that does not report is asked once, and then completes with a note', () => {
  const { asked, result } = ask(newCompletion(), agent());
  expect(asked).toHaveLength(1);
  expect(asked[0]?.message).toContain('you have not reported how you ended');
  expect(result).toEqual({
    exitCode: EXIT.ok,
    message: expect.stringMatching(/^ended without a report/),
  });
});

test('a lead that does not report is asked once, and then its step fails', () => {
  const { asked, result } = ask(newCompletion(), agent({ role: 'lead' }));
  expect(asked).toHaveLength(1);
  expect(result?.exitCode).toBe(EXIT.unreported);
});

test.each([
  ['failed', 'teammate', EXIT.reportedFailed, 'reported failed, without a valid report: '],
  ['blocked', 'lead', EXIT.reportedBlocked, 'reported blocked, without a valid report: '],
  [undefined, 'teammate', EXIT.unreported, 'ended without a valid report: '],
  ['completed', 'teammate', EXIT.ok, 'ended without a report'],
  ['completed', 'lead', EXIT.unreported, 'ended without a report'],
] as const)(
  'an agent whose calls are all invalid is told why, and then ends (%s, %s)',
  (outcome, role, exitCode, start) => {
    const invalid = { problem: 'it says nothing', ...(outcome !== undefined && { outcome }) };
    const { asked, result } = ask(newCompletion(), agent({ role, invalid }));
    expect(asked).toHaveLength(1);
    expect(asked[0]?.message).toContain('was refused: it says nothing.');
    expect(result?.exitCode).toBe(exitCode);
    expect(result?.message?.startsWith(start)).toBe(true);
    expect(result?.message).toContain('it says nothing');
  },
);

test('the question and the result say why the last message cannot serve as a report', () => {
  const { asked, result } = ask(newCompletion(), agent({ defect: 'was empty' }));
  expect(asked.map(({ message }) => message)).toEqual([
    expect.stringContaining('Your last message was empty.'),
  ]);
  expect(result?.message).toContain('its last message was empty');
});

test.each([
  ['failed', EXIT.reportedFailed],
  ['blocked', EXIT.reportedBlocked],
] as const)(
  'an agent that reports %s ends at once, even with open and background tasks',
  (outcome, code) => {
    const reported = { outcome, summary: 'Tried.', reason: 'no such module' };
    const idle = agent({ reported, open: [task], ready: [task], background: [build] });
    expect(newCompletion().decide(idle, 0)).toEqual({
      kind: 'end',
      result: { exitCode: code, message: `reported ${outcome}: no such module` },
    });
  },
);

test('an agent that had nothing to do completes with its reason', () => {
  const reported = { outcome: 'nothing-to-do', summary: 'Looked.', reason: 'it is fixed' } as const;
  const { asked, result } = ask(newCompletion(), agent({ reported }));
  expect(asked).toEqual([]);
  expect(result).toEqual({ exitCode: EXIT.ok, message: 'had nothing to do: it is fixed' });
});

test('an agent that reports completed with an open task is asked once, and then completes with a note', () => {
  const idle = agent({ reported: completed, open: [task], ready: [] });
  const { asked, result } = ask(newCompletion(), idle);
  expect(asked).toHaveLength(1);
  expect(result).toEqual({
    exitCode: EXIT.ok,
    message: 'reported with open tasks: #1 Build it',
  });
});

test('an agent with an open task is asked three times, with growing pauses', () => {
  const { asked, result } = ask(newCompletion(), agent({ open: [task], ready: [task] }));
  expect(asked.map(({ at }) => at)).toEqual([0, 5_000, 25_000]);
  expect(result).toEqual({
    exitCode: EXIT.unfinished,
    message: 'left tasks open: #1 Build it',
  });
});

test('an agent whose tasks are all blocked waits without a question', () => {
  expect(ask(newCompletion(), agent({ open: [task] }))).toEqual({ asked: [] });
});

test('an agent with a background task is asked after ten minutes, and then less and less often', () => {
  const idle = agent({ open: [task], ready: [task], background: [build] });
  const { asked, at, result } = ask(newCompletion(), idle);
  expect(asked.map(({ at }) => at)).toEqual([10 * MINUTE, 30 * MINUTE, 70 * MINUTE]);
  expect(asked[0]?.message).toContain('b1 (npm run build)');
  expect(at).toBe(150 * MINUTE);
  expect(result?.message).toBe('left background tasks running: npm run build');
});

test('an agent is not asked while the end of a background task is about to wake it', () => {
  const completion = newCompletion();
  const idle = agent({ open: [task], ready: [task] });
  completion.decide({ ...idle, background: [build] }, 0);
  expect(completion.decide(idle, 1_000)).toEqual({ kind: 'wait', ms: 2_000 });
  expect(completion.decide(idle, 2_500)).toEqual({ kind: 'wait', ms: 500 });
  expect(completion.decide(idle, 3_000)).toMatchObject({ kind: 'ask' });
});

test('an agent that has reported is asked at once about its background tasks', () => {
  const idle = agent({ reported: completed, background: [build] });
  const { asked, at, result } = ask(newCompletion(), idle);
  expect(asked.map(({ at }) => at)).toEqual([0]);
  expect(at).toBe(10 * MINUTE);
  expect(result).toEqual({
    exitCode: EXIT.ok,
    message: 'left background tasks running, which were stopped: npm run build',
  });
});

test('an agent that approves a shutdown with open tasks has not completed', () => {
  expect(resultAfterExit(agent({ reported: completed, open: [task] }))).toEqual({
    exitCode: EXIT.unfinished,
    message: 'approved a shutdown with open tasks: #1 Build it',
  });
});
