import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ENV } from '@agentteam/contract';
import {
  type AllowPrivate,
  type Proxies,
  ProxySettingError,
  readAllowPrivate,
  readProxies,
  type Senders,
} from '@agentteam/notify';
import type { Context } from '../context.ts';
import { usageError } from '../failure.ts';

/**
 * Reads the settings for notifications, from the same variables as the controller.
 * @throws Failure when a file cannot be read or a variable is invalid.
 */
export async function readSenders({ cwd, env }: Pick<Context, 'cwd' | 'env'>): Promise<Senders> {
  const read = async (variable: string): Promise<string | undefined> => {
    const file = env[variable]?.trim();
    if (!file) return undefined;
    const text = await readFile(resolve(cwd, file), 'utf8').catch((error: Error) => {
      throw usageError(`${variable}: ${error.message}`);
    });
    return text.trim();
  };
  const secret = await read('AGENTTEAM_WEBHOOK_SECRET_FILE');
  const url = await read('AGENTTEAM_SMTP_URL_FILE');
  const from = env['AGENTTEAM_SMTP_FROM']?.trim();
  return {
    allowPrivate: allowsPrivate(env),
    proxies: proxiesOf(env),
    ...(secret !== undefined && { secret }),
    ...(url !== undefined && from && { mailServer: { url, from } }),
  };
}

/** Whether webhooks may lead to this machine and its network. @throws Failure for an invalid value. */
export function allowsPrivate(env: Context['env']): AllowPrivate {
  const given = env[ENV.allowPrivateWebhooks]?.trim() || 'false';
  const allowed = readAllowPrivate(given);
  if (allowed !== undefined) return allowed;
  throw usageError(`${ENV.allowPrivateWebhooks}=${given}: expected true, false or proxied`);
}

/** Reads the proxy variables. @throws Failure for an invalid value. */
export function proxiesOf(env: Context['env']): Proxies {
  try {
    return readProxies(env);
  } catch (error) {
    throw error instanceof ProxySettingError ? usageError(error.message) : error;
  }
}
