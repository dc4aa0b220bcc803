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
  const kinds = 'agentteams.claude.amcheste.io,workflows.argoproj.io';
  await at.kubectl('create', 'serviceaccount', name);
  await at.kubectl('create', 'role', name, `--verb=${verbs}`, `--resource=${kinds}`);
  const subject = `--serviceaccount=${at.namespace}:${name}`;
  await at.kubectl('create', 'rolebinding', name, `--role=${name}`, subject);
  return (await at.kubectl('create', 'token', name)).trim();
}

test('a person logs in through a port-forward and approves a gate on a phone in their own name', async () => {
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
});
