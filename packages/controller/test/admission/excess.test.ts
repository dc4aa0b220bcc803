import { ANNOTATIONS } from '@agentteam/contract';
import { expect, test } from '@jest/globals';
import { refuseExcess } from '../../src/admission/excess.ts';
import { mutate } from '../../src/admission/mutate.ts';
import type { AdmissionRequest } from '../../src/admission/review.ts';

const NAMES = Array.from({ length: 8_000 }, (_, index) => `n${index}`);
const messages = Object.fromEntries(NAMES.map((name) => [`${ANNOTATIONS.tellPrefix}${name}`, 'a']));

function request(
  spec: object,
  annotations: Readonly<Record<string, string>> = {},
  oldObject?: AdmissionRequest['object'],
): AdmissionRequest {
  const kind = { group: 'claude.amcheste.io', version: 'v1alpha1', kind: 'AgentTeam' };
  return {
    ...{ uid: 'r', kind, operation: 'CREATE', userInfo: { username: 'eve' } },
    object: {
      apiVersion: 'claude.amcheste.io/v1alpha1',
      kind: 'AgentTeam',
      metadata: { name: 'hostile', namespace: 'a', annotations },
      spec,
    },
    ...(oldObject !== undefined && { oldObject }),
  };
}

const refusal = (message: string) => ({
  allowed: false,
  code: 422,
  message: expect.stringContaining(message),
});

test.each<[string, object, string]>([
  [
    'teammates',
    { teammates: NAMES.map((name) => ({ name })) },
    'spec.teammates: it has 8000 items',
  ],
  [
    'gates',
    { lifecycle: { approvalGates: NAMES.map((event) => ({ event })) } },
    'spec.lifecycle.approvalGates: it has 8000 items; the limit is 32',
  ],
  [
    'paths of a scope',
    { teammates: [{ name: 'a', scope: { includePaths: Array(10_000).fill('a') } }] },
    'spec.teammates[0].scope.includePaths',
  ],
])('too many %s are refused before they are compared with annotations', (_, spec, message) => {
  expect(refuseExcess(request(spec, messages))).toMatchObject(refusal(message));
});

test('more annotations than Kubernetes allows are refused', () => {
  const large = { 'example.com/note': 'a'.repeat(262_144) };
  expect(refuseExcess(request({}, large))).toMatchObject(refusal('metadata.annotations'));
});

test('a stored object with more than a later release allows can change', () => {
  const { object } = request({ teammates: NAMES.slice(0, 20).map((name) => ({ name })) });
  expect(refuseExcess(request({ teammates: [] }, {}, object))).toBeUndefined();
  const { object: huge } = request({ teammates: NAMES.map((name) => ({ name })) });
  expect(refuseExcess(request({ teammates: [] }, {}, huge))).toMatchObject(refusal('teammates'));
});

test('an object within the limits passes, with thousands of messages to agents that it does not have', () => {
  const most = request({ teammates: NAMES.slice(0, 16).map((name) => ({ name })) }, messages);
  expect(refuseExcess(most)).toBeUndefined();
  expect(mutate(most, 'controller', '2026-01-01T00:00:00Z')).toMatchObject({
    allowed: false,
    message: expect.stringContaining('the team has no agent n16'),
  });
});
