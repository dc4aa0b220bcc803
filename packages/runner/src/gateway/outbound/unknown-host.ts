import { lookup } from 'node:dns/promises';
import { type Proxies, proxyFor } from '@agentteam/notify/proxies';
import { hostOf } from './messages-api.ts';

/** Whether no host has the name in a URL. A proxy may resolve names that cannot be resolved here. */
export async function isUnknownHost(url: URL, proxies: Proxies): Promise<boolean> {
  if (proxyFor(proxies, url) !== undefined) return false;
  return lookup(hostOf(url)).then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === 'ENOTFOUND',
  );
}
