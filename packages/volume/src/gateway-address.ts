import { join } from 'node:path';
import { FILES, type GatewayAddress } from '@agentteam/contract';
import { LIMITS } from './file/limits.ts';
import { isRecord } from './file/parse-json.ts';
import { readUntrustedJson } from './file/read.ts';
import { writeJson } from './file/write.ts';

/** Tells an agent how to reach its gateway. Readable by this user alone: it holds a token. */
export async function writeGatewayAddress(
  directory: string,
  address: GatewayAddress,
): Promise<void> {
  await writeJson(join(directory, FILES.gateway), address, { mode: 0o600 });
}

/** @returns `undefined` until the gateway listens. */
export async function readGatewayAddress(directory: string): Promise<GatewayAddress | undefined> {
  const value = await readUntrustedJson(join(directory, FILES.gateway), LIMITS.smallFileBytes);
  const complete =
    isRecord(value) &&
    ['url', 'token', 'statusUrl'].every((field) => typeof value[field] === 'string');
  return complete ? (value as unknown as GatewayAddress) : undefined;
}
