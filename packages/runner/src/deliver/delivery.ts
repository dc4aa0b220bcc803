import { join } from 'node:path';
import { readUntrustedJson, writeJson } from '@agentteam/volume';

/** What became of a team's result. */
export interface Delivery {
  /** In words: `Opened https://…`. */
  readonly outcome: string;
  readonly branch?: string;
  readonly pullRequest?: { readonly url: string; readonly state: string };
}

/** Beside the agents' states, where they cannot write. No agent's name has a dot. */
const DELIVERY_FILE = 'delivery.json';

/** @param state directory of the agents' states, its real path. */
export async function recordDelivery(state: string, delivery: Delivery): Promise<void> {
  await writeJson(join(state, DELIVERY_FILE), delivery);
}

/** @returns `undefined` where nothing has been delivered. */
export async function readDelivery(state: string): Promise<Delivery | undefined> {
  return (await readUntrustedJson(join(state, DELIVERY_FILE))) as Delivery | undefined;
}
