import type { AgentTeam } from '@agentteam/api';
import type { Problem } from '../problem.ts';
import { agentsOf } from './agents.ts';
import { environmentsOf } from './environment.ts';
import { checkObjectName } from './object-name.ts';

/** Checks that the names of Secrets, ConfigMaps, claims and storage classes are valid. */
export function checkReferences(team: AgentTeam): readonly Problem[] {
  const { repository, workspace, auth, lifecycle, observability } = team.spec;
  const at = (path: Problem['path'], name: string | undefined) => ({
    path: ['spec', ...path],
    name,
  });
  const references = [
    at(['repository', 'credentialsSecret'], repository?.credentialsSecret),
    at(['auth', 'apiKeySecret'], auth?.apiKeySecret),
    at(['auth', 'oauthSecret'], auth?.oauthSecret),
    ...(auth?.credentials ?? []).flatMap(({ apiKeySecret, oauthSecret }, index) => [
      at(['auth', 'credentials', index, 'apiKeySecret'], apiKeySecret),
      at(['auth', 'credentials', index, 'oauthSecret'], oauthSecret),
    ]),
    at(['lifecycle', 'githubTokenSecret'], lifecycle.githubTokenSecret),
    at(['lifecycle', 'gitCredentialsSecret'], lifecycle.gitCredentialsSecret),
    at(['observability', 'webhook', 'secret'], observability?.webhook?.secret),
    at(['workspace', 'output', 'pvc'], workspace?.output?.pvc),
    at(['workspace', 'output', 'storageClass'], workspace?.output?.storageClass),
    ...(workspace?.inputs ?? []).flatMap(({ configMap, pvc }, index) => [
      at(['workspace', 'inputs', index, 'configMap'], configMap),
      at(['workspace', 'inputs', index, 'pvc'], pvc),
    ]),
    ...agentsOf(team).flatMap(({ agent, path }) => [
      ...(agent.skills ?? []).map(({ source }, index) => ({
        path: [...path, 'skills', index, 'source', 'configMap'],
        name: source.configMap,
      })),
      ...(agent.mcpServers ?? []).map(({ credentialsSecret }, index) => ({
        path: [...path, 'mcpServers', index, 'credentialsSecret'],
        name: credentialsSecret,
      })),
    ]),
    ...environmentsOf(team).flatMap(({ environment, path }) =>
      (environment.services ?? []).map(({ credentialsSecret }, index) => ({
        path: [...path, 'services', index, 'credentialsSecret'],
        name: credentialsSecret,
      })),
    ),
  ];
  return references.flatMap(({ path, name }) =>
    name === undefined ? [] : checkObjectName(name, path),
  );
}
