import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ENV, type GatewaySpec, PATHS } from '@agentteam/contract';
import { afterAll } from '@jest/globals';
import { readConfig } from '../../src/gateway/config.ts';
import { type RunningGateway, startGateway } from '../../src/gateway/gateway.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

export function atEnd(cleanup: () => Promise<unknown>): void {
  cleanups.push(cleanup);
}

/** Directories of one team on this machine: one root for each agent's pod, one shared volume. */
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

/** Environment of an agent's gateway. All agents of a test team share its root but for `gateway.json`. */
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
  };
}

export async function startInProcess(env: NodeJS.ProcessEnv): Promise<RunningGateway> {
  const ignore = () => {};
  return startGateway(await readConfig(env), { info: ignore, warn: ignore, error: ignore });
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
