import { gunzipSync, gzipSync } from 'node:zlib';
import type { Workflow } from '@agentteam/argo';
import { project } from '@agentteam/status';
import { describe, expect, test } from '@jest/globals';
import { recorded, team } from '../../../status/test/fixture.ts';
import {
  nodePatch,
  partialWorkflow,
  trimWorkflow,
  withNode,
} from '../../src/argo/cached-workflow.ts';
import type { KubeObject } from '../../src/kube/objects.ts';

const pack = (value: unknown): string => gzipSync(JSON.stringify(value)).toString('base64');
const cached = (status: object) =>
  trimWorkflow({ ...recorded('running'), status } as unknown as KubeObject);

test('drops what the status does not need', () => {
  const workflow = recorded('running');
  const managedFields = [{ manager: 'argo', fieldsV1: {} }];
  const kept = trimWorkflow({
    ...workflow,
    metadata: { ...workflow.metadata, managedFields },
    spec: {
      templates: [
        { name: 'lead', container: { image: 'large' } },
        { name: 'gate', suspend: {} },
        { name: 'limited', suspend: { duration: '60s' }, outputs: {} },
      ],
      shutdown: 'Stop',
    },
    status: { ...workflow.status, storedTemplates: { 'namespaced/x/lead': { name: 'lead' } } },
  } as unknown as KubeObject);
  expect(JSON.stringify(kept)).not.toMatch(/large|managedFields|storedTemplates|templateScope/);
  expect(kept.spec).toEqual({ templates: [{ name: 'limited', suspend: { duration: '60s' } }] });
  expect(kept.shutdown).toBe('Stop');
  expect(Object.keys(kept.status?.nodes ?? {})).toEqual(Object.keys(workflow.status?.nodes ?? {}));
  expect(project(kept as unknown as Workflow, undefined, team)).toEqual(
    project(workflow, undefined, team),
  );
});

test('keeps little of the metadata that others can make long', () => {
  const long = 'x'.repeat(300_000);
  const uid = '00000000-0000-4000-8000-000000000001';
  const own = { apiVersion: 'claude.amcheste.io/v1alpha1', kind: 'AgentTeam', name: 'q3', uid };
  const many = Array.from({ length: 5000 }, (_, index) => index);
  const { metadata } = partialWorkflow(
    trimWorkflow({
      ...recorded('running'),
      metadata: {
        name: 'q3-report',
        labels: {
          'claude.amcheste.io/team': 'q3',
          ...Object.fromEntries(many.map((index) => [`claude.amcheste.io/x${index}`, 'x'])),
          ...Object.fromEntries(many.map((index) => [`workflows.argoproj.io/actor${index}`, 'x'])),
        },
        annotations: { 'claude.amcheste.io/earlier-specs': long, 'claude.amcheste.io/spec': long },
        ownerReferences: [
          ...(['apiVersion', 'name', 'uid', 'kind'] as const).map((field) => ({
            ...own,
            [field]: long,
          })),
          ...many.map((index) => ({ ...own, uid: `u${index}` })),
        ],
      },
    } as unknown as KubeObject),
  );
  expect(JSON.stringify(metadata).length).toBeLessThan(8000);
  expect(metadata).toMatchObject({ labels: { 'claude.amcheste.io/team': 'q3' } });
});

test('reads compressed nodes, and writes an answer as Argo does', () => {
  const { nodes = {}, ...status } = recorded('running').status ?? {};
  const workflow = cached({ ...status, compressedNodes: pack(nodes) });
  const [node] = Object.values(workflow.status?.nodes ?? {});
  if (node === undefined) throw new Error('the recorded Workflow has no node');
  const changed = { ...node, message: 'answered' };
  const patch = nodePatch(workflow, changed);
  const text = gunzipSync(Buffer.from(patch.status.compressedNodes ?? '', 'base64')).toString();
  expect(JSON.parse(text)).toEqual({
    ...nodes,
    [node.id]: { ...nodes[node.id], message: 'answered' },
  });
  expect(patch.status.nodes).toBeUndefined();
  const metadata = { name: 'q3-report', resourceVersion: '8' };
  const after = withNode(workflow, changed, patch, metadata);
  const written = { ...recorded('running'), metadata, status: { ...status, ...patch.status } };
  expect(after).toEqual(trimWorkflow(written as unknown as KubeObject));
});

test('takes only the whole condition of the compiler for one that asks for the proof', () => {
  const guards = (when: string) =>
    trimWorkflow({
      ...recorded('running'),
      spec: { templates: [{ name: 'team', dag: { tasks: [{ name: 'Deliver', when }] } }] },
    } as unknown as KubeObject).guards;
  const hash = 'f'.repeat(64);
  const asks = (proof: string) => `sprig.sha256sum(${proof}) == '${hash}'`;
  const proof = "tasks['Approve-deliver']?.outputs?.parameters?.proof ?? ''";
  expect(guards(`{{=${asks(proof)}}}`)).toEqual({ deliver: hash });
  expect(guards(`{{=true || ${asks(proof)}}}`)).toEqual({});
  expect(guards(`{{=false != ${asks(proof)}}}`)).toEqual({});
  expect(guards(`{{=${asks(proof.replace('proof', 'reason'))}}}`)).toEqual({});
});

test('reports nodes that are in Argo’s database', () => {
  const workflow = cached({ phase: 'Running', offloadNodeStatusVersion: 'fnv:1' });
  expect(workflow.hidden).toMatchObject({ reason: 'NodesOffloaded' });
  expect(workflow.status?.phase).toBe('Running');
});

describe('malformed Workflows', () => {
  const many = (count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => {
        const id = `n-${index}`;
        return [id, { ...node, id, message: 'x'.repeat(4000) }];
      }),
    );
  const node = { id: 'a', name: 'a', displayName: 'a', type: 'Pod', phase: 'Running' };
  test.each<[string, object]>([
    ['text that is not gzip', { compressedNodes: 'bm9uc2Vuc2U=' }],
    ['gzip without JSON', { compressedNodes: gzipSync('{').toString('base64') }],
    ['gzip with a string', { compressedNodes: pack('nodes') }],
    ['a list', { nodes: [node] }],
    ['a string', { nodes: 'many' }],
    ['gzip with a list', { compressedNodes: pack([node] as never) }],
    ['a number instead of gzip', { compressedNodes: 7 }],
    [
      'a decompression bomb',
      { compressedNodes: gzipSync(Buffer.alloc(100 << 20, ' ')).toString('base64') },
    ],
    ['thousands of nodes', { nodes: many(2000) }],
    ['hundreds of large nodes', { nodes: many(500) }],
  ])('%s: the nodes are reported as unreadable', (_, status) => {
    const workflow = cached({ phase: 'Running', ...status });
    expect(workflow.hidden).toMatchObject({ reason: 'NodesUnreadable' });
    expect(workflow.status?.nodes).toBeUndefined();
    expect(JSON.stringify(workflow).length).toBeLessThan(2000);
  });

  test.each<[string, unknown]>([
    ['null', null],
    ['under another id', { ...node, id: 'b' }],
    ['without a name', { ...node, name: undefined }],
    ['a list', [node]],
  ])('ignores a node that is %s', (_, wrong) => {
    const workflow = cached({ phase: 'Running', nodes: { wrong, a: node } });
    expect(workflow.hidden).toBeUndefined();
    expect(workflow.status?.nodes).toEqual({ a: node });
  });

  test.each<[string, object]>([
    ['a name that is a number', { displayName: 7 }],
    ['children that are not a list', { children: 'b' }],
    ['outputs that are not a list', { outputs: { parameters: {} } }],
    ['an output that is null', { outputs: { parameters: [null] } }],
  ])('ignores %s of a node', (_, wrong) => {
    const workflow = cached({ phase: 'Running', nodes: { a: { ...node, ...wrong } } });
    expect(workflow.status?.nodes?.['a']).toMatchObject({ id: 'a', phase: 'Running' });
  });

  test.each<[string, object]>([
    ['malformed templates', { spec: { templates: [null, 7, { suspend: { duration: {} } }] } }],
    ['a spec that is a list', { spec: [] }],
    ['a status that is text', { status: 'Running' }],
    ['times and phases of any kind', { status: { phase: 7, startedAt: 'now', message: {} } }],
  ])('ignores %s', (_, workflow) => {
    const kept = trimWorkflow({ ...(cached({}) as KubeObject), ...workflow } as KubeObject);
    expect(kept.spec).toEqual({ templates: [] });
    expect(kept.status ?? {}).toEqual({});
  });
});
