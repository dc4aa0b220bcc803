import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { rehearse, type Watched } from '../support/rehearse.ts';

let dir: string;
let rehearsal: Watched;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hosting-'));
  rehearsal = await rehearse({ agents: {} }, { dir });
});

afterEach(async () => {
  await rehearsal.close();
  await rm(dir, { recursive: true });
});

async function call(
  method: string,
  path: string,
  body?: object,
): Promise<readonly [number, unknown]> {
  const response = await fetch(`${rehearsal.url}/hosting/github${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return [response.status, await response.json()];
}

const PULLS = '/repos/acme/backend/pulls';
const NEW = { head: 'teams/x', base: 'main', title: 'T', body: 'B' };

test('creates, lists, updates and stores a pull request', async () => {
  expect(await call('GET', `${PULLS}?head=acme:teams/x&base=main&state=open`)).toEqual([200, []]);
  const [status, created] = await call('POST', PULLS, NEW);
  expect([status, created]).toMatchObject([
    201,
    { number: 1, state: 'open', head: { ref: 'teams/x' } },
  ]);
  expect(await call('GET', `${PULLS}?head=acme:teams/x&base=main`)).toEqual([200, [created]]);
  expect(await call('GET', `${PULLS}?head=acme:teams/y`)).toEqual([200, []]);

  await call('PATCH', `${PULLS}/1`, { title: 'T2' });
  await call('POST', `${PULLS}/1/requested_reviewers`, {
    reviewers: ['ann'],
    team_reviewers: ['qa'],
  });
  expect(await call('POST', '/repos/acme/backend/issues/1/labels', { labels: ['auth'] })).toEqual([
    200,
    [{ name: 'auth' }],
  ]);
  expect(await call('GET', `${PULLS}/1`)).toMatchObject([
    200,
    {
      title: 'T2',
      body: 'B',
      labels: [{ name: 'auth' }],
      requested_reviewers: [{ login: 'ann' }],
      requested_teams: [{ slug: 'qa' }],
    },
  ]);
  const kept = JSON.parse(await readFile(join(dir, 'hosting/acme/backend/1.json'), 'utf8'));
  expect(kept).toMatchObject({ number: 1, title: 'T2', labels: ['auth'], reviewers: ['ann'] });
});

test('refuses a second pull request for the same branches, as GitHub does', async () => {
  await call('POST', PULLS, NEW);
  expect(await call('POST', PULLS, NEW)).toMatchObject([422, { message: 'Validation Failed' }]);
  await call('PATCH', `${PULLS}/1`, { state: 'closed' });
  expect(await call('POST', PULLS, NEW)).toMatchObject([201, { number: 2 }]);
});

test('continues with the pull requests of an earlier rehearsal', async () => {
  await call('POST', PULLS, NEW);
  await rehearsal.close();
  rehearsal = await rehearse({ agents: {} }, { dir });
  expect(await call('GET', PULLS)).toMatchObject([200, [{ number: 1 }]]);
});

test.each(['/repos/acme/../pulls', '/repos/acme/%2e%2e/pulls', '/repos/a%2Fb/c/pulls', '/user'])(
  'knows nothing of %s',
  async (path) => {
    expect(await call('POST', path, NEW)).toMatchObject([404, {}]);
  },
);

test.each([
  ['title', 256],
  ['body', 65_536],
])('a %s longer than GitHub takes is refused, as it would be there', async (field, most) => {
  const long = { ...NEW, [field]: 'x'.repeat(most + 1) };
  expect(await call('POST', PULLS, long)).toMatchObject([422, { message: 'Validation Failed' }]);
  expect(await call('POST', PULLS, { ...NEW, [field]: 'x'.repeat(most) })).toMatchObject([201, {}]);
  expect(await call('PATCH', `${PULLS}/1`, long)).toMatchObject([422, {}]);
});
