// The teams of the benchmark, their running Workflows, and the baseline of plain requests.
import { checkObject, compile } from '@agentteam/compiler';
import { team } from '../../e2e/controller/teams.ts';
import { atOnce } from './api.mjs';

export const WORKFLOW = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow' };
export const TEAM = { apiVersion: 'claude.amcheste.io/v1alpha1', kind: 'AgentTeam' };
export const EVENT = 'spawn-editor';
const WRITERS = 32;

const gatedTeam = (name, namespace) =>
  team(name, { lifecycle: { approvalGates: [{ event: EVENT }] } }, namespace);
const collection = (apiVersion, namespace, plural) =>
  `/${apiVersion.includes('/') ? 'apis' : 'api'}/${apiVersion}/namespaces/${namespace}/${plural}`;

export function applyTeams(client, names, namespace) {
  const path = collection(TEAM.apiVersion, namespace, 'agentteams');
  return atOnce(names, WRITERS, (name) => client.send('POST', path, gatedTeam(name, namespace)));
}

/**
 * Writes, as plain requests, the objects that every controller must write at least: for each team, the
 * team itself, two claims and a Workflow.
 * @returns seconds until the last request, and the API server's processor seconds.
 */
export async function byHand(client, names, namespace) {
  const options = { containers: { image: 'registry.test/agentteam:test' } };
  const compiled = new Map(
    names.map((name) => {
      const { team: checked } = checkObject(gatedTeam(name, namespace));
      return [name, compile(checked, options).compiled];
    }),
  );
  const { seconds: before } = await client.counted();
  const started = performance.now();
  await applyTeams(client, names, namespace);
  await atOnce(names, WRITERS, async (name) => {
    const { claims, workflow } = compiled.get(name);
    for (const claim of [claims.team, claims.output]) {
      await client.send('POST', collection('v1', namespace, 'persistentvolumeclaims'), claim);
    }
    await client.send('POST', collection(WORKFLOW.apiVersion, namespace, 'workflows'), workflow);
  });
  const seconds = (performance.now() - started) / 1000;
  return { seconds, server: (await client.counted()).seconds - before };
}

/** Id of the gate's node in a team's Workflow. */
export const gateNode = (name) => `${name}-gate`;

/** The status of a running Workflow: lead and writer run, and a gate waits. */
export function running(name) {
  const node = (id, displayName, more) => [
    id,
    { id, name: `${name}.${displayName}`, displayName, ...more },
  ];
  const supplied = ['decision', 'decided-by', 'reason'].map((output) => ({
    name: output,
    valueFrom: { supplied: {}, default: output === 'decision' ? 'approve' : '' },
  }));
  const startedAt = '2026-01-01T00:00:00Z';
  const pod = (step, phase, templateName) =>
    node(`${name}-${templateName}`, step, { type: 'Pod', phase, templateName, startedAt });
  return {
    status: {
      phase: 'Running',
      startedAt,
      nodes: Object.fromEntries([
        pod('Lead', 'Running', 'lead'),
        pod('writer', 'Running', 'agent-writer'),
        node(gateNode(name), `Approve-${EVENT}`, {
          ...{ type: 'Suspend', phase: 'Running', templateName: `approve-${EVENT}`, startedAt },
          outputs: { parameters: supplied },
        }),
      ]),
    },
  };
}
