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
      ...(agent.skills ?? []).flatMap(({ source }, index) => {
        const from = [...path, 'skills', index, 'source'];
        const secret = source.git?.credentialsSecret;
        return [
          { path: [...from, 'configMap'], name: source.configMap },
          { path: [...from, 'git', 'credentialsSecret'], name: secret },
          ...(source.imagePullSecrets ?? []).map((name, at) => ({
            path: [...from, 'imagePullSecrets', at],
            name,
          })),
        ];
      }),
      ...(agent.plugins ?? []).map(({ marketplace }, index) => ({
        path: [...path, 'plugins', index, 'marketplace', 'credentialsSecret'],
        name: marketplace.credentialsSecret,
      })),
      ...(agent.mcpServers ?? []).flatMap(({ credentialsSecret, headersSecret }, index) => [
        { path: [...path, 'mcpServers', index, 'credentialsSecret'], name: credentialsSecret },
        { path: [...path, 'mcpServers', index, 'headersSecret'], name: headersSecret },
      ]),
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
