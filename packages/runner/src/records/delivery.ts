import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readUntrustedJson, writeJson } from '@agentteam/volume';

/** How a team's result was delivered. `deliver` writes this record, and `finish` reads it. */
export interface Delivery {
  /** A sentence for people, for example `Opened https://…`. */
  readonly outcome: string;
  readonly branch?: string;
  readonly pullRequest?: { readonly url: string; readonly state: string };
}

/** In `PATHS.state`, which agents cannot write to. Agent names cannot contain a dot. */
const DELIVERY_FILE = 'delivery.json';

/** @param state real path of the state directory. */
export async function recordDelivery(state: string, delivery: Delivery): Promise<void> {
  await writeJson(join(state, DELIVERY_FILE), delivery);
}

/** Removes the record of an earlier delivery, which says nothing about the one that begins. */
export async function forgetDelivery(state: string): Promise<void> {
  await rm(join(state, DELIVERY_FILE), { force: true });
}

/** @returns `undefined` when nothing was delivered. */
export async function readDelivery(state: string): Promise<Delivery | undefined> {
  return (await readUntrustedJson(join(state, DELIVERY_FILE))) as Delivery | undefined;
}
