import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AgentSpec,
  ENV,
  EXIT,
  expandServices,
  isReservedVariable,
  LOADER_VARIABLES,
  RUNTIME,
  under,
  VARIABLE_PREFIX,
  type VariableSpec,
  variablesOf,
} from '@agentteam/contract';
import { StepFailure } from '../step/failure.ts';
import { findProgram } from './find-program.ts';
import { jvmProxy } from './jvm-proxy.ts';
import { withLastPrograms } from './own-programs.ts';
import { serviceAddresses } from './service-addresses.ts';

/** Variables of an agent's process and of the commands that run for it. */
export interface CommandVariables {
  /** Those of the image. Everything else takes precedence over them. Empty in our own image. */
  readonly image: Readonly<Record<string, string>>;
  /** Those that the team sets, and options for Maven and Gradle ({@link jvmProxy}). */
  readonly own: Readonly<Record<string, string>>;
}

/**
 * Collects the variables of an agent.
 * @param env of the step, from `useOwnPrograms`. The gateway must be serving.
 * @param root value of `AGENTTEAM_ROOT`.
 * @throws StepFailure with `EXIT.invalid` if a ConfigMap lacks a key.
 */
export async function commandVariables(
  env: NodeJS.ProcessEnv,
  { variables = [], services = [] }: Pick<AgentSpec, 'variables' | 'services'>,
  root: string,
): Promise<CommandVariables> {
  const addresses = await serviceAddresses(env, services, root);
  const values = variables.map(
    async (one) => [one.name, await readValue(one, env, root, addresses)] as const,
  );
  const own: Record<string, string> = Object.fromEntries(await Promise.all(values));
  if (own['PATH'] !== undefined) own['PATH'] = withLastPrograms(own['PATH'], env[ENV.runtime]);
  return {
    image: imageVariables(env, own['PATH'] ?? env['PATH']),
    own: { ...own, ...jvmProxy(env, own) },
  };
}

async function readValue(
  variable: VariableSpec,
  env: NodeJS.ProcessEnv,
  root: string,
  addresses: ReadonlyMap<string, string>,
): Promise<string> {
  if ('value' in variable) return expandServices(variable.value, addresses);
  if ('field' in variable) return env[`${VARIABLE_PREFIX}${variable.name}`] ?? '';
  const { name, configMap, key } = variable;
  try {
    return await readFile(join(under(root, variablesOf(configMap)), key), 'utf8');
  } catch (error) {
    throw new StepFailure(
      `The variable ${name} takes its value from the key ${key} of the ConfigMap ${configMap}, which cannot be read: ${(error as Error).message}. Add the key, then run agentteam retry.`,
      EXIT.invalid,
      error,
    );
  }
}

/** Where images keep the public certificate authorities: Debian and Alpine, Red Hat, SUSE, and Alpine again. */
const AUTHORITIES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
] as const;

function imageVariables(
  env: NodeJS.ProcessEnv,
  path: string | undefined,
): Readonly<Record<string, string>> {
  const runtime = env[ENV.runtime];
  if (runtime === undefined) return {};
  const names: readonly string[] = LOADER_VARIABLES;
  const kept = Object.entries(env).flatMap(([name, value]) =>
    value === undefined || isReservedVariable(name) || names.includes(name) ? [] : [[name, value]],
  );
  const bash = findProgram('bash', path);
  const found = AUTHORITIES.find((file) => existsSync(file));
  const shipped = join(runtime, RUNTIME.inside.authorities);
  return {
    // Some programs have no other way to learn who they run as.
    USER: 'agent',
    LOGNAME: 'agent',
    ...(found === undefined && { SSL_CERT_FILE: shipped }),
    ...Object.fromEntries(kept),
    // Claude Code's tool needs bash. The runtime's is last on PATH.
    ...(bash !== undefined && { SHELL: bash }),
    // The runtime's git looks where Debian has them.
    ...(found !== AUTHORITIES[0] && { GIT_SSL_CAINFO: found ?? shipped }),
  };
}
