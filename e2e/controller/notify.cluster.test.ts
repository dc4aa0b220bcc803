import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { MailServer } from '../../packages/notify/test/support/mail-server.ts';
import { type ApiServer, serveApi } from '../../packages/runner/test/support/api-server.ts';
import { ApiProxy } from './api-proxy.ts';
import { Cluster } from './cluster.ts';
import { ControllerProcess } from './process.ts';
import { team, teamRef, workflowRef } from './teams.ts';

const NAMESPACE = 'notify';
const EVENT = 'spawn-editor';
let cluster: Cluster;
let receiver: ApiServer;
let controller: ControllerProcess;
let secretFile: string;
beforeAll(async () => {
  cluster = await Cluster.start();
  await cluster.namespace(NAMESPACE);
  secretFile = join(cluster.directory, 'webhook-secret');
  writeFileSync(secretFile, 'a shared secret\n');
});
beforeEach(async () => {
  receiver = await serveApi(() => ({ status: 204 }));
  await start();
});
afterEach(async () => {
  await controller?.stop();
  await receiver.close();
});
afterAll(async () => {
  await cluster?.stop();
});

async function start(
  env: Readonly<Record<string, string>> = {},
  kubeconfig = cluster.kubeconfig,
): Promise<void> {
  controller = await ControllerProcess.start(
    kubeconfig,
    {
      AGENTTEAM_NAMESPACES: NAMESPACE,
      AGENTTEAM_LEADER_ELECTION: 'false',
      AGENTTEAM_WEBHOOK_SECRET_FILE: secretFile,
      AGENTTEAM_ALLOW_PRIVATE_WEBHOOKS: 'true',
      ...env,
    },
    'watching',
  );
}

/** A team whose writer has ended and whose editor waits for a gate. */
async function waiting(
  name: string,
  channel: object = { channel: 'webhook', webhookUrl: `${receiver.url}/hook` },
): Promise<void> {
  const approvalGates = [{ event: EVENT, ...channel }];
  const teammates = [
    { name: 'writer', prompt: 'Write it.' },
    { name: 'editor', prompt: 'Edit <it> & wait.', dependsOn: ['writer'] },
  ];
  const lifecycle = { budgetLimit: '5.00', approvalGates };
  await cluster.apply(team(name, { teammates, lifecycle }, NAMESPACE));
  await cluster.until(workflowRef(name, NAMESPACE), (now) => now);
  const node = (id: string, step: string, more: object) => [
    `${name}-${id}`,
    { id: `${name}-${id}`, name: `${name}.${step}`, displayName: step, ...more },
  ];
  await cluster.patch(workflowRef(name, NAMESPACE), {
    status: {
      phase: 'Running',
      startedAt: '2026-01-01T00:00:00Z',
      nodes: Object.fromEntries([
        node('1', 'writer', {
          type: 'Pod',
          phase: 'Succeeded',
          templateName: 'agent-writer',
        }),
        node('2', `Approve-${EVENT}`, {
          type: 'Suspend',
          phase: 'Running',
          startedAt: '2026-01-01T00:00:10Z',
          templateName: 'approve',
        }),
      ]),
    },
  });
}

const told = (name: string) =>
  cluster.until(
    teamRef(name, NAMESPACE),
    (now) => now?.status?.approvals?.[0]?.notifiedAt !== undefined && now,
  );

test('notifies the recipient of a gate once, with a signature and what the approver needs', async () => {
  await waiting('told');
  await told('told');
  const [request, ...more] = receiver.requests;
  expect(more).toEqual([]);
  expect(request?.body).toMatchObject({
    schema: 'agentteam/notification',
    event: 'approval-required',
    namespace: NAMESPACE,
    team: 'told',
    data: {
      event: EVENT,
      teammate: 'editor',
      prompt: 'Edit <it> & wait.',
      // Reports come from the lead's gateway, and this cluster has no pods.
      reports: [],
      costUsd: '0.00',
      budgetUsd: '5.00',
      approve: `kubectl annotate agentteam told -n ${NAMESPACE} approved.claude.amcheste.io/${EVENT}=true`,
    },
  });
  const { headers, text = '' } = request ?? {};
  const digest = createHmac('sha256', 'a shared secret')
    .update(`${headers?.['x-agentteam-timestamp']}.${text}`)
    .digest('hex');
  expect(headers?.['x-agentteam-signature']).toBe(`sha256=${digest}`);
  // A restarted controller knows from the status that the notification was sent.
  await controller.stop();
  await start();
  await waiting('later');
  await told('later');
  expect(receiver.requests.map(({ body }) => body['team'])).toEqual(['told', 'later']);
});

test('sends another notification, with another id, when a stopped gate opens again', async () => {
  await waiting('reopened');
  await told('reopened');
  const startedAt = '2026-01-01T01:00:00Z';
  await cluster.patch(workflowRef('reopened', NAMESPACE), {
    status: { startedAt, nodes: { 'reopened-2': { startedAt } } },
  });
  await cluster.until(teamRef('reopened', NAMESPACE), (now) => {
    const [approval] = now?.status?.approvals ?? [];
    return approval?.openedAt === startedAt && approval.notifiedAt !== undefined;
  });
  const bodies = receiver.requests.map(({ body }) => body as { id: string; at: string });
  expect(bodies.map(({ at }) => at)).toEqual(['2026-01-01T00:00:10Z', startedAt]);
  expect(new Set(bodies.map(({ id }) => id)).size).toBe(2);
});

test('a controller that crashes before it writes the status sends the same id again', async () => {
  await controller.stop();
  const proxy = await ApiProxy.start(cluster.kubeconfig);
  try {
    // After the call, no status update reaches the server.
    proxy.handle = (from, to, pass) => {
      const isStatus = from.url?.split('?')[0]?.endsWith('/agentteams/crashed/status') ?? false;
      if (isStatus && receiver.requests.length > 0) to.socket?.destroy();
      else pass();
    };
    await start({}, proxy.kubeconfig);
    await waiting('crashed');
    await controller.logged('notification sent');
    await controller.stop('SIGKILL');
  } finally {
    await proxy.close();
  }
  await start();
  await told('crashed');
  const ids = receiver.requests.map(({ headers }) => headers['idempotency-key']);
  expect(ids).toHaveLength(2);
  expect(new Set(ids).size).toBe(1);
});

test('calls a receiver that fails again, with the same id', async () => {
  receiver.failures.push({ status: 503 }, { status: 429 });
  await waiting('again');
  await told('again');
  const ids = receiver.requests.map(({ headers }) => headers['idempotency-key']);
  expect(ids).toHaveLength(3);
  expect(new Set(ids).size).toBe(1);
});

test('calls a receiver that refuses once, and records an event', async () => {
  receiver.failures.push({ status: 404 });
  await waiting('refused');
  await controller.logged('notification refused');
  await cluster.until(
    { apiVersion: 'v1', kind: 'Event', namespace: NAMESPACE, name: '' },
    (event) => (event as { reason?: string } | undefined)?.reason === 'NotificationFailed',
  );
  expect(receiver.requests).toHaveLength(1);
});

test('sends Slack a message without mentions or links', async () => {
  await waiting('slack', { channel: 'slack', webhookUrl: `${receiver.url}/hook` });
  await told('slack');
  const text = receiver.requests[0]?.text ?? '';
  expect(text).toContain('{"type":"plain_text","text":"> Edit <it> & wait."');
  expect(receiver.requests[0]?.body).toMatchObject({ text: expect.stringContaining(EVENT) });
});

test('sends mail once the controller has a mail server', async () => {
  const email = { channel: 'email', emailTo: ['ada@example.com', 'ben@example.com'] };
  const lifecycle = { approvalGates: [{ event: EVENT, ...email }] };
  await cluster.apply(team('nobody', { lifecycle }, NAMESPACE));
  const { status } = await cluster.until(
    teamRef('nobody', NAMESPACE),
    (now) => now?.status?.phase === 'Failed' && now,
  );
  expect(status.message).toContain('the controller has no mail server');

  const mail = await MailServer.start();
  try {
    await controller.stop();
    const urlFile = join(cluster.directory, 'smtp-url');
    writeFileSync(urlFile, `${mail.url}\n`);
    await start({
      AGENTTEAM_SMTP_URL_FILE: urlFile,
      AGENTTEAM_SMTP_FROM: 'agentteam <team@example.com>',
    });
    await waiting('mailed', email);
    await told('mailed');
    expect(mail.mails.map(({ to }) => to)).toEqual([email.emailTo]);
    expect(mail.mails[0]?.text).toContain(`Subject: ${NAMESPACE}/mailed: ${EVENT} is waiting`);
  } finally {
    await mail.close();
  }
});

test('refuses an address inside the cluster unless it is allowed', async () => {
  await controller.stop();
  await start({ AGENTTEAM_ALLOW_PRIVATE_WEBHOOKS: 'false' });
  await waiting('private');
  await controller.logged('is a private or link-local address');
  expect(receiver.requests).toEqual([]);
});
