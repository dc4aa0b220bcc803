import type { AgentTeam } from '@agentteam/api';
import { ENV } from '@agentteam/contract';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { type CompileOptions, checkObject, compile, compileText } from '../src/index.ts';

function team(spec: string) {
  const { compiled, problems } = compileText(`
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: auth }
spec:
  ${spec.trim()}
`);
  expect(problems).toEqual([]);
  const { templates = [] } = compiled?.workflow.spec ?? {};
  /** The spec of the container of a step that runs this command. */
  const specOf = (step: string, command: string) => {
    const found = templates.find(({ name }) => name === step);
    const containers = [found?.container, ...(found?.initContainers ?? [])];
    const one = containers.find((container) => container?.args?.[0] === command);
    const text = one?.env?.find(({ name }) => name === ENV.spec)?.value;
    return text === undefined ? undefined : JSON.parse(text);
  };
  return { templates, specOf };
}

const AGENTS =
  'lead: { prompt: Lead., budgetLimit: "4.00" }\n  teammates: [{ name: api, prompt: Go. }]';
const CODING = `repository: { url: "https://git.test/a.git" }\n  ${AGENTS}`;
const COWORK = `workspace: { output: { mountPath: /workspace/out } }\n  ${AGENTS}`;

test('each gateway has the team’s limit and its own agent’s', () => {
  const { specOf } = team(`${CODING}
  qualityGates: { requireTests: true }
  lifecycle: { budgetLimit: "9.00", onLimit: reserve }`);
  const limits = { teamBudgetLimit: '9.00', onLimit: 'reserve' };
  const lead = { ...limits, agent: 'team-lead', agentBudgetLimit: '4.00' };
  expect(specOf('lead', 'gateway')).toMatchObject(lead);
  expect(specOf('checks', 'gateway')).toMatchObject(lead);
  expect(specOf('agent-api', 'gateway')).toMatchObject({ ...limits, agent: 'api' });
  expect(specOf('agent-api', 'gateway')).not.toHaveProperty('agentBudgetLimit');
  expect(specOf('finish', 'finish')).toMatchObject({ budgetLimit: '9.00' });
});

test('a gate has its time limit', () => {
  const gate = (lifecycle: string) =>
    team(
      `${CODING}\n  lifecycle: { approvalGates: [{ event: spawn-api }]${lifecycle} }`,
    ).templates.find(({ name }) => name === 'approve-spawn-api')?.suspend;
  expect(gate(', approvalTimeout: 1h30m')).toEqual({ duration: '5400s' });
  expect(gate('')).toEqual({});
});

describe('a restricted gate', () => {
  const { team: checked } = checkObject(
    parse(`
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: auth }
spec:
  ${CODING}
  lifecycle:
    onComplete: push-branch
    approvalTimeout: 1h
    approvalGates:
      - { event: spawn-api, requiredApprovals: 2 }
      - { event: deliver, allowAuthor: false }
`),
  );
  const compiled = (controller: CompileOptions['controller']) => {
    const options = { controller: { admission: true, ...controller } };
    const { workflow } = compile(checked as AgentTeam, options).compiled ?? {};
    const { templates = [] } = workflow?.spec ?? {};
    const tasks = templates.flatMap(({ dag }) => dag?.tasks ?? []);
    return {
      workflow,
      templates,
      when: (name: string) => tasks.find((one) => one.name === name)?.when,
    };
  };

  test('has no time limit in Argo, and the step behind it checks the controller’s proof', () => {
    const hash = 'a'.repeat(64);
    const { workflow, templates, when } = compiled({
      proofHashes: { 'spawn-api': hash, deliver: hash },
    });
    for (const event of ['spawn-api', 'deliver']) {
      const gate = templates.find(({ name }) => name === `approve-${event}`);
      expect(gate).toMatchObject({ suspend: {} });
      expect(gate).not.toHaveProperty('inputs');
      expect(gate?.outputs?.parameters).toContainEqual({
        name: 'proof',
        valueFrom: { supplied: {}, default: '' },
      });
    }
    expect(when('api')).toBe(
      `{{=sprig.sha256sum(tasks['Approve-spawn-api']?.outputs?.parameters?.proof ?? '') == '${hash}'}}`,
    );
    expect(when('Deliver')).toContain(`tasks['Approve-deliver']`);
    expect(workflow?.metadata.labels).toMatchObject({ 'claude.amcheste.io/gates': 'restricted' });
  });

  test('never opens without a proof', () => {
    expect(compiled({}).when('api')).toContain(`== '${'0'.repeat(64)}'`);
  });
});

test('the spec of the checks says what to check, and where', () => {
  const script = 'qualityGates: { validationScript: "make check", rounds: 2 }';
  const coding = team(`${CODING}\n  ${script}`).specOf('checks', 'checks');
  expect(coding).toMatchObject({
    ...{ team: 'auth', validationScript: 'make check', rounds: 2 },
    checks: [],
    timeoutSeconds: 900,
    repository: { url: 'https://git.test/a.git' },
  });
  expect(coding).not.toHaveProperty('output');
  const cowork = team(`${COWORK}\n  ${script}`).specOf('checks', 'checks');
  expect(cowork).toMatchObject({ output: '/workspace/out' });
  expect(cowork).not.toHaveProperty('repository');
});

test.each(['requireTests: true', 'requireLint: true', 'validationScript: "make"'])(
  'a single check is enough for the step to exist: %s',
  (asked) => {
    expect(
      team(`${CODING}\n  qualityGates: { ${asked} }`).specOf('checks', 'checks'),
    ).toBeDefined();
    expect(team(`${CODING}\n  qualityGates: {}`).specOf('checks', 'checks')).toBeUndefined();
  },
);

test('a pull request targets the branch that the work started from, unless the team names another', () => {
  const asked = (lifecycle: string) =>
    team(`${CODING}\n  lifecycle: { onComplete: create-pr${lifecycle} }`).specOf(
      'deliver',
      'deliver',
    );
  expect(asked('')).toMatchObject({
    pullRequest: { title: 'Work of auth', reviewers: [], labels: [] },
  });
  const given = { targetBranch: 'next', reviewers: ['ann'], labels: ['agents'] };
  expect(asked(`, pullRequest: ${JSON.stringify(given)}`)).toMatchObject({ pullRequest: given });
});

test('the last step has the webhook, its events, and whether requests are signed', () => {
  const notify = (webhook: string) =>
    team(`${COWORK}\n  observability: { webhook: { url: "https://a.test"${webhook} } }`).specOf(
      'finish',
      'finish',
    ).notify;
  expect(notify('')).toEqual({ url: 'https://a.test', events: [], signed: false });
  expect(notify(', events: [Failed], secret: hmac')).toEqual({
    ...{ url: 'https://a.test', events: ['Failed'], signed: true },
  });
  expect(team(COWORK).specOf('finish', 'finish')).not.toHaveProperty('notify');
});
