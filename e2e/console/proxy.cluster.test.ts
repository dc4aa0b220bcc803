import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type AuditedRequest, auditedRequests, auditFlags } from '../chart/audit.ts';
import { SYSTEM } from '../chart/helm.ts';
import { makeCertificate } from '../controller/certificate.ts';
import { Cluster } from '../controller/cluster.ts';
import { teamRef } from '../controller/teams.ts';
import { BrowserRequests, type Reply } from './browser.ts';
import { makeAuthority } from './certificates.ts';
import { ConsoleProcess, OWN_USER } from './console.ts';
import { ALPHA, APPROVED, BETA, BY, GATE, setScene } from './people.ts';

// An authenticating proxy names the user, whom the page impersonates.
const SECRET = 'correct horse battery staple';
const [OF_ALPHA, OF_BETA] = [`${ALPHA}.report-of-${ALPHA}`, `${BETA}.report-of-${BETA}`];
const APPROVE = { decision: 'approve', reason: '' };
const ADA = { 'x-forwarded-user': 'ada@acme.example' };
const proven = { 'x-agentteam-proxy-secret': SECRET };
let cluster: Cluster;
let secrets: string;
let console: ConsoleProcess;
let browser: BrowserRequests;

beforeAll(async () => {
  cluster = await Cluster.start([], auditFlags);
  await cluster.namespace(SYSTEM);
  await setScene(cluster);
  const bind = (namespace: string, role: string, ...subjects: readonly string[]) =>
    cluster.kubectl(
      'create',
      'rolebinding',
      `${role}s`,
      `--role=${role}`,
      ...subjects,
      '-n',
      namespace,
    );
  await bind(ALPHA, 'editor', '--user=oidc:ada@acme.example');
  await bind(BETA, 'viewer', '--group=oidc:writers');
  await cluster.kubectl(
    'create',
    'rolebinding',
    'joined',
    '-n',
    ALPHA,
    '--role=viewer',
    '--group=oidc:readers,oidc:writers',
  );
  secrets = join(cluster.directory, 'secrets');
  mkdirSync(join(secrets, 'proxy'), { recursive: true });
  writeFileSync(join(secrets, 'proxy/secret'), `${SECRET}\n`);
  console = await ConsoleProcess.start(
    cluster,
    {
      actions: true,
      allowedHosts: ['agents.example.com'],
      auth: {
        mode: 'proxy',
        proxy: {
          secretName: 'proxy',
          groups: ['oidc:readers', 'oidc:writers'],
          userPrefix: 'oidc:',
          groupPrefix: 'oidc:',
        },
      },
    },
    secrets,
  );
  browser = new BrowserRequests(console.port);
});
afterAll(async () => {
  await console?.stop();
  await cluster?.stop();
});

/** The keys of the listed teams, or the refusal. */
const keys = ({ body }: Reply) =>
  body.error ?? body.teams.map(({ key }: { readonly key: string }) => key);
/** Users and groups whom the page has impersonated so far. */
const impersonated = () =>
  auditedRequests(cluster.directory, OWN_USER).map(
    (asked) =>
      (asked as AuditedRequest & { impersonatedUser?: { username: string; groups: string[] } })
        .impersonatedUser,
  );

test.each([
  ['no secret', {}],
  ['a wrong secret', { 'x-agentteam-proxy-secret': 'guess' }],
  ['a wrong password', { authorization: `Basic ${btoa('ada:guess')}` }],
  ['an empty password', { authorization: `Basic ${btoa('ada:')}` }],
])('a forged header with %s is refused', async (_, headers) => {
  expect(await browser.get('/api/teams', { ...ADA, ...headers })).toMatchObject({
    status: 401,
    body: { error: expect.stringContaining('does not come from the authenticating proxy') },
  });
});

test.each([
  ['no user', {}],
  ['an empty user', { 'x-forwarded-user': '' }],
  ['two users', { 'x-forwarded-user': ['ada@acme.example', 'root@acme.example'] }],
])('a proxy that names %s is not believed', async (_, headers) => {
  expect(await browser.get('/api/teams', { ...proven, ...headers })).toMatchObject({
    status: 401,
    body: { error: expect.stringContaining('no user in x-forwarded-user') },
  });
});

test('a person sees and does what they may, and nobody else appears', async () => {
  const ada = { ...proven, ...ADA };
  // The namespaces that a person may not list all of are named in the values of the chart, or entered.
  expect(keys(await browser.get(`/api/teams?namespace=${ALPHA}`, ada))).toEqual([OF_ALPHA]);
  expect(await browser.get(`/api/teams?namespace=${BETA}`, ada)).toMatchObject({
    status: 404,
    body: {
      error: expect.stringContaining(
        'User "oidc:ada@acme.example" cannot list resource "agentteams"',
      ),
    },
  });
  const { body: session } = await browser.get('/api/session', ada);
  expect(session).toMatchObject({ auth: 'proxy', user: 'oidc:ada@acme.example' });
  const path = `/api/teams/${OF_ALPHA}${GATE}`;
  expect(await browser.post(path, APPROVE, ada)).toMatchObject({ status: 403 });
  const headers = { ...ada, 'x-agentteam-csrf': session.csrf };
  expect(await browser.post(path, APPROVE, headers)).toMatchObject({ status: 200 });
  const stored = await cluster.get(teamRef(`report-of-${ALPHA}`, ALPHA));
  expect(stored?.metadata?.annotations).toMatchObject({
    [APPROVED]: 'true',
    [BY]: 'oidc:ada@acme.example',
  });
  const other = { ...headers, 'x-forwarded-user': 'bob@acme.example' };
  expect(await browser.post(path, APPROVE, other)).toMatchObject({ status: 403 });
});

test('the password of oauth2-proxy is a proof, too', async () => {
  const authorization = `Basic ${btoa(`ada@acme.example:${SECRET}`)}`;
  const list = await browser.get(`/api/teams?namespace=${ALPHA}`, { ...ADA, authorization });
  expect(keys(list)).toEqual([OF_ALPHA]);
});

test('only listed groups are passed on, each as one group', async () => {
  const headers = {
    ...proven,
    'x-forwarded-user': 'bob',
    'x-forwarded-groups': 'writers,readers, system:masters,admins',
  };
  // The page looks for the files in the pod of the lead, over a WebSocket.
  const lead = { phase: 'Running', podName: 'lead', estimatedCost: '1.00' };
  const running = { status: { phase: 'Running', estimatedCost: '1.25', lead } };
  await cluster.kubectl(
    ...['patch', 'agentteam', `report-of-${BETA}`, '-n', BETA, '--subresource=status'],
    ...['--type=merge', '-p', JSON.stringify(running)],
  );
  expect(keys(await browser.get(`/api/teams?namespace=${BETA}`, headers))).toEqual([OF_BETA]);
  // Without rights to files and figures, the cost is that of the status.
  expect(await browser.get(`/api/teams/${OF_BETA}`, headers)).toMatchObject({
    status: 200,
    body: {
      summary: { usd: '1.25' },
      agents: expect.arrayContaining([expect.objectContaining({ name: 'lead', usd: '1.00' })]),
    },
  });
  expect(await browser.get(`/api/teams?namespace=${ALPHA}`, headers)).toMatchObject({
    status: 404,
  });
  const groups = impersonated()
    .filter((who) => who?.username === 'oidc:bob')
    .map((who) => who?.groups.toSorted());
  expect(groups.length).toBeGreaterThan(0);
  const asked = auditedRequests(cluster.directory, OWN_USER);
  expect(asked.map(({ objectRef }) => objectRef?.subresource)).toContain('exec');
  for (const one of groups) {
    expect(one).toEqual(['oidc:readers', 'oidc:writers', 'system:authenticated']);
  }
});

test('the page does nothing with its own rights, and they do not reach beyond the listed groups', async () => {
  expect(impersonated().filter((who) => who === undefined)).toEqual([]);
  const can = (...args: readonly string[]) =>
    cluster
      .kubectl('auth', 'can-i', ...args, `--as=${OWN_USER}`)
      .catch(({ stdout }: { stdout: string }) => stdout);
  expect(await can('impersonate', 'groups/system:masters')).toContain('no');
  expect(await can('impersonate', 'serviceaccounts')).toContain('no');
  expect(await can('get', 'agentteams.claude.amcheste.io', '-A')).toContain('no');
  expect(await can('create', 'tokenreviews.authentication.k8s.io')).toContain('no');
});

test("Kubernetes' own users do not come through a proxy without a prefix", async () => {
  const own = await ConsoleProcess.start(
    cluster,
    { auth: { mode: 'proxy', proxy: { secretName: 'proxy', groups: ['*'] } } },
    secrets,
  );
  const reader = new BrowserRequests(own.port);
  const as = (user: string) => reader.get('/api/teams', { ...proven, 'x-forwarded-user': user });
  expect(await as('system:kube-controller-manager')).toMatchObject({
    status: 401,
    body: { error: expect.stringContaining('begins with system:') },
  });
  // A new secret counts without a restart.
  const file = join(secrets, 'proxy/secret');
  writeFileSync(`${file}.new`, 'another secret');
  renameSync(`${file}.new`, file);
  while ((await as('eve')).status !== 401) await new Promise(setImmediate);
  writeFileSync(file, SECRET);
  await own.stop();
});

test('a proxy proves itself with a certificate of its authority and its name', async () => {
  makeCertificate(join(secrets, 'tls'));
  const sign = makeAuthority(join(secrets, 'proxy-ca'));
  const forger = makeAuthority(join(secrets, 'forger'));
  const own = await ConsoleProcess.start(
    cluster,
    {
      tls: { secretName: 'tls' },
      auth: {
        mode: 'proxy',
        proxy: { clientCaSecretName: 'proxy-ca', clientNames: ['front'], userPrefix: 'oidc:' },
      },
    },
    secrets,
  );
  const answer = (certificate: object) =>
    new BrowserRequests(own.port, { rejectUnauthorized: false, ...certificate }).get(
      `/api/teams?namespace=${ALPHA}`,
      ADA,
    );
  expect(keys(await answer(sign('front')))).toEqual([OF_ALPHA]);
  for (const certificate of [{}, sign('other'), forger('front')]) {
    expect(await answer(certificate)).toMatchObject({
      status: 401,
      body: { error: expect.stringContaining('its certificate is missing or wrong') },
    });
  }
  await own.stop();
});
