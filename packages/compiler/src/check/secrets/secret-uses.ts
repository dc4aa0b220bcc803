import type { AgentTeam } from '@agentteam/api';
import type { Problem } from '../../problem.ts';
import { agentsOf } from '../agents.ts';
import { environmentsOf } from '../environment/environment.ts';

/** A field of a team that names a Secret. */
export interface SecretUse {
  readonly path: Problem['path'];
  readonly name: string;
}

/** The fields with which a team names Secrets, apart from those with which images are pulled. */
export function secretUses(team: AgentTeam): readonly SecretUse[] {
  const { repository, auth, lifecycle, observability } = team.spec;
  const at = (path: Problem['path'], name: string | undefined) => ({
    path: ['spec', ...path],
    name,
  });
  const all = [
    at(['repository', 'credentialsSecret'], repository?.credentialsSecret),
    at(['auth', 'credentialsSecret'], auth?.credentialsSecret),
    at(['auth', 'apiKeySecret'], auth?.apiKeySecret),
    at(['auth', 'oauthSecret'], auth?.oauthSecret),
    ...(auth?.credentials ?? []).flatMap(({ apiKeySecret, oauthSecret }, index) => [
      at(['auth', 'credentials', index, 'apiKeySecret'], apiKeySecret),
      at(['auth', 'credentials', index, 'oauthSecret'], oauthSecret),
    ]),
    at(['lifecycle', 'githubTokenSecret'], lifecycle.githubTokenSecret),
    at(['lifecycle', 'gitCredentialsSecret'], lifecycle.gitCredentialsSecret),
    at(['observability', 'webhook', 'secret'], observability?.webhook?.secret),
    ...agentsOf(team).flatMap(({ agent, path }) => [
      ...(agent.skills ?? []).map(({ source }, index) => ({
        path: [...path, 'skills', index, 'source', 'git', 'credentialsSecret'],
        name: source.git?.credentialsSecret,
      })),
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
  return all.flatMap(({ path, name }) => (name === undefined ? [] : [{ path, name }]));
}
