import { ANNOTATIONS } from '@agentteam/contract';
import { expect, test } from '@jest/globals';
import type { AdmissionRequest, Reviewed } from '../../src/admission/review.ts';
import { templateReader } from '../../src/admission/template-of.ts';
import { validateTeam } from '../../src/admission/validate-team.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import { leanResource, type StoredTemplate, storeResource } from '../../src/reconcile/stored.ts';

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
} as unknown as StoredTemplate;

function team(spec: object): Reviewed {
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
  } as unknown as Reviewed;
}

/** @param memory what the local copy has of the template; `server` what the API server has. */
async function change(spec: object, memory?: StoredTemplate, server?: KubeObject) {
  const request: AdmissionRequest = {
    uid: 'r',
    kind: { group: 'claude.amcheste.io', version: 'v1alpha1', kind: 'AgentTeam' },
    operation: 'UPDATE',
    userInfo: { username: 'eve' },
    object: team(spec),
    oldObject: team({}),
  };
  const read = async <T>() => server as T | undefined;
  const store = { get: (key: string) => (key === 'sales/mailing' ? memory : undefined) };
  return validateTeam(request, templateReader(store, { read }), {
    containers: { image: 'agentteam' },
  });
}

const whole = storeResource<StoredTemplate>(template);
const dearer = { lifecycle: { budgetLimit: '9.00' } };

test.each<[string, StoredTemplate | undefined]>([
  ['as a whole', whole],
  ['without its spec', leanResource(whole)],
  ['not yet', undefined],
])('a change is held to the template, which memory has %s', async (_, memory) => {
  const refused = { allowed: false, message: expect.stringContaining('enforces `budget`') };
  expect(await change(dearer, memory, template)).toMatchObject(refused);
  const cheaper = { lifecycle: { budgetLimit: '4.00' } };
  expect(await change(cheaper, memory, template)).toMatchObject({ allowed: true });
});

test('a team whose template is gone cannot change: nobody can tell what it enforced', async () => {
  const refused = { allowed: false, message: expect.stringContaining('`mailing` is gone') };
  expect(await change(dearer)).toMatchObject(refused);
});

test.each<[string, object[]]>([
  ['another', [researcher, { name: 'writer', prompt: 'Write anywhere.' }]],
  ['one of another name', [{ name: 'writer', prompt: 'Write anywhere.' }]],
  ['one with another task', [{ ...researcher, prompt: 'Mail.' }]],
])('the team of a run cannot have %s besides its template’s teammates', async (_, teammates) => {
  expect(await change({ teammates }, whole)).toMatchObject({
    allowed: false,
    message: expect.stringContaining('`teammates`'),
  });
});
