import { join } from 'node:path';
import {
  DOCKER_CONFIG_KEY,
  EXIT,
  isRecord,
  loginMatch,
  type OciReference,
} from '@agentteam/contract';
import { StepFailure } from '../../../step/failure.ts';
import { readSecret } from '../../../step/secret.ts';

/** A login at a registry. */
export type Login = {
  /** Name of the Secret that it comes from, for messages. */
  readonly secret: string;
} & (
  | { readonly username: string; readonly password: string }
  /** A refresh token, for which the registry's token service gives access tokens. */
  | { readonly identityToken: string }
);

/**
 * Finds the most specific login for a reference, as the kubelet does for images.
 * @param directory has a directory for each Secret that exists.
 * @param secrets names, in the order in which they are tried.
 * @throws StepFailure for a Secret that is not a Docker configuration.
 */
export async function findLogin(
  directory: string,
  secrets: readonly string[],
  reference: OciReference,
): Promise<Login | undefined> {
  let best: Login | undefined;
  let length = 0;
  for (const secret of secrets) {
    const text = await readSecret(join(directory, secret, DOCKER_CONFIG_KEY));
    for (const [key, entry] of text === undefined ? [] : loginsIn(text, secret)) {
      const match = loginMatch(key, reference);
      if (match <= length) continue;
      [best, length] = [loginOf(entry, secret), match];
    }
  }
  return best;
}

function loginsIn(text: string, secret: string): readonly (readonly [string, unknown])[] {
  try {
    const config: unknown = JSON.parse(text);
    const auths = isRecord(config) ? config['auths'] : undefined;
    if (isRecord(auths)) return Object.entries(auths);
  } catch {
    // The error of JSON.parse quotes the text.
  }
  throw new StepFailure(
    `the key ${DOCKER_CONFIG_KEY} of the Secret ${secret} is not a Docker configuration with auths; create the Secret with: kubectl create secret docker-registry`,
    EXIT.invalid,
  );
}

function loginOf(entry: unknown, secret: string): Login {
  const { username, password, auth, identitytoken } = isRecord(entry) ? entry : {};
  if (typeof identitytoken === 'string' && identitytoken !== '') {
    return { secret, identityToken: identitytoken };
  }
  if (typeof username === 'string' && typeof password === 'string') {
    return { secret, username, password };
  }
  const decoded = typeof auth === 'string' ? Buffer.from(auth, 'base64').toString('utf8') : '';
  const colon = decoded.indexOf(':');
  if (colon > 0) {
    return { secret, username: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
  }
  throw new StepFailure(
    `the Secret ${secret} has a login without a user name and a password`,
    EXIT.invalid,
  );
}
