import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CloudProvider } from '@agentteam/contract';
import type { Context } from '../../context.ts';
import { usageError } from '../../failure.ts';

/** Sets of environment variables, each of which is a credential. Those in `with` are optional. */
interface Source {
  readonly variables: readonly string[];
  readonly with?: readonly string[];
}

/** For each provider, in the order in which Claude Code prefers them. */
const SOURCES: Readonly<Record<Exclude<CloudProvider, 'vertex'>, readonly Source[]>> = {
  bedrock: [
    { variables: ['AWS_BEARER_TOKEN_BEDROCK'] },
    { variables: ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'], with: ['AWS_SESSION_TOKEN'] },
  ],
  foundry: [
    { variables: ['ANTHROPIC_FOUNDRY_API_KEY'] },
    { variables: ['AZURE_TENANT_ID', 'AZURE_CLIENT_ID', 'AZURE_CLIENT_SECRET'] },
  ],
};

const GOOGLE = 'GOOGLE_APPLICATION_CREDENTIALS';

/** What a run on this machine needs for a provider, for people who have not set it. */
const REMEDIES: Readonly<Record<CloudProvider, string>> = {
  bedrock:
    'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (for a profile: eval "$(aws configure export-credentials --format env)"), or AWS_BEARER_TOKEN_BEDROCK',
  vertex: `Run gcloud auth application-default login, or set ${GOOGLE} to a file with credentials`,
  foundry:
    'Set ANTHROPIC_FOUNDRY_API_KEY, or AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET',
};

/** Reads the provider's credential from the environment; from Google's own file for Vertex AI. */
export async function cloudCredential(
  provider: CloudProvider,
  env: Context['env'],
): Promise<Readonly<Record<string, string>> | undefined> {
  if (provider === 'vertex') return googleCredential(env);
  const source = SOURCES[provider].find(({ variables }) => variables.every((name) => env[name]));
  if (source === undefined) return undefined;
  const names = [...source.variables, ...(source.with ?? [])].filter((name) => env[name]);
  return Object.fromEntries(names.map((name) => [name, env[name] ?? '']));
}

async function googleCredential(
  env: Context['env'],
): Promise<Readonly<Record<string, string>> | undefined> {
  const configured = env[GOOGLE];
  const directory = env['CLOUDSDK_CONFIG'] ?? join(env['HOME'] ?? '', '.config', 'gcloud');
  const path = configured || join(directory, 'application_default_credentials.json');
  try {
    return { [GOOGLE]: await readFile(path, 'utf8') };
  } catch (error) {
    if (!configured) return undefined;
    const { code } = error as NodeJS.ErrnoException;
    throw usageError(`${GOOGLE} names the file ${path}, which cannot be read (${code})`);
  }
}

export function missingCloudCredential(provider: CloudProvider, secret: string): Error {
  return usageError(
    'a real run needs a credential for the model provider, and none is set',
    `${REMEDIES[provider]}, or use --secret ${secret}=FILE.\n` +
      '  To rehearse the team at no cost, add --rehearse.',
  );
}
