import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { aliasModels, type CloudProvider, ENV, PATHS, type ProviderRef } from '@agentteam/contract';
import {
  parseScript,
  type Rehearsal,
  rehearsedCredentials,
  type SeenRequest,
  startRehearsal,
} from '@agentteam/rehearsal';
import { providerEnvironment } from '../../../src/agent/claude-code/provider-environment.ts';
import { CLAUDE } from '../../contract/member.ts';
import type { Process } from '../gateway-process.ts';
import { atEnd, environment, type TestTeam } from '../team.ts';

export function providerOf(name: CloudProvider): ProviderRef {
  switch (name) {
    case 'bedrock':
      return { name, region: 'us-east-1', models: aliasModels(name, 'us-east-1') };
    case 'vertex':
      return { name, region: 'us-east5', project: 'acme', models: aliasModels(name) };
    case 'foundry':
      return { name, resource: 'acme', models: aliasModels(name) };
  }
}

/** Mounts the Secret of `auth`. */
export async function mountSecret(
  { root }: TestTeam,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  const directory = `${root}${PATHS.credentials}/api`;
  await mkdir(directory, { recursive: true });
  for (const [key, value] of Object.entries(values)) await writeFile(`${directory}/${key}`, value);
}

export interface ClaudeResult {
  readonly code: number;
  readonly is_error: boolean;
  readonly result: string;
  readonly total_cost_usd: number;
  readonly modelUsage: Readonly<Record<string, { readonly costUSD: number }>>;
}

/** Runs the real CLI behind a gateway, with the environment that an agent of a team with this provider has. */
export async function claudeAt(
  provider: ProviderRef,
  team: TestTeam,
  { address }: Pick<Process, 'address'>,
  model: string,
): Promise<ClaudeResult> {
  const child = spawn(
    CLAUDE,
    [
      '-p',
      '--output-format',
      'json',
      '--model',
      model,
      '--permission-mode',
      'bypassPermissions',
      'go',
    ],
    {
      cwd: team.root,
      env: {
        PATH: process.env['PATH'],
        HOME: team.root,
        IS_SANDBOX: '1',
        ...providerEnvironment(provider, address),
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        DISABLE_AUTOUPDATER: '1',
        CLAUDE_CODE_MAX_RETRIES: '0',
        ENABLE_TOOL_SEARCH: 'false',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const [output, [code]] = await Promise.all([child.stdout.toArray(), once(child, 'exit')]);
  return { code, ...JSON.parse(Buffer.concat(output).toString()) } as ClaudeResult;
}

/** Starts a rehearsal, and returns it with the requests that it answers. */
export async function rehearse(
  text: string,
): Promise<Rehearsal & { readonly seen: readonly SeenRequest[] }> {
  const { script, problems } = parseScript(text, 'rehearsal.yaml');
  if (script === undefined) throw new Error(JSON.stringify(problems));
  const seen: SeenRequest[] = [];
  const rehearsal = await startRehearsal({ script, onRequest: (one) => seen.push(one) });
  atEnd(() => rehearsal.close());
  return { ...rehearsal, seen };
}

/** The environment of a gateway whose provider is a rehearsal, with the rehearsal's keys as the Secret `cloud`. */
export async function rehearsedEnvironment(
  team: TestTeam,
  { url }: Rehearsal,
  provider: ProviderRef,
  keys: Readonly<Record<string, string>> = rehearsedCredentials(),
): Promise<NodeJS.ProcessEnv> {
  await mountSecret(team, keys);
  const base = `${url}/worker${provider.name === 'foundry' ? '/anthropic' : ''}`;
  return {
    ...environment(team, base, { provider, secret: 'cloud' }),
    [ENV.tokenUrl]: `${url}/tokens`,
    [ENV.engine]: '',
    [ENV.statusPort]: '0',
  };
}
