// How soon a gate opens once a team is annotated.
import { setTimeout as delay } from 'node:timers/promises';
import { teamRef } from '../../e2e/controller/teams.ts';
import { follow } from './follow.mjs';
import { EVENT, WORKFLOW } from './teams.mjs';

/**
 * Milliseconds from an annotation's request to the news that the gate was resumed, sorted.
 * @param pauseMs between two annotations; without it each waits for the answer to the one before.
 */
export async function approve(client, names, namespace, pauseMs) {
  const asked = new Map();
  const took = new Map();
  const opened = ({ metadata: { name }, status }) => {
    if (status?.nodes?.[`${name}-4`]?.phase !== 'Succeeded' || !asked.has(name)) return false;
    if (!took.has(name)) took.set(name, performance.now() - asked.get(name));
    return true;
  };
  const followed = await follow(client, WORKFLOW.apiVersion, namespace, 'workflows', opened);
  const annotations = { [`approved.claude.amcheste.io/${EVENT}`]: 'true' };
  const annotated = [];
  for (const name of names) {
    asked.set(name, performance.now());
    const written = client.patch(teamRef(name, namespace), 'agentteams', {
      metadata: { annotations },
    });
    written.catch(() => {});
    annotated.push(written);
    await (pauseMs === undefined ? followed.reached([...asked.keys()]) : delay(pauseMs));
  }
  await Promise.all([...annotated, followed.reached(names)]);
  await followed.stop();
  return [...took.values()].toSorted((a, b) => a - b);
}
