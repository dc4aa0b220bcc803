// How soon a gate opens once a team is annotated.
import { setTimeout as delay } from 'node:timers/promises';
import { teamRef, workflowRef } from '../../e2e/controller/teams.ts';
import { atOnce } from './api.mjs';
import { follow } from './follow.mjs';
import { EVENT, gateNode, running, WORKFLOW } from './teams.mjs';

/**
 * Milliseconds from an annotation's request to the news that the gate was resumed, sorted.
 * @param pauseMs between two annotations; without it each waits for the answer to the one before.
 * @param then what is done after an annotation.
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

/** The same where nobody watches: whoever annotates a team also resumes its gate, as a plain request. */
export async function approveByHand(client, names, namespace, pauseMs) {
  const patch = (name, body) => client.patch(workflowRef(name, namespace), 'workflows', body);
  await atOnce(names, 16, (name) => patch(name, running(name)));
  return approve(client, names, namespace, pauseMs, (name) =>
    patch(name, { status: { nodes: { [gateNode(name)]: { phase: 'Succeeded' } } } }),
  );
}
