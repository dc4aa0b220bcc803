import { readFile } from 'node:fs/promises';
import type { Senders } from '@agentteam/notify';
import type { Config } from '../config.ts';

/** Reads the credentials for sending. They are read again for each notification, because a mounted Secret may change. */
export async function readSenders({
  webhookSecretFile,
  allowPrivateWebhooks,
  proxies,
  mail,
}: Config): Promise<Senders> {
  const [secret, url] = await Promise.all([read(webhookSecretFile), read(mail?.urlFile)]);
  return {
    allowPrivate: allowPrivateWebhooks,
    proxies,
    ...(secret !== undefined && { secret }),
    ...(mail !== undefined && url !== undefined && { mailServer: { url, from: mail.from } }),
  };
}

async function read(file: string | undefined): Promise<string | undefined> {
  return file === undefined ? undefined : (await readFile(file, 'utf8')).trim();
}
