import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ENV, FIGURES, type GatewaySpec, PATHS, type TeamLive } from '@agentteam/contract';
import { askFor, openAnswer, type ProvenFor } from '@agentteam/figures';
import { afterAll } from '@jest/globals';
import { readConfig } from '../../src/gateway/config.ts';
import { type RunningGateway, startGateway } from '../../src/gateway/gateway.ts';
import { serveApi } from '../support/api-server.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

export function atEnd(cleanup: () => Promise<unknown>): void {
  cleanups.push(cleanup);
}

/** Directories of a team on this machine: a root for each agent's pod, and a shared volume. */
export interface TestTeam {
  readonly root: string;
}

export async function makeTeam(): Promise<TestTeam> {
  const root = await mkdtemp(join(tmpdir(), 'agentteam-gateway '));
  atEnd(() => rm(root, { recursive: true, force: true }));
  for (const path of [PATHS.ledger, PATHS.control, PATHS.state, PATHS.teams, PATHS.tasks]) {
    await mkdir(root + path, { recursive: true });
  }
  return { root };
}

/** Environment of an agent's gateway. All agents of a test team share its root, except for `gateway.json`. */
export function environment(
  team: TestTeam,
  upstream: string,
  spec: Partial<GatewaySpec> = {},
): NodeJS.ProcessEnv {
  const full: GatewaySpec = {
    team: 'demo',
    namespace: 'default',
    agent: 'worker',
    onLimit: 'finish',
    onProviderLimit: 'wait',
    model: 'opus',
    mcpServers: [],
    record: false,
    progress: false,
    ...spec,
  };
  return {
    [ENV.spec]: JSON.stringify(full),
    [ENV.root]: team.root,
    [ENV.upstream]: upstream,
    [ENV.gatewayPort]: '0',
    [ENV.statusPort]: '0',
    [ENV.engine]: 'local',
    [ENV.run]: RUN,
  };
}

const RUN = 'the-run';
/** The run of {@link environment}, as the controller knows it. */
export const CONTROLLER_RUN: ProvenFor = { namespace: 'default', team: 'demo', run: RUN };
/** The namespace's key for figures. */
export const FIGURES_KEY = 'a-key-of-at-least-thirty-two-characters';

/** Mounts the key for figures, as the controller's Secret would. */
export async function mountKey({ root }: TestTeam): Promise<void> {
  const directory = `${root}${PATHS.credentials}/${FIGURES.directory}`;
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, FIGURES.secretKey), `${FIGURES_KEY}\n`);
}

/** A question to a gateway, and its answer. */
export async function askStatus(
  { address }: Pick<RunningGateway, 'address'>,
  asked: { readonly key?: string; readonly agent?: string; readonly run?: string } = {},
) {
  const { key = FIGURES_KEY, agent = 'worker', run = RUN } = asked;
  const of = { ...CONTROLLER_RUN, run };
  const { nonce, headers } = askFor(key, of, agent);
  const response = await fetch(`${address.statusUrl}/status`, { headers });
  const body = Buffer.from(await response.arrayBuffer());
  return {
    status: response.status,
    headers,
    body,
    open: () => openAnswer(key, of, agent, nonce, body),
  };
}

export async function figuresOf(gateway: Pick<RunningGateway, 'address'>): Promise<TeamLive> {
  const answer = await askStatus(gateway);
  return JSON.parse(answer.open()) as TeamLive;
}

export async function startInProcess(env: NodeJS.ProcessEnv): Promise<RunningGateway> {
  const ignore = () => {};
  return startGateway(await readConfig(env), { info: ignore, warn: ignore, error: ignore });
}

/** A team with a gateway that the controller can ask: it has the key. Its API answers nothing of use. */
export async function startForController() {
  const api = await serveApi(() => ({ status: 200, json: {} }));
  atEnd(() => api.close());
  const team = await makeTeam();
  await mountKey(team);
  const gateway = await startInProcess(environment(team, api.url));
  atEnd(() => gateway.close());
  return { team, gateway };
}

export function post(
  { address }: Pick<RunningGateway, 'address'>,
  body: Record<string, unknown>,
  init: RequestInit & { readonly path?: string } = {},
): Promise<Response> {
  return fetch(`${address.url}${init.path ?? '/v1/messages?beta=true'}`, {
    method: 'POST',
    body: JSON.stringify({ model: 'claude-opus-5-5', max_tokens: 1000, messages: [], ...body }),
    ...init,
    headers: {
      'x-api-key': address.token,
      'content-type': 'application/json',
      ...(init.headers as Record<string, string> | undefined),
    },
  });
}
