import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { auditedRequests, auditFlags } from '../chart/audit.ts';
import { SYSTEM } from '../chart/helm.ts';
import { Cluster } from '../controller/cluster.ts';
import { teamRef } from '../controller/teams.ts';
import { BrowserRequests, statesOf } from './browser.ts';
import { ConsoleProcess, endOf, OWN_USER } from './console.ts';
import { ALPHA, APPROVED, BETA, BY, expiringAt, GATE, setScene, tokenOf } from './people.ts';

// People log in with tokens of their service accounts, at the page with the rights of the chart.
const [OF_ALPHA, OF_BETA] = [`${ALPHA}.report-of-${ALPHA}`, `${BETA}.report-of-${BETA}`];
const APPROVE = { decision: 'approve', reason: 'read it' };
let cluster: Cluster;
let console: ConsoleProcess;
let browser: BrowserRequests;

beforeAll(async () => {
  cluster = await Cluster.start([], auditFlags);
  await cluster.namespace(SYSTEM);
  await setScene(cluster);
  console = await ConsoleProcess.start(cluster, {
    actions: true,
    allowedHosts: ['agents.example.com'],
  });
});
afterAll(async () => {
  await console?.stop();
  await cluster?.stop();
});
beforeEach(() => {
  browser = new BrowserRequests(console.port);
});

async function loggedIn(namespace: string, account: string): Promise<BrowserRequests> {
  const other = new BrowserRequests(console.port);
  const reply = await other.logIn(await tokenOf(cluster, namespace, account));
  expect(reply.status).toBe(200);
  return other;
}
const keys = (rows: { teams: readonly { key: string }[] }) => rows.teams.map(({ key }) => key);
const annotations = async (namespace: string) =>
  (await cluster.get(teamRef(`report-of-${namespace}`, namespace)))?.metadata?.annotations ?? {};

test('people with different rights see different namespaces', async () => {
  const ofAlpha = await loggedIn(ALPHA, 'viewer');
  const ofBeta = await loggedIn(BETA, 'viewer');
  expect(keys((await ofAlpha.get('/api/teams')).body)).toEqual([OF_ALPHA]);
  expect(keys((await ofBeta.get('/api/teams')).body)).toEqual([OF_BETA]);
  const stream = await ofBeta.open('/api/events');
  const { value } = await statesOf(stream).next();
  expect(keys(value)).toEqual([OF_BETA]);
  stream.destroy();

  expect(await ofAlpha.get(`/api/teams/${OF_ALPHA}`)).toMatchObject({
    status: 200,
    body: { summary: { name: `report-of-${ALPHA}`, namespace: ALPHA } },
  });
  expect(await ofAlpha.get(`/api/teams/${OF_BETA}`)).toMatchObject({
    status: 404,
    body: {
      error: expect.stringContaining(
        `User "system:serviceaccount:${ALPHA}:viewer" cannot get resource "agentteams"`,
      ),
    },
  });
  expect(await ofAlpha.get(`/api/teams?namespace=${BETA}`)).toMatchObject({
    status: 404,
    body: { error: expect.stringContaining('cannot list resource "agentteams"') },
  });
});

test('who may list all teams sees all namespaces, and who may list namespaces sees those with rights', async () => {
  await cluster.kubectl('create', 'serviceaccount', 'manager', '-n', BETA);
  const manager = `--serviceaccount=${BETA}:manager`;
  await cluster.kubectl(
    ...['create', 'clusterrole', 'namespaces', '--verb=list', '--resource=namespaces'],
  );
  await cluster.kubectl(
    ...['create', 'clusterrolebinding', 'namespaces', '--clusterrole=namespaces', manager],
  );
  await cluster.kubectl(
    ...['create', 'rolebinding', 'manager', '-n', ALPHA, '--role=viewer', manager],
  );
  const some = await loggedIn(BETA, 'manager');
  expect(keys((await some.get('/api/teams')).body)).toEqual([OF_ALPHA]);

  await cluster.kubectl(
    ...['create', 'clusterrole', 'teams', '--verb=list', '--resource=agentteams'],
  );
  await cluster.kubectl(
    ...['create', 'clusterrolebinding', 'teams', '--clusterrole=teams', manager],
  );
  const all = await loggedIn(BETA, 'manager');
  const { body } = await all.get('/api/teams');
  expect(body.place).toBe('all namespaces');
  expect(new Set(keys(body))).toEqual(new Set([OF_ALPHA, OF_BETA]));
});

test("an action without the right is refused with the API server's sentence", async () => {
  const viewer = await loggedIn(ALPHA, 'viewer');
  expect(await viewer.post(`/api/teams/${OF_ALPHA}${GATE}`, APPROVE)).toMatchObject({
    status: 409,
    body: { error: expect.stringContaining('cannot patch resource "agentteams"') },
  });
  expect(await annotations(ALPHA)).toEqual({});
});

test('an approval has the name of the person and the rights of the person', async () => {
  const editor = await loggedIn(ALPHA, 'editor');
  expect(await editor.post(`/api/teams/${OF_ALPHA}${GATE}`, APPROVE)).toMatchObject({
    status: 200,
  });
  const user = `system:serviceaccount:${ALPHA}:editor`;
  expect(await annotations(ALPHA)).toMatchObject({ [APPROVED]: 'true', [BY]: user });
  const patches = auditedRequests(cluster.directory, user).filter(({ verb }) => verb === 'patch');
  expect(patches).toMatchObject([{ objectRef: { resource: 'agentteams', namespace: ALPHA } }]);
  expect(console.log).toContainEqual(
    expect.objectContaining({ event: 'action', user, status: 200 }),
  );
});

test('a status that names something else than a pod leads the page nowhere', async () => {
  // A person may have all rights in their own namespace, and who looks at the team many more.
  const podName = '../../beta/pods/victim/exec?container=main&stdout=true&command=id&x=';
  const lead = { phase: 'Running', podName };
  const patch = JSON.stringify({ status: { phase: 'Running', lead } });
  await cluster.kubectl(
    ...['patch', 'agentteam', `report-of-${ALPHA}`, '-n', ALPHA],
    ...['--subresource=status', '--type=merge', '-p', patch],
  );
  const viewer = await loggedIn(ALPHA, 'viewer');
  const { status, body } = await viewer.get(`/api/teams/${OF_ALPHA}`);
  expect(status).toBe(200);
  expect(body.files.reason).toContain('as the name of a pod, which it is not');
  const user = `system:serviceaccount:${ALPHA}:viewer`;
  const pods = auditedRequests(cluster.directory, user).filter(({ requestURI }) =>
    requestURI.includes('/pods/'),
  );
  expect(pods.filter(({ requestURI }) => requestURI.includes(BETA))).toEqual([]);
  await cluster.kubectl(
    ...['patch', 'agentteam', `report-of-${ALPHA}`, '-n', ALPHA],
    ...['--subresource=status', '--type=merge', '-p', '{"status":null}'],
  );
});

test('the page itself asks the API server only who has a token', () => {
  const resources = auditedRequests(cluster.directory, OWN_USER).map(
    ({ objectRef, requestURI }) => objectRef?.resource ?? requestURI,
  );
  expect(new Set(resources)).toEqual(new Set(['tokenreviews']));
});

test('nothing is told without a session, and a login needs a token of the cluster', async () => {
  for (const path of ['/api/session', '/api/teams', `/api/teams/${OF_ALPHA}`, '/api/events']) {
    expect(await browser.get(path)).toMatchObject({ status: 401, body: { login: true } });
  }
  const forged = `${await tokenOf(cluster, ALPHA, 'viewer')}x`;
  for (const token of ['wrong', forged]) {
    const { status, headers } = await browser.logIn(token);
    expect({ status, cookie: headers['set-cookie'] }).toEqual({ status: 401, cookie: undefined });
  }
  const cookie = 'agentteam-session=forged';
  expect(await browser.get('/api/teams', { cookie })).toMatchObject({ status: 401 });
});

test('a token in a header is checked at each request of a proxy', async () => {
  const authorization = `Bearer ${await tokenOf(cluster, BETA, 'viewer')}`;
  const { body } = await browser.get('/api/teams', { authorization });
  expect(keys(body)).toEqual([OF_BETA]);
  const wrong = { authorization: `${authorization}x` };
  expect(await browser.get('/api/teams', wrong)).toMatchObject({ status: 401 });
});

test('the cookie is for this page alone, and a logout ends the session and its streams', async () => {
  const token = await tokenOf(cluster, ALPHA, 'viewer');
  const { headers } = await browser.logIn(token);
  expect(headers['set-cookie']).toEqual([
    expect.stringMatching(
      /^agentteam-session=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    ),
  ]);
  const stream = await browser.open('/api/events');
  expect((await browser.post('/api/logout', {})).status).toBe(200);
  await endOf(stream);
  expect(await browser.get('/api/teams')).toMatchObject({ status: 401 });
  const logged = JSON.stringify(console.log);
  expect(logged).not.toContain(token);
  expect(logged).not.toContain(browser.session['cookie']?.split('=')[1]);
});

test('through an ingress the cookie has the prefix __Host-', async () => {
  const token = await tokenOf(cluster, ALPHA, 'viewer');
  const name = 'agents.example.com';
  const { headers } = await browser.post(
    '/api/login',
    { token },
    { host: name, origin: `https://${name}` },
  );
  expect(headers['set-cookie']).toEqual([expect.stringMatching(/^__Host-agentteam-session=/)]);
});

test.each([
  ['another host name, as with DNS rebinding', { host: 'rebound.example.com' }],
  ['the origin of another site', { origin: 'https://example.com' }],
  ['the origin of another port', { origin: 'http://localhost:1' }],
  ['an opaque origin', { origin: 'null' }],
  ['an unencrypted origin', { host: 'agents.example.com', origin: 'http://agents.example.com' }],
  ['another page of the site', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' }],
])('a request with %s is refused, even with a session', async (_, headers) => {
  const editor = await loggedIn(BETA, 'editor');
  expect(await editor.get('/api/teams', headers)).toMatchObject({ status: 403 });
  const sent = await editor.post(`/api/teams/${OF_BETA}${GATE}`, APPROVE, headers);
  expect(sent).toMatchObject({ status: 403 });
  expect(await annotations(BETA)).toEqual({});
});

test('an action without the token of the page is refused', async () => {
  const editor = await loggedIn(BETA, 'editor');
  const path = `/api/teams/${OF_BETA}${GATE}`;
  for (const csrf of ['', 'x'.repeat(43), 'ÿ'.repeat(43)]) {
    const sent = await editor.post(path, APPROVE, { 'x-agentteam-csrf': csrf });
    expect(sent).toMatchObject({ status: 403 });
  }
  expect(await annotations(BETA)).toEqual({});
});

test('a session and its streams end when the token expires', async () => {
  const lasting = await tokenOf(cluster, ALPHA, 'viewer');
  const token = expiringAt(cluster, lasting, Math.ceil(Date.now() / 1000) + 8);
  expect((await browser.logIn(token)).status).toBe(200);
  const stream = await browser.open('/api/events');
  await endOf(stream);
  expect(await browser.get('/api/teams')).toMatchObject({ status: 401, body: { login: true } });
});

test('a session and its streams end when the API server no longer accepts the token', async () => {
  await cluster.kubectl('create', 'secret', 'generic', 'bound', '-n', ALPHA);
  const bound = ['--bound-object-kind=Secret', '--bound-object-name=bound'];
  await browser.logIn(await tokenOf(cluster, ALPHA, 'viewer', ...bound));
  const stream = await browser.open('/api/events');
  await cluster.kubectl('delete', 'secret', 'bound', '-n', ALPHA);
  await endOf(stream);
  expect(await browser.get('/api/teams')).toMatchObject({ status: 401, body: { login: true } });
});

test('a person has a limited number of streams', async () => {
  const viewer = await loggedIn(ALPHA, 'viewer');
  const streams = [];
  for (let open = 0; open < 16; open += 1) streams.push(await viewer.open('/api/events'));
  expect(streams.every(({ statusCode }) => statusCode === 200)).toBe(true);
  expect(await viewer.get('/api/events')).toMatchObject({ status: 429 });
  for (const stream of streams) stream.destroy();
});

test('health is told to the kubelet, and everything ends with the process', async () => {
  const own = await ConsoleProcess.start(cluster, { actions: false });
  const reader = new BrowserRequests(own.port);
  for (const path of ['/healthz', '/readyz']) {
    expect(await reader.get(path, { host: '10.1.2.3:8080' })).toMatchObject({ status: 200 });
  }
  const { body } = await reader.logIn(await tokenOf(cluster, BETA, 'editor'));
  expect(body).toMatchObject({ mayAct: false, auth: 'token' });
  expect(await reader.post(`/api/teams/${OF_BETA}${GATE}`, APPROVE)).toMatchObject({
    status: 403,
    body: { error: expect.stringContaining('read-only') },
  });
  expect(await annotations(BETA)).toEqual({});
  const stream = await reader.open('/api/events');
  const [code] = await Promise.all([own.stop(), endOf(stream)]);
  expect(code).toBe(0);
});

test('somebody who guesses tokens is stopped', async () => {
  const own = await ConsoleProcess.start(cluster);
  const guesser = new BrowserRequests(own.port);
  // What is no token takes no login from anybody.
  for (let tries = 0; tries < 601; tries += 1) {
    expect((await guesser.logIn('no token')).status).toBe(400);
  }
  for (let tries = 0; tries < 20; tries += 1) {
    expect((await guesser.logIn(`guess-${tries}`)).status).toBe(401);
  }
  const right = await tokenOf(cluster, ALPHA, 'viewer');
  expect((await guesser.logIn(right)).status).toBe(429);
  expect(await guesser.get('/api/teams', { authorization: `Bearer ${right}` })).toMatchObject({
    status: 429,
  });
  await own.stop();
});
