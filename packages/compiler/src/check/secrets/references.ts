import type { AgentTeam } from '@agentteam/api';
import type { Problem } from '../../problem.ts';
import { agentsOf } from '../agents.ts';
import { checkObjectName } from './object-name.ts';
import { secretUses } from './secret-uses.ts';

/** Checks that the names of Secrets, ConfigMaps, claims and storage classes are valid. */
export function checkReferences(team: AgentTeam): readonly Problem[] {
  const { workspace, auth } = team.spec;
  const at = (path: Problem['path'], name: string | undefined) => ({
    path: ['spec', ...path],
    name,
  });
  const references = [
    ...secretUses(team),
    at(
      ['auth', 'workloadIdentity', 'serviceAccountName'],
      auth?.workloadIdentity?.serviceAccountName,
    ),
    at(['workspace', 'output', 'pvc'], workspace?.output?.pvc),
    at(['workspace', 'output', 'storageClass'], workspace?.output?.storageClass),
    ...(workspace?.inputs ?? []).flatMap(({ configMap, pvc }, index) => [
      at(['workspace', 'inputs', index, 'configMap'], configMap),
      at(['workspace', 'inputs', index, 'pvc'], pvc),
    ]),
    ...agentsOf(team).flatMap(({ agent, path }) =>
      (agent.skills ?? []).flatMap(({ source }, index) => {
        const from = [...path, 'skills', index, 'source'];
        return [
          { path: [...from, 'configMap'], name: source.configMap },
          ...(source.imagePullSecrets ?? []).map((name, at) => ({
            path: [...from, 'imagePullSecrets', at],
            name,
          })),
        ];
      }),
    ),
  ];
  return references.flatMap(({ path, name }) =>
    name === undefined ? [] : checkObjectName(name, path),
  );
}
