import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { aliasModels, type CloudProvider, PATHS, type ProviderRef } from '@agentteam/contract';
import { providerEnvironment } from '../../../src/agent/claude-code/provider-environment.ts';
import { CLAUDE } from '../../contract/member.ts';
import type { Process } from '../gateway-process.ts';
import type { TestTeam } from '../team.ts';

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
