import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { AgentTeam } from '@agentteam/api';
import {
  DOCKER_CONFIG_KEY,
  isRecord,
  loginMatch,
  type OciReference,
  parseOciReference,
} from '@agentteam/contract';
import { execa } from 'execa';
import type { Context } from '../../context.ts';
import { usageError } from '../../failure.ts';

/** Name of the Secret with the user's own logins at the registries of the team's skills. */
export const REGISTRY_LOGIN = 'agentteam-registry-login';

type Json = Readonly<Record<string, unknown>>;

/**
 * Finds the user's logins at the registries of a team, where docker and podman keep them.
 * @returns a Docker configuration with these logins alone; undefined where the user has none.
 * @throws Failure when a file is not such a configuration.
 */
export async function registryLogin(
  { spec }: AgentTeam,
  env: Context['env'],
): Promise<Readonly<Record<string, string>> | undefined> {
  const references = [spec.lead, ...spec.teammates]
    .flatMap(({ skills = [] }) => skills.flatMap(({ source }) => source.oci ?? []))
    .map(parseOciReference)
    .filter((one): one is OciReference => !('problem' in one));
  if (references.length === 0) return undefined;
  const read = await Promise.all(filesOf(env).map(readConfig));
  const configs = read.filter((one) => one !== undefined);
  const auths: Record<string, unknown> = {};
  for (const reference of references) {
    for (const config of configs) {
      const [key, login] = (await loginIn(config, reference, env)) ?? [];
      if (key === undefined) continue;
      auths[key] = login;
      break;
    }
  }
  if (Object.keys(auths).length === 0) return undefined;
  return { [DOCKER_CONFIG_KEY]: JSON.stringify({ auths }) };
}

/** Sources: containers-auth.json(5), and Docker's "docker login". */
function filesOf(env: Context['env']): readonly string[] {
  const { REGISTRY_AUTH_FILE, XDG_RUNTIME_DIR, XDG_CONFIG_HOME, DOCKER_CONFIG } = env;
  const home = env['HOME'] ?? homedir();
  if (REGISTRY_AUTH_FILE) return [REGISTRY_AUTH_FILE];
  return [
    ...(XDG_RUNTIME_DIR ? [join(XDG_RUNTIME_DIR, 'containers/auth.json')] : []),
    join(XDG_CONFIG_HOME || join(home, '.config'), 'containers/auth.json'),
    join(DOCKER_CONFIG || join(home, '.docker'), 'config.json'),
  ];
}

async function readConfig(file: string): Promise<Json | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const config: unknown = JSON.parse(text);
    if (isRecord(config)) return config;
  } catch {
    // The error of JSON.parse quotes the text, which has secrets.
  }
  throw usageError(`${file} is not a configuration of docker or podman: it is not a JSON object`);
}

async function loginIn(
  config: Json,
  reference: OciReference,
  env: Context['env'],
): Promise<readonly [key: string, login: unknown] | undefined> {
  const { auths, credHelpers, credsStore } = config;
  const helper = isRecord(credHelpers) ? credHelpers[reference.registry] : undefined;
  const key =
    Object.keys(isRecord(auths) ? auths : {})
      .filter((one) => loginMatch(one, reference) > 0)
      .sort((a, b) => loginMatch(b, reference) - loginMatch(a, reference))[0] ?? reference.registry;
  const store = helper ?? credsStore;
  if (typeof store === 'string' && store !== '') {
    const login = await askHelper(store, key, env);
    if (login !== undefined) return [key, login];
  }
  const login = isRecord(auths) ? auths[key] : undefined;
  return isRecord(login) && Object.keys(login).length > 0 ? [key, login] : undefined;
}

/** Asks a credential helper of Docker. It fails where the user is not logged in. */
async function askHelper(
  store: string,
  key: string,
  env: Context['env'],
): Promise<Json | undefined> {
  if (!/^[A-Za-z0-9._-]+$/.test(store)) return undefined;
  const { stdout, failed } = await execa(`docker-credential-${store}`, ['get'], {
    input: key,
    env,
    extendEnv: false,
    reject: false,
  });
  if (failed) return undefined;
  const { Username: username, Secret: password } = JSON.parse(stdout) as Json;
  // Docker's mark for a token that is not a password.
  return username === '<token>' ? { identitytoken: password } : { username, password };
}
