import { describe, expect, test } from '@jest/globals';
import { checksIn, gateDetails, stepDetails } from '../src/index.ts';

const workflow = (tasks: unknown, nodes: object = {}, finishedAt?: string) => ({
  metadata: { name: 'crew' },
  spec: { entrypoint: 'team', templates: [{ name: 'team', dag: { tasks } }] },
  status: { phase: 'Running', nodes, ...(finishedAt && { finishedAt }) },
});
const TASKS = [
  { name: 'Lead', template: 'lead' },
  { name: 'Approve-spawn-dev', template: 'approve-spawn-dev' },
  { name: 'dev', template: 'agent-dev', depends: 'Approve-spawn-dev', when: 'x' },
];
const gate = {
  id: 'crew-1',
  name: 'crew.Approve-spawn-dev',
  displayName: 'Approve-spawn-dev',
  type: 'Suspend',
  phase: 'Running',
  startedAt: '2026-11-29T10:00:00Z',
};

describe('stepDetails', () => {
  test('lists steps that have not begun as waiting, and an open gate as asking', () => {
    const steps = stepDetails(workflow(TASKS, { 'crew-1': gate }));
    expect(steps.map(({ name, state, level }) => [name, state, level])).toEqual([
      ['Lead', 'waiting', 0],
      ['Approve-spawn-dev', 'asking', 0],
      ['dev', 'waiting', 1],
      ['Finish', 'waiting', 2],
    ]);
    expect(gateDetails(steps, [{ event: 'spawn-dev', approvers: { users: ['ann'] } }], [])).toEqual(
      [
        {
          event: 'spawn-dev',
          before: 'dev',
          state: 'open',
          approvers: ['ann'],
          requiredApprovals: 1,
          decisions: [],
        },
      ],
    );
  });

  test('lists what never began as skipped once the team has ended', () => {
    const steps = stepDetails(workflow(TASKS, {}, '2026-11-29T10:00:09Z'));
    expect(new Set(steps.map(({ state }) => state))).toEqual(new Set(['skipped']));
  });

  test('a step that is not needed is skipped, without Argo’s words', () => {
    const message = 'omitted: depends condition not met';
    const omitted = { ...gate, name: 'crew.dev', displayName: 'dev', phase: 'Omitted', message };
    const step = stepDetails(workflow(TASKS, { 'crew-1': omitted })).find(
      ({ name }) => name === 'dev',
    );
    expect(step).toMatchObject({ state: 'skipped' });
    expect(step).not.toHaveProperty('message');
  });

  test.each([
    ['main: Error (exit code 1): left tasks open', 'left tasks open'],
    ['pod deleted', 'pod deleted'],
  ])('a step that failed for good says why, and not that it is not repeated: %s', (last, why) => {
    const times = { startedAt: '2026-11-29T10:00:00Z', finishedAt: '2026-11-29T10:00:05Z' };
    const node = { ...times, displayName: 'dev', phase: 'Failed' };
    const message = 'retryStrategy.expression evaluated to false';
    const nodes = {
      retry: { ...node, id: 'retry', name: 'crew.dev', type: 'Retry', children: ['pod'], message },
      pod: {
        ...node,
        id: 'pod',
        name: 'crew.dev(0)',
        displayName: 'dev(0)',
        type: 'Pod',
        message: last,
      },
    };
    const step = stepDetails(workflow(TASKS, nodes)).find(({ name }) => name === 'dev');
    expect(step).toMatchObject({ state: 'failed', message: why });
  });

  test('survives a Workflow that someone has patched', () => {
    const circle = [
      { name: 'a', depends: 'b' },
      { name: 'b', depends: 'a' },
      { name: 7 },
      'not a task',
    ];
    expect(stepDetails(workflow(circle)).map(({ name }) => name)).toEqual(['a', 'b', 'Finish']);
    expect(stepDetails(workflow({ length: 3 }))).toEqual([]);
    expect(stepDetails({ metadata: {}, spec: { templates: 'x' } })).toEqual([]);
  });
});

test('checksIn reads the lines of the step Checks, and keeps what it cannot read as failed', () => {
  expect(
    checksIn('passed  test: npm test (package.json; 3 s)\nFAILED  lint: a (b) (x; exit code 1)\n?'),
  ).toEqual([
    { name: 'test', command: 'npm test', ok: true, detail: 'package.json; 3 s' },
    { name: 'lint', command: 'a (b)', ok: false, detail: 'x; exit code 1' },
    { name: '', command: '?', ok: false },
  ]);
});
