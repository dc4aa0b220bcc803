import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FILES, type GatewayAddress, type GatewayFailure, isRecord } from '@agentteam/contract';
import { LIMITS } from './file/limits.ts';
import { readUntrustedJson } from './file/read.ts';
import { writeJson } from './file/write.ts';

/** Tells an agent how to reach its gateway. The file contains a token, so only this user can read it. */
export async function writeGatewayAddress(
  directory: string,
  address: GatewayAddress,
): Promise<void> {
  await writeJson(join(directory, FILES.gateway), address, { mode: 0o600 });
}

/** @returns `undefined` until the gateway listens; during a restart, its previous address. */
export async function readGatewayAddress(directory: string): Promise<GatewayAddress | undefined> {
  const value = await readUntrustedJson(join(directory, FILES.gateway), LIMITS.smallFileBytes);
  const complete =
    isRecord(value) &&
    ['url', 'token', 'instance', 'statusUrl'].every((field) => typeof value[field] === 'string');
  return complete ? (value as unknown as GatewayAddress) : undefined;
}

/** Tells an agent's runner that its gateway is running but cannot serve requests. */
export async function writeGatewayFailure(
  directory: string,
  failure: GatewayFailure,
): Promise<void> {
  await writeJson(join(directory, FILES.gatewayFailure), failure);
}

/** @returns `undefined` if the gateway has not failed. */
export async function readGatewayFailure(directory: string): Promise<GatewayFailure | undefined> {
  const value = await readUntrustedJson(join(directory, FILES.gatewayFailure));
  const complete =
    isRecord(value) &&
    typeof value['message'] === 'string' &&
    typeof value['exitCode'] === 'number' &&
    typeof value['statusUrl'] === 'string';
  return complete ? (value as unknown as GatewayFailure) : undefined;
}

/** Removes the failure of an earlier gateway. */
export async function removeGatewayFailure(directory: string): Promise<void> {
  await rm(join(directory, FILES.gatewayFailure), { force: true });
}
