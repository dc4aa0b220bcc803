import { gunzipSync, gzipSync } from 'node:zlib';
import type { Workflow } from '@agentteam/argo';
import { project } from '@agentteam/status';
import { describe, expect, test } from '@jest/globals';
import { recorded, team } from '../../../status/test/fixture.ts';
import { nodePatch, storeWorkflow, withNode } from '../../src/argo/stored.ts';
import type { KubeObject } from '../../src/kube/objects.ts';

const pack = (value: unknown): string => gzipSync(JSON.stringify(value)).toString('base64');
const stored = (status: object) =>
  storeWorkflow({ ...recorded('running'), status } as unknown as KubeObject);

test('neither agents nor managed fields nor inputs are kept, and the status is the same', () => {
  const workflow = recorded('running');
  const managedFields = [{ manager: 'argo', fieldsV1: {} }];
  const kept = storeWorkflow({
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

test('compressed nodes are read, and an answer is written as Argo would', () => {
  const { nodes = {}, ...status } = recorded('running').status ?? {};
  const workflow = stored({ ...status, compressedNodes: pack(nodes) });
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
  expect(after).toEqual(storeWorkflow(written as unknown as KubeObject));
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
    ['a node without a name', { nodes: { a: { ...node, name: undefined } } }],
    ['children that are no list', { nodes: { a: { ...node, children: 'b' } } }],
    ['outputs that are no list', { nodes: { a: { ...node, outputs: { parameters: {} } } } }],
    ['an output that is null', { nodes: { a: { ...node, outputs: { parameters: [null] } } } }],
  ])('%s', (_, status) => {
    const workflow = stored({ phase: 'Running', ...status });
    expect(workflow.hidden).toMatchObject({ reason: 'NodesUnreadable' });
    expect(workflow.status?.nodes).toBeUndefined();
  });
});
