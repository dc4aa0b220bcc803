import { ANNOTATIONS } from '@agentteam/contract';
import { expect, test } from '@jest/globals';
import type { AdmissionObject, AdmissionRequest } from '../../src/admission/review.ts';
import { templateReader } from '../../src/admission/template-reader.ts';
import { validateTeam } from '../../src/admission/validate-team.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import {
  type CachedTemplate,
  partialResource,
  trimResource,
} from '../../src/reconcile/cached-resource.ts';

const apiVersion = 'claude.amcheste.io/v1alpha1';
const researcher = { name: 'researcher', prompt: 'Research.', scope: { includePaths: ['docs/'] } };
const lead = { prompt: 'Lead.', scope: { includePaths: ['docs/'] } };

const template = {
  apiVersion,
  kind: 'AgentTeamTemplate',
  metadata: { name: 'mailing', namespace: 'sales', uid: 'u', resourceVersion: '1' },
  spec: {
    enforced: ['budget', 'scope'],
    teammates: [researcher],
    lifecycle: { budgetLimit: '5.00' },
  },
} as unknown as CachedTemplate;

function team(spec: object): AdmissionObject {
  return {
    apiVersion,
    kind: 'AgentTeam',
    metadata: {
      name: 'q4',
      namespace: 'sales',
      annotations: { [ANNOTATIONS.template]: 'mailing' },
    },
    spec: {
      workspace: { output: {} },
      auth: { apiKeySecret: 'key' },
      lead,
      teammates: [researcher],
      lifecycle: { budgetLimit: '5.00' },
      ...spec,
    },
  } as unknown as AdmissionObject;
}

/** Changes the team. @param cached the template in the cache. @param stored the template in the API server. */
async function change(spec: object, cached?: CachedTemplate, stored?: KubeObject) {
  const request: AdmissionRequest = {
    uid: 'r',
    kind: { group: 'claude.amcheste.io', version: 'v1alpha1', kind: 'AgentTeam' },
    operation: 'UPDATE',
    userInfo: { username: 'eve' },
    object: team(spec),
    oldObject: team({}),
  };
  const read = async <T>() => stored as T | undefined;
  const store = { get: (key: string) => (key === 'sales/mailing' ? cached : undefined) };
  return validateTeam(request, templateReader(store, { read }), {
    containers: { image: 'agentteam' },
  });
}

const whole = trimResource<CachedTemplate>(template);
const dearer = { lifecycle: { budgetLimit: '9.00' } };

test.each<[string, CachedTemplate | undefined]>([
  ['completely', whole],
  ['without the spec', partialResource(whole)],
  ['not at all', undefined],
])('the template applies to a change, even if the cache holds it %s', async (_, cached) => {
  const refused = { allowed: false, message: expect.stringContaining('enforces `budget`') };
  expect(await change(dearer, cached, template)).toMatchObject(refused);
  const cheaper = { lifecycle: { budgetLimit: '4.00' } };
  expect(await change(cheaper, cached, template)).toMatchObject({ allowed: true });
});

test('a team whose template was deleted cannot change', async () => {
  const refused = { allowed: false, message: expect.stringContaining('`mailing` of this team') };
  expect(await change(dearer)).toMatchObject(refused);
});

test.each<[string, object[]]>([
  ['an additional teammate', [researcher, { name: 'writer', prompt: 'Write anywhere.' }]],
  ['a renamed teammate', [{ name: 'writer', prompt: 'Write anywhere.' }]],
  ['a teammate with another prompt', [{ ...researcher, prompt: 'Mail.' }]],
])('the team of a run cannot have %s', async (_, teammates) => {
  expect(await change({ teammates }, whole)).toMatchObject({
    allowed: false,
    message: expect.stringContaining('`teammates`'),
  });
});

test('an address that the administrators do not allow is refused, and the setting is named', async () => {
  const request = (baseUrl: string): AdmissionRequest => ({
    uid: 'r',
    kind: { group: 'claude.amcheste.io', version: 'v1alpha1', kind: 'AgentTeam' },
    operation: 'CREATE',
    userInfo: { username: 'eve' },
    object: team({ auth: { apiKeySecret: 'key', baseUrl } }),
  });
  const store = { get: () => whole };
  const reader = templateReader(store, { read: async <T>() => undefined as T | undefined });
  const options = { api: { allowedApiUrls: ['https://llm.example.com'] } };
  expect(await validateTeam(request('https://evil.example.com'), reader, options)).toMatchObject({
    allowed: false,
    message: expect.stringContaining('AGENTTEAM_ALLOWED_API_URLS) allows https://llm.example.com'),
  });
  expect(
    await validateTeam(request('https://llm.example.com/claude'), reader, options),
  ).toMatchObject({ allowed: true });
});
