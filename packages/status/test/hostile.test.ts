import { agentTeamSchema } from '@agentteam/api';
import { readFigures } from '@agentteam/contract';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import {
  briefing,
  MOST_NODES,
  openGates,
  project,
  shouldStop,
  stepsOf,
  totalsOf,
  type WorkflowView,
} from '../src/index.ts';
import { recorded, team } from './fixture.ts';

/** Validates a status as the API server does, and refuses unknown fields. */
const accepted = (() => {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  ajv.addFormat('int64', { type: 'number', validate: Number.isSafeInteger });
  ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/);
  return ajv.compile(closed(agentTeamSchema.properties?.['status']));
})();

function closed(schema: unknown): object {
  return JSON.parse(JSON.stringify(schema), (_, value) =>
    value?.properties && typeof value.properties === 'object' && value.type === 'object'
      ? { ...value, additionalProperties: false }
      : value,
  );
}

/** Names of fields that the status reads, so that random values reach them. */
const field = fc.constantFrom(
  ...['id', 'name', 'type', 'displayName', 'phase', 'message', 'templateName', 'startedAt'],
  ...['finishedAt', 'children', 'outputs', 'parameters', 'exitCode', 'value', 'valueFrom'],
  ...['supplied', 'default', 'nodes', 'templates', 'suspend', 'duration', '__proto__'],
);
const word = fc.oneof(
  fc.constantFrom(...['Running', 'Succeeded', 'Failed', 'Omitted', 'Skipped', 'Suspend', 'Pod']),
  fc.constantFrom(...['Retry', 'DAG', 'Lead', 'Deliver', 'Finish', 'researcher', 'totals']),
  fc.constantFrom('Approve-spawn-email-drafter', 'Approve-\u001b[2J\u0000', 'decision', 'approve'),
  fc.constantFrom('2026-13-45T99:99:99Z', '2026-02-30T00:00:00Z', '0000-00-00T00:00:00Z'),
  fc.constantFrom('main: Error (exit code 99999999999999999999): \ud800', '-0', '1e999'),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'binary', minLength: 5000, maxLength: 6000 }),
);
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    word,
    fc.constantFrom(null, true, 0, -1, 1e300, []),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(field, word), tie('json'), { maxKeys: 6 }),
  ),
}));

/** A Workflow written by Argo, with some values at any depth replaced. */
const tampered = fc
  .tuple(
    fc.constantFrom('completed', 'running', 'failed', 'rejected', 'stopped', 'lead-failed'),
    fc.array(fc.tuple(fc.nat(), json), { minLength: 1, maxLength: 8 }),
  )
  .map(([name, changes]) => {
    const workflow = recorded(name) as unknown as Record<string, unknown>;
    for (const [where, value] of changes) {
      const places = [...placesOf(workflow['status']), ...placesOf(workflow['spec'])];
      const [holder, key] = places[where % places.length] as [Record<string, unknown>, string];
      holder[key] = value;
    }
    return workflow as unknown as WorkflowView;
  });

function placesOf(value: unknown): [object, string][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    [value, key] as [object, string],
    ...placesOf(inner),
  ]);
}

const invented = fc
  .record({ spec: json, status: fc.oneof(json, fc.record({ nodes: json, phase: json })) })
  .map((rest) => ({ metadata: { name: 'q3-report' }, ...rest }) as unknown as WorkflowView);

describe('a Workflow that contains any JSON', () => {
  test('gives a status that the API server accepts and stores unchanged, without hidden characters', () => {
    fc.assert(
      fc.property(fc.oneof(tampered, invented), json, (workflow, answer) => {
        const read = readFigures(answer);
        const figures = 'figures' in read ? read.figures : totalsOf(workflow);
        const status = project(workflow, figures, team);
        expect(accepted(status) || accepted.errors).toBe(true);
        const text = JSON.stringify(status);
        expect(JSON.parse(text)).toStrictEqual(status);
        expect(text.isWellFormed()).toBe(true);
        expect(text).not.toMatch(/\\u00(?!09|0a)[01]|\p{Cc}|\p{Bidi_Control}/iu);
        expect(text.length).toBeLessThan(500_000);
        // Projecting again gives the same status; otherwise it would be written forever.
        expect(project(workflow, figures, { ...team, status })).toStrictEqual(status);
      }),
      { numRuns: 150 },
    );
  });

  test('causes no exception anywhere else', () => {
    fc.assert(
      fc.property(fc.oneof(tampered, invented), (workflow) => {
        stepsOf(workflow);
        openGates(workflow);
        shouldStop(workflow);
        for (const event of ['deliver', 'spawn-email-drafter'])
          briefing(team, totalsOf(workflow), event);
      }),
      { numRuns: 100 },
    );
  });
});

test('only the first thousand of very many nodes are read', () => {
  const nodes = Object.fromEntries(
    Array.from({ length: 300_000 }, (_, index) => {
      const id = `n-${index}`;
      return [id, { id, name: id, displayName: id, type: 'Pod', phase: 'Failed' }];
    }),
  );
  const workflow = { metadata: { name: 'many' }, spec: {}, status: { phase: 'Failed', nodes } };
  expect(stepsOf(workflow as WorkflowView).size).toBe(MOST_NODES);
  expect(accepted(project(workflow as WorkflowView, undefined, team))).toBe(true);
});

test('steps that are each other’s attempts are read without a loop', () => {
  const node = (id: string, child: string) => [
    id,
    { id, name: id, displayName: 'Lead', type: 'Retry', phase: 'Running', children: [child, id] },
  ];
  const nodes = Object.fromEntries([node('a', 'b'), node('b', 'a')]);
  const workflow = { metadata: {}, spec: {}, status: { phase: 'Running', nodes } };
  expect(project(workflow as WorkflowView, undefined, team).phase).toBe('Initializing');
});

test('a pod name that Argo cannot have written is left out', () => {
  const id = 'q3-report-../../secrets';
  const nodes = {
    [id]: {
      id,
      name: 'Lead',
      displayName: 'Lead',
      type: 'Pod',
      templateName: '../x',
      phase: 'Running',
    },
  };
  const workflow = {
    metadata: { name: 'q3-report' },
    spec: {},
    status: { phase: 'Running', nodes },
  };
  expect(project(workflow as WorkflowView, undefined, team).lead?.podName).toBeUndefined();
});

test('a gate’s outputs are shortened and lose their control characters', () => {
  const workflow = recorded('rejected');
  const text = JSON.stringify(workflow).replaceAll(
    '"ada"',
    JSON.stringify(`\u001b[2Jada\u202e${'x'.repeat(60_000)}`),
  );
  expect(text).toContain('\\u001b[2Jada');
  const { approvals, message } = project(JSON.parse(text) as WorkflowView, undefined, team);
  expect(approvals?.[0]?.by).toMatch(/^\[2Jadax{4000,}…$/);
  expect(message).not.toMatch(/\p{Cc}/u);
});
