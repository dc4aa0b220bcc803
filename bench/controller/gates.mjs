// How soon a gate opens once a team is annotated.
import { setTimeout as delay } from 'node:timers/promises';
import { teamRef } from '../../e2e/controller/teams.ts';
import { follow } from './api.mjs';
import { EVENT, WORKFLOW } from './teams.mjs';

/** An answer that takes longer was lost. */
const LOST_MS = 60_000;

/**
 * Milliseconds from an annotation's request to the news that the gate was resumed, sorted.
 * @param pauseMs between two annotations; without it each waits for the answer to the one before.
 */
export async function approve(client, names, namespace, pauseMs) {
  const asked = new Map();
  const took = new Map();
  const answers = new Map(names.map((name) => [name, Promise.withResolvers()]));
  const opened = ({ metadata: { name }, status }) => {
    const open = status?.nodes?.[`${name}-4`]?.phase !== 'Succeeded';
    if (open || !asked.has(name)) return false;
    if (!took.has(name)) took.set(name, performance.now() - asked.get(name));
    answers.get(name).resolve();
    return true;
  };
  const followed = await follow(client, WORKFLOW.apiVersion, namespace, 'workflows', opened);
  for (const name of names) {
    asked.set(name, performance.now());
    const annotations = { [`approved.claude.amcheste.io/${EVENT}`]: 'true' };
    void client.patch(teamRef(name, namespace), 'agentteams', { metadata: { annotations } });
    await (pauseMs === undefined ? inTime(name, answers.get(name).promise) : delay(pauseMs));
  }
  await Promise.all([...answers].map(([name, { promise }]) => inTime(name, promise)));
  await followed.stop();
  return [...took.values()].toSorted((a, b) => a - b);
}

async function inTime(name, answered) {
  const late = new AbortController();
  const limit = delay(LOST_MS, undefined, { signal: late.signal }).then(() => {
    throw new Error(`the gate of ${name} was not opened within ${LOST_MS / 1000} s`);
  });
  await Promise.race([answered, limit]).finally(() => {
    limit.catch(() => {});
    late.abort();
  });
}
