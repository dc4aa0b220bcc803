import { gunzipSync, gzipSync } from 'node:zlib';
import type { Workflow } from '@agentteam/argo';
import { describe, expect, test } from '@jest/globals';
import { recorded } from '../../../status/test/fixture.ts';
import { nodePatch, storeWorkflow } from '../../src/argo/stored.ts';
import type { KubeObject } from '../../src/kube/objects.ts';

const pack = (value: unknown): string => gzipSync(JSON.stringify(value)).toString('base64');
const stored = (status: object) =>
  storeWorkflow({ ...recorded('running'), status } as unknown as KubeObject);

test('neither templates nor managed fields are kept', () => {
  const workflow = recorded('running');
  const managedFields = [{ manager: 'argo', fieldsV1: {} }];
  const kept = storeWorkflow({
    ...workflow,
    metadata: { ...workflow.metadata, managedFields },
    spec: { templates: [{ name: 'lead' }], shutdown: 'Stop' },
    status: { ...workflow.status, storedTemplates: { 'namespaced/x/lead': { name: 'lead' } } },
  } as unknown as KubeObject);
  expect(JSON.stringify(kept)).not.toMatch(/templates|managedFields|storedTemplates/);
  expect(kept.shutdown).toBe('Stop');
  expect(kept.status?.nodes).toEqual(workflow.status?.nodes);
});

test('compressed nodes are read, and an answer is written as Argo would', () => {
  const { nodes = {}, ...status } = recorded('running').status ?? {};
  const workflow = stored({ ...status, compressedNodes: pack(nodes) });
  expect(workflow.status?.nodes).toEqual(nodes);
  const [node] = Object.values(nodes);
  if (node === undefined) throw new Error('the recorded Workflow has no node');
  const changed = { ...node, message: 'answered' };
  const patch = nodePatch(workflow, changed) as Pick<Workflow, 'status'>;
  const text = gunzipSync(Buffer.from(patch.status?.compressedNodes ?? '', 'base64')).toString();
  expect(JSON.parse(text)).toEqual({ ...nodes, [node.id]: changed });
  expect(patch.status?.nodes).toBeUndefined();
});

test('nodes in Argo’s database are missed by name', () => {
  const workflow = stored({ phase: 'Running', offloadNodeStatusVersion: 'fnv:1' });
  expect(workflow.hidden).toMatchObject({ reason: 'NodesOffloaded' });
  expect(workflow.status?.phase).toBe('Running');
});

describe('a status that is no Workflow’s is told apart, not thrown over', () => {
  const node = { id: 'a', name: 'a', displayName: 'a', type: 'Pod', phase: 'Running' };
  test.each<[string, object]>([
    ['no gzip', { compressedNodes: 'bm9uc2Vuc2U=' }],
    ['no JSON in it', { compressedNodes: gzipSync('{').toString('base64') }],
    ['a text in it', { compressedNodes: pack('nodes') }],
    ['a list', { nodes: [node] }],
    ['a text', { nodes: 'many' }],
    ['a node that is null', { nodes: { a: null } }],
    ['a node under another id', { nodes: { b: node } }],
    ['a name that is a number', { nodes: { a: { ...node, displayName: 7 } } }],
    ['children that are no list', { nodes: { a: { ...node, children: 'b' } } }],
    ['outputs that are no list', { nodes: { a: { ...node, outputs: { parameters: {} } } } }],
    ['an output that is null', { nodes: { a: { ...node, outputs: { parameters: [null] } } } }],
  ])('%s', (_, status) => {
    const workflow = stored({ phase: 'Running', ...status });
    expect(workflow.hidden).toMatchObject({ reason: 'NodesUnreadable' });
    expect(workflow.status?.nodes).toBeUndefined();
  });
});
