import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from '@jest/globals';
import { execa } from 'execa';
import type { Browser } from 'playwright-core';
import { launch } from '../../packages/cli/test/ui/browser.ts';
import { BrowserRequests } from '../console/browser.ts';
import { programPath } from '../testcluster/control-plane.ts';
import type { Stage } from './stage.ts';
import { small, useStages } from './stages.ts';

// The chart's page in a pod: a person logs in through a port-forward with Chromium, and approves a gate on a phone.
const { site, open } = useStages();
const EVENT = 'spawn-editor';
let endForward: (() => Promise<unknown>) | undefined;
let browser: Browser | undefined;
afterEach(async () => {
  await browser?.close();
  browser = undefined;
  await endForward?.();
  endForward = undefined;
});

/** Forwards a port of this machine to the page. @returns the port. */
async function forward(at: Stage): Promise<number> {
  const { kubeconfig } = site().cluster;
  const args = [`--kubeconfig=${kubeconfig}`, '-n', at.namespace, 'port-forward'];
  const child = execa(programPath('kubectl'), [...args, 'service/agentteam-ui', ':80'], {
    reject: false,
  });
  endForward = async () => {
    child.kill();
    await child;
  };
  const [line] = await once(createInterface(child.stdout), 'line');
  return Number(/:(\d+) -> /.exec(line)?.[1]);
}

async function account(at: Stage, name: string, verbs: string): Promise<string> {
  await at.kubectl('create', 'serviceaccount', name);
  await grant(at, name, name, verbs, 'agentteams.claude.amcheste.io,workflows.argoproj.io');
  return (await at.kubectl('create', 'token', name)).trim();
}

async function grant(
  at: Stage,
  role: string,
  to: string,
  verbs: string,
  kinds: string,
): Promise<void> {
  await at.kubectl('create', 'role', role, `--verb=${verbs}`, `--resource=${kinds}`);
  const subject = `--serviceaccount=${at.namespace}:${to}`;
  await at.kubectl('create', 'rolebinding', role, `--role=${role}`, subject);
}

/** Pods that read volumes for a person. */
const READERS = ['pods', '-l', 'app.kubernetes.io/component=results', '-o', 'name'];

test('a person logs in through a port-forward, reads transcripts, and approves a gate on a phone', async () => {
  const at = await open({
    team: small('paged', { approvalGates: [{ event: EVENT }] }),
    values: { webhook: { enabled: true }, ui: { enabled: true, actions: true } },
  });
  const tokens = {
    viewer: await account(at, 'viewer', 'get,list'),
    reviewer: await account(at, 'reviewer', 'get,list,patch'),
  };
  await at.start();
  await at.until(({ approvals }) =>
    approvals?.some((one: { event: string }) => one.event === EVENT),
  );
  const port = await forward(at);
  const viewer = new BrowserRequests(port);
  expect(await viewer.logIn(tokens.viewer)).toMatchObject({ status: 200 });
  const key = `${at.namespace}.paged`;
  expect(await viewer.get('/api/teams')).toMatchObject({
    body: { teams: [{ key, phase: 'Running', openGates: [EVENT] }] },
  });
  const refused = await viewer.post(`/api/teams/${key}/gates/${EVENT}`, { decision: 'approve' });
  expect(refused).toMatchObject({
    status: 409,
    body: { error: expect.stringContaining('cannot patch resource "agentteams"') },
  });

  browser = await launch();
  const phone = await browser.newPage({ viewport: { width: 360, height: 740 } });
  phone.setDefaultTimeout(0);
  await phone.goto(viewer.origin);
  await phone.getByLabel('Token').fill(tokens.reviewer);
  await phone.keyboard.press('Enter');
  await phone.getByRole('link', { name: 'paged' }).click();

  // Without the rights, the page says which ones are missing. With them, it shows what the running agents do.
  const files = phone.getByRole('region', { name: 'Files of the team' });
  await files.getByText('you may not get pods/exec, create pods/exec in').waitFor();
  await grant(at, 'files', 'reviewer', 'get,create,delete', 'pods,pods/exec');
  await files.waitFor({ state: 'detached' });
  const show = (view: string) => phone.goto(`${viewer.origin}/#/team/${key}/${view}`);
  const entries = phone.locator('.entry');
  for (const agent of ['lead', 'writer']) {
    await show(`transcript/${agent}`);
    await phone.getByRole('heading', { name: `Transcript of ${agent}` }).waitFor();
    await entries.first().waitFor();
  }
  await show('tasks');
  await phone.getByText('writer').first().waitFor();
  await show('timeline');
  await phone
    .getByText(/\d+ turns?, \d+ tool calls?/)
    .first()
    .waitFor();
  await show('overview');
  await phone.getByLabel('Reason').fill('the findings are right');
  await phone.getByRole('button', { name: `Approve ${EVENT}` }).click();
  await phone.getByText('the findings are right').last().waitFor();
  expect(await at.ended()).toMatchObject({
    phase: 'Completed',
    approvals: [
      {
        decision: 'approve',
        by: `system:serviceaccount:${at.namespace}:reviewer`,
        reason: 'the findings are right',
      },
    ],
  });

  // The pods are gone. A pod of its own reads the files, when the person asks for it, and is deleted.
  await show('transcript/editor');
  await files.getByText('because the team has ended').waitFor();
  expect(await at.kubectl('get', ...READERS)).toBe('');
  await files.getByRole('button', { name: "Read the team's files" }).click();
  await files.getByText('read after the team had ended').waitFor();
  await entries.first().waitFor();
  await at.kubectl('wait', '--for=delete', ...READERS.slice(0, 3), '--timeout=60s');
  expect(await viewer.get(`/api/teams/${key}`)).toMatchObject({
    body: {
      files: { complete: false, reason: expect.stringContaining('you may not create pods') },
    },
  });
});
