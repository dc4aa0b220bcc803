import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { appendFile, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { AgentTeam, AgentTeamStatus } from '@agentteam/api';
import { ENV, PATHS } from '@agentteam/contract';
import { workflowSource } from '@agentteam/detail';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { RUNNER } from '../../../../runner/test/support/programs.ts';
import { absentWorkflow } from '../../../src/cluster/connection/workflow.ts';
import { hostedTeam } from '../../../src/teams/cluster/cluster-team.ts';
import { ClusterView } from '../../../src/teams/cluster/files/cluster-view.ts';
import { GatewayReader } from '../../../src/teams/cluster/files/gateway-reader.ts';
import { TeamFiles } from '../../../src/teams/cluster/files/team-files.ts';
import { type ViewLimits, ViewRegistry } from '../../../src/teams/cluster/files/view-limits.ts';
import { wholeTranscript } from '../../../src/teams/whole-transcript.ts';
import {
  frame,
  readFrames,
  STATUS,
  STDIN,
  STDOUT,
  serveExec,
} from '../../cluster/connection/exec-server.ts';

// The built runner reads a team's volume behind the WebSocket of `exec`, as in a gateway's container.
const WAIT_MS = 30_000;
let root: string;
let transcript: string;
let server: Server;
/** Paths of the commands that were run in pods, and an event for each that has ended. */
let executed: string[];
let ended: EventEmitter;
/** What a person may do. */
let allowed: (resource: string, verb: string) => boolean;

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'agentteam-files-')));
  const directory = join(root, PATHS.volume, 'sessions/writer/projects/-work');
  await mkdir(directory, { recursive: true });
  transcript = join(directory, 'session.jsonl');
  await writeFile(transcript, said('I begin.'));
  executed = [];
  ended = new EventEmitter();
  allowed = () => true;
});
afterEach(async () => {
  server.close();
  await rm(root, { recursive: true });
});

const said = (text: string): string =>
  `${JSON.stringify({ type: 'assistant', timestamp: '2026-11-29T10:00:00Z', message: { role: 'assistant', content: [{ type: 'text', text }] } })}\n`;

/** Runs the built runner for a connection, until either of them ends. */
function runInPod(socket: Duplex, path: string): void {
  executed.push(path);
  const verb = new URL(path, 'http://x').searchParams.getAll('command').at(-1) ?? '';
  const child = spawn(process.execPath, [RUNNER, 'results', verb], { env: { [ENV.root]: root } });
  child.stdout.on('data', (chunk: Buffer) => socket.write(frame(STDOUT, chunk)));
  child.once('close', () => {
    socket.end(frame(STATUS, JSON.stringify({ status: 'Success' })));
    ended.emit('end');
  });
  socket.once('close', () => child.stdin.end());
  readFrames(socket, (channel, content) => {
    if (channel === STDIN) child.stdin.write(content);
  });
}

/** Answers questions about rights, and creates pods that run at once. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    const send = (value: object): void => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    };
    if (request.url?.includes('selfsubjectaccessreviews')) {
      const { verb, resource, subresource } = JSON.parse(body).spec.resourceAttributes;
      const name = subresource === undefined ? resource : `${resource}/${subresource}`;
      return send({ status: { allowed: allowed(name, verb) } });
    }
    if (request.url?.includes('/pods')) return send({ status: { phase: 'Running' } });
    response.writeHead(404).end();
  });
}

async function open(run = runInPod): Promise<TeamFiles> {
  const served = await serveExec(run, answer);
  server = served.server;
  return new TeamFiles(served.connection, new ViewRegistry().limits());
}

/** The team as the API server has it. */
function hosted(status: AgentTeamStatus) {
  const team: AgentTeam = {
    apiVersion: 'claude.amcheste.io/v1alpha1',
    kind: 'AgentTeam',
    metadata: { name: 'crew', namespace: 'dev' },
    spec: {
      auth: { apiKeySecret: 'key' },
      lead: { prompt: 'Coordinate.' },
      teammates: [{ name: 'writer', prompt: 'Write.' }],
      lifecycle: {},
    },
    status,
  } as unknown as AgentTeam;
  const times =
    status.phase === 'Running'
      ? { startedAt: '2026-11-29T10:00:00Z' }
      : { startedAt: '2026-11-29T10:00:00Z', finishedAt: '2026-11-29T11:00:00Z' };
  const found = hostedTeam(team, { ...absentWorkflow('crew'), status: times }, {});
  return [found, workflowSource(found)] as const;
}
const RUNNING = {
  phase: 'Running',
  lead: { phase: 'Running', podName: 'crew-lead-1' },
} as AgentTeamStatus;
const ENDED = { phase: 'Completed', lead: { phase: 'Completed' } } as AgentTeamStatus;

test('while agents run, their pods are asked: one program for all questions', async () => {
  const files = await open();
  const looked = await files.look(...hosted(RUNNING), WAIT_MS);
  expect(looked.files).toBeUndefined();
  expect(looked.reading?.agents).toMatchObject([{}, { name: 'writer', hasTranscript: true }]);
  const page = await files.transcript('writer', {});
  expect(page.entries).toMatchObject([{ text: 'I begin.' }]);
  await appendFile(transcript, said('I go on.'));
  const later = await files.transcript('writer', { from: page.next });
  expect(later.entries).toMatchObject([{ text: 'I go on.' }]);
  expect(executed).toEqual([expect.stringContaining('/pods/crew-lead-1/exec?')]);
  expect(executed[0]).toContain('container=gateway');
  const end = once(ended, 'end');
  files.close();
  await end;
});

test('a pod that does not answer keeps nobody waiting', async () => {
  const files = await open(() => {});
  const looked = await files.look(...hosted(RUNNING), 10);
  expect(looked).toEqual({
    files: { complete: false, progress: 'Reading the files of the team.' },
  });
  files.close();
});

/** A program that answers each request with the next of some values. */
function answering(values: readonly unknown[]): (socket: Duplex) => void {
  const waiting = [...values];
  return (socket) =>
    readFrames(socket, (channel) => {
      if (channel !== STDIN) return;
      const content = Buffer.from(JSON.stringify(waiting.shift()));
      socket.write(frame(STDOUT, Buffer.from(`{"length":${content.length}}\n`)));
      socket.write(frame(STDOUT, content));
    });
}

test.each([
  ['a list with four billion items', 'length', 2 ** 32 - 1],
  ['an item behind the end', 7, 'x'],
])('a pod that makes up %s gets no memory of the page', async (_, index, value) => {
  const changed = [[index, { kind: 'value', value }]];
  const forged = { kind: 'items', dropped: 0, kept: 0, changed, added: [] };
  const served = await serveExec(
    answering([
      { kind: 'value', value: { agents: [], tasks: [] } },
      { kind: 'fields', changed: { tasks: forged } },
    ]),
    answer,
  );
  server = served.server;
  const reader = new GatewayReader(served.connection);
  const [, source] = hosted(RUNNING);
  expect(await reader.follow(['crew-lead-1'], source)).toEqual({ agents: [], tasks: [] });
  await expect(reader.follow(['crew-lead-1'], source)).rejects.toThrow('The change does not fit.');
  reader.close();
});

test('a pod cannot make the page keep long positions in a transcript', async () => {
  const page = { entries: [], next: 'x'.repeat(2_000), more: true };
  const served = await serveExec(answering([page]), answer);
  server = served.server;
  const reader = new GatewayReader(served.connection);
  const asked = reader.transcript(['crew-lead-1'], 'writer', {});
  await expect(asked).rejects.toThrow('the pod has answered with something else');
  reader.close();
});

test('without the rights, the missing ones are named', async () => {
  const files = await open();
  server.removeAllListeners('upgrade').on('upgrade', (_, socket: Duplex) => {
    socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
  });
  allowed = (resource, verb) => resource === 'pods' && verb === 'get';
  const looked = await files.look(...hosted(RUNNING), WAIT_MS);
  expect(looked.reading).toBeUndefined();
  expect(looked.files?.reason).toContain(
    'cannot be read: you may not get pods/exec, create pods/exec in dev.',
  );
  expect(looked.files?.offer).toBeUndefined();
  files.close();
});

test('an image of an earlier release is recognised', async () => {
  const STDERR = 2;
  const files = await open((socket) => {
    socket.write(frame(STDERR, 'Usage: agentteam-runner <command>\n'));
    socket.end(frame(STATUS, JSON.stringify({ status: 'Failure', message: 'exit code 64' })));
  });
  const looked = await files.look(...hosted(RUNNING), WAIT_MS);
  expect(looked.files?.reason).toContain('an earlier release has started the team');
  files.close();
});

test('after the end, a pod of its own reads everything once, if a person asks', async () => {
  const files = await open();
  const [found, source] = hosted(ENDED);
  const offered = await files.look(found, source, WAIT_MS);
  expect(offered.files?.reason).toContain('because the team has ended');
  expect(offered.files?.offer).toContain('starts a pod with your rights');
  expect(executed).toEqual([]);
  files.copy(found, source);
  const end = once(ended, 'end');
  expect((await files.look(found, source, WAIT_MS)).files?.progress).toBeDefined();
  await end;
  let looked = await files.look(found, source, WAIT_MS);
  while (looked.files?.progress !== undefined) {
    await new Promise(setImmediate);
    looked = await files.look(found, source, WAIT_MS);
  }
  expect(looked.files).toEqual({ complete: true, readAt: expect.any(String) });
  expect(looked.reading?.agents).toMatchObject([{}, { hasTranscript: true }]);
  const page = await files.transcript('writer', {});
  expect(page).toMatchObject({ entries: [{ text: 'I begin.' }], more: false });
  expect(await files.transcript('writer', { from: '7@other' })).toMatchObject({ entries: [] });
  // A team that runs again has other files.
  allowed = () => false;
  const again = await files.look(
    found,
    { ...source, head: { ...source.head, endedAt: 'later' } },
    0,
  );
  expect(again.reading).toBeUndefined();
  files.close();
});

test.each([
  ['more values than fit into memory', `[${'{},'.repeat(1_000_001)}{}]`],
  ['text', 'hello'],
])('a pod that answers with %s is named as the reason', async (_, content) => {
  const files = await open((socket) => {
    readFrames(socket, (channel) => {
      if (channel !== STDIN) return;
      socket.write(frame(STDOUT, `${JSON.stringify({ length: content.length })}\n`));
      socket.write(frame(STDOUT, content));
    });
  });
  const { files: about, reading } = await files.look(...hosted(RUNNING), WAIT_MS);
  expect(reading).toBeUndefined();
  expect(about?.reason).toContain('the pod has answered with something else');
  files.close();
});

test('a pod that adds without end is read anew before that takes too much memory', async () => {
  const added = {
    kind: 'items',
    dropped: 0,
    kept: 0,
    changed: [],
    added: ['x'.repeat(12_000_000)],
  };
  let connections = 0;
  const served = await serveExec((socket) => {
    connections += 1;
    let answers = 0;
    readFrames(socket, (channel) => {
      if (channel !== STDIN) return;
      const delta =
        answers === 0
          ? { kind: 'value', value: { agents: [] } }
          : { kind: 'fields', changed: { agents: added } };
      answers += 1;
      const content = JSON.stringify(delta);
      socket.write(frame(STDOUT, `${JSON.stringify({ length: content.length })}\n`));
      socket.write(frame(STDOUT, content));
    });
  }, answer);
  server = served.server;
  const reader = new GatewayReader(served.connection);
  const [, source] = hosted(RUNNING);
  for (let reading = 0; reading < 7; reading += 1) await reader.follow(['crew-lead-1'], source);
  expect(connections).toBe(1);
  expect(await reader.follow(['crew-lead-1'], source)).toEqual({ agents: [] });
  expect(connections).toBe(2);
  reader.close();
});

test.each([
  ['that is running', RUNNING, false],
  ['that has ended, through a pod', ENDED, true],
])(
  'get --transcript reads the conversation of an agent of a team %s',
  async (_, status, fromVolume) => {
    await appendFile(transcript, Array.from({ length: 1200 }, () => said('Again.')).join(''));
    const { server: serving, connection } = await serveExec(runInPod, answer);
    server = serving;
    const [found] = hosted(status);
    const host = {
      view: (_name: string, limits: ViewLimits) =>
        new ClusterView(connection, async () => found, limits),
    };
    const read = async (agent: string, isFromVolume: boolean): Promise<readonly string[]> => {
      const texts: string[] = [];
      const entries = wholeTranscript(
        host,
        'crew',
        agent,
        isFromVolume,
        new AbortController().signal,
      );
      for await (const { text } of entries) texts.push(text);
      return texts;
    };
    const texts = await read('writer', fromVolume);
    expect([texts.length, texts[0], texts.at(-1)]).toEqual([1201, 'I begin.', 'Again.']);
    await expect(read('nobody', fromVolume)).rejects.toThrow('crew has no agent nobody');
    if (fromVolume) {
      await expect(read('writer', false)).rejects.toMatchObject({
        message: expect.stringContaining('only when you ask for it, because the team has ended'),
        hint: 'To read them through a pod, use --volume.',
      });
    }
  },
);
