import type { IncomingMessage } from 'node:http';
import { FIGURES, LEAD, type TeamLive } from '@agentteam/contract';
import {
  isAskedBy,
  type ProvenFor,
  proofOf,
  readAskedToRecord,
  sealAnswer,
} from '@agentteam/figures';
import type { Cluster } from './cluster.ts';
import { workflowRef } from './teams.ts';

const tokens = { input: 1, output: 1, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 };
const tasks = { total: 0, pending: 0, inProgress: 0, completed: 0 };

/** Figures of a team with a given cost. */
export function figures(team: string, usd: string): TeamLive {
  return { team, at: '2026-01-01T00:00:00Z', usd, tokens, tasks, agents: [] };
}

/** Waits until the controller has created the figures key of a namespace, and returns it. */
export function figuresKey(cluster: Cluster, namespace: string): Promise<string> {
  return cluster.until(
    { apiVersion: 'v1', kind: 'Secret', namespace, name: FIGURES.secret },
    (secret) => {
      const { data } = (secret ?? {}) as { readonly data?: Readonly<Record<string, string>> };
      const key = data?.[FIGURES.secretKey];
      return key && Buffer.from(key, 'base64').toString('utf8');
    },
  );
}

/** The key and the run for which figures of a team are proven. */
export async function proverOf(cluster: Cluster, team: string, namespace: string) {
  const key = await figuresKey(cluster, namespace);
  const run = await cluster.until(
    workflowRef(team, namespace),
    (workflow) => workflow?.metadata?.uid,
  );
  const of: ProvenFor = { namespace, team, run };
  return {
    /** The reply of the lead's gateway to a request; undefined if the sender does not have the key. */
    answer: ({ headers }: IncomingMessage, body: string): Buffer | undefined => {
      const nonce = isAskedBy(key, of, LEAD, headers);
      return nonce === undefined ? undefined : sealAnswer(key, of, LEAD, nonce, body);
    },
    proof: (totals: string) => proofOf(key, of, totals),
    /** A person's answer that the controller passes on; undefined if the sender does not have the key. */
    passed: ({ headers }: IncomingMessage): unknown => {
      const asked = readAskedToRecord(key, of, LEAD, headers);
      return asked && JSON.parse(asked.answer);
    },
  };
}
