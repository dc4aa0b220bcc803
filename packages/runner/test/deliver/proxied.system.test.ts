import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ENV } from '@agentteam/contract';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { makeCertificate } from '../support/certificate.ts';
import { type ForwardProxy, serveProxy } from '../support/forward-proxy.ts';
import { serveGit } from '../support/git-http-server.ts';
import { type GitHubServer, serveGitHub } from '../support/github-server.ts';
import { type GitLabServer, serveGitLab } from '../support/gitlab-server.ts';
import { makeRepository, shell, temporaryDirectory } from '../support/shell.ts';
import { wholeWay } from '../support/whole-way.ts';

// No resolver knows these names, so only the proxy can reach them.
const GIT = 'git.example.test';
const GITHUB = 'github.example.test';
const GITLAB = 'gitlab.example.test';
const TOKEN = 'ghp_a-token';
const CREDENTIAL = `Basic ${Buffer.from('user:p@ss').toString('base64')}`;

let bare: string;
let secret: Readonly<Record<string, string>>;
let proxy: ForwardProxy;
const closing: (() => Promise<void>)[] = [];
let github: GitHubServer;
let gitlab: GitLabServer;

beforeAll(async () => {
  const served = await temporaryDirectory();
  await mkdir(join(served, 'acme'));
  await makeRepository(join(served, 'source'), { 'a.txt': 'one\n' });
  await shell(served, 'git clone --quiet --bare source acme/backend.git');
  bare = join(served, 'acme/backend.git');
  const certificate = await makeCertificate([GIT, GITHUB, GITLAB]);
  secret = { token: TOKEN, 'ca.crt': certificate.authority };
  const git = await serveGit(served, `x-access-token:${TOKEN}`, { certificate });
  github = await serveGitHub('acme/backend', TOKEN, '', certificate);
  gitlab = await serveGitLab('acme/backend', TOKEN, certificate);
  const ports: Readonly<Record<string, string>> = {
    [GIT]: git.url,
    [GITHUB]: github.url,
    [GITLAB]: gitlab.url,
  };
  proxy = await serveProxy((host) => Number(new URL(ports[host] ?? '').port), {
    demands: 'user:p@ss',
  });
  closing.push(git.close, github.close, gitlab.close, proxy.close);
});
afterAll(async () => {
  for (const close of closing) await close();
});
beforeEach(() => {
  proxy.asked.length = 0;
});

test.each([
  ['GitHub', GITHUB, '', 'two', () => github.pulls],
  ['GitLab', GITLAB, '/api/v4', 'three', () => gitlab.mergeRequests],
])(
  'cloned, pushed and proposed on %s: all of it goes through the proxy of the environment',
  async (_, host, path, change, proposed) => {
    await wholeWay(change, {
      bare,
      url: `https://${GIT}/acme/backend.git`,
      secret,
      delivery: {
        onComplete: 'create-pr',
        pullRequest: { title: 'Work of the team auth', reviewers: [], labels: [] },
      },
      env: () => ({
        [ENV.hostingUrl]: `https://${host}${path}`,
        https_proxy: `http://user:p%40ss@localhost:${proxy.port}`,
      }),
    });
    expect(proposed()).toHaveLength(1);
    expect(new Set(proxy.asked)).toEqual(
      new Set([`${GIT}:443 ${CREDENTIAL}`, `${host}:443 ${CREDENTIAL}`]),
    );
  },
);
