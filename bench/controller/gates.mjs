// Measures how soon a gate opens after its team was annotated.
import { setTimeout as delay } from 'node:timers/promises';
import { teamRef, workflowRef } from '../../e2e/controller/teams.ts';
import { atOnce } from './api.mjs';
import { follow } from './follow.mjs';
import { EVENT, gateNode, running, WORKFLOW } from './teams.mjs';

/**
 * Milliseconds from the request that annotates a team to the event that its gate was resumed, sorted.
 * @param pauseMs time between two annotations; otherwise each waits for the response to the last one.
 * @param then called after every annotation.
 */
export async function approve(client, names, namespace, pauseMs, then = () => {}) {
  const asked = new Map();
  const took = new Map();
  const opened = ({ metadata: { name }, status }) => {
    if (status?.nodes?.[gateNode(name)]?.phase !== 'Succeeded' || !asked.has(name)) return false;
    if (!took.has(name)) took.set(name, performance.now() - asked.get(name));
    return true;
  };
  const followed = await follow(client, WORKFLOW.apiVersion, namespace, 'workflows', opened);
  const annotations = { [`approved.claude.amcheste.io/${EVENT}`]: 'true' };
  const annotated = [];
  for (const name of names) {
    asked.set(name, performance.now());
    const patch = { metadata: { annotations } };
    const written = client
      .patch(teamRef(name, namespace), 'agentteams', patch)
      .then(() => then(name));
    written.catch(() => {});
    annotated.push(written);
    await (pauseMs === undefined ? followed.reached([...asked.keys()]) : delay(pauseMs));
  }
  await Promise.all([...annotated, followed.reached(names)]);
  await followed.stop();
  return [...took.values()].toSorted((a, b) => a - b);
}

/** The baseline without a controller: the client that annotates a team also resumes its gate. */
export async function approveByHand(client, names, namespace, pauseMs) {
  const patch = (name, body) => client.patch(workflowRef(name, namespace), 'workflows', body);
  await atOnce(names, 16, (name) => patch(name, running(name)));
  return approve(client, names, namespace, pauseMs, (name) =>
    patch(name, { status: { nodes: { [gateNode(name)]: { phase: 'Succeeded' } } } }),
  );
}
