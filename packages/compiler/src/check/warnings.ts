import type { AgentTeam } from '@agentteam/api';
import { COMPLETION_ACTIONS, hostingApiOf } from '@agentteam/contract';
import type { Problem } from '../problem.ts';
import { parseApiUrl } from '../resolve/api-url.ts';
import type { CompileOptions } from '../resolve/options.ts';
import { warnOfServices } from './environment/services.ts';
import { warnOfLimits } from './limits.ts';

/** Finds what is valid but probably not intended, before money is spent. */
export function checkWarnings(team: AgentTeam, options: CompileOptions): readonly Problem[] {
  return [
    ...checkAuth(team),
    ...checkBaseUrl(team),
    ...checkHosting(team, options),
    ...warnOfLimits(team),
    ...warnOfServices(team),
  ];
}

function checkAuth({ spec }: AgentTeam): readonly Problem[] {
  const { provider = 'anthropic', ...auth } = spec.auth ?? {};
  if (provider !== 'anthropic') return checkCloudAuth(provider, auth);
  const { apiKeySecret, oauthSecret, credentials } = auth;
  if (apiKeySecret !== undefined && oauthSecret !== undefined) {
    return [
      {
        code: 'two-credentials',
        path: ['spec', 'auth', 'oauthSecret'],
        message: `both credentials are set; \`auth.apiKeySecret\` (${apiKeySecret}) is used and \`auth.oauthSecret\` is ignored`,
        hint: 'remove the one that the team should not use',
      },
    ];
  }
  if ([apiKeySecret, oauthSecret, credentials].some((given) => given !== undefined)) return [];
  return [
    {
      code: 'no-credential',
      path: ['spec', spec.auth === undefined ? 'lead' : 'auth'].slice(0, spec.auth ? 2 : 1),
      message: 'the team has no credential for the API, so its agents cannot work in a cluster',
      hint: 'set auth.apiKeySecret, auth.oauthSecret or auth.credentials; `agentteam run` uses ANTHROPIC_API_KEY from your environment',
    },
  ];
}

function checkBaseUrl({ spec }: AgentTeam): readonly Problem[] {
  const { baseUrl } = spec.auth ?? {};
  const url = baseUrl === undefined ? undefined : parseApiUrl(baseUrl);
  if (url === undefined || url.secure) return [];
  return [
    {
      code: 'unencrypted-near-api',
      path: ['spec', 'auth', 'baseUrl'],
      message: `\`${baseUrl}\` is not encrypted: whoever can read that network's traffic can read the credential and the agents' work`,
      hint: 'use https if the gateway offers it',
    },
  ];
}

function checkCloudAuth(
  provider: string,
  { credentialsSecret, workloadIdentity }: Partial<NonNullable<AgentTeam['spec']['auth']>>,
): readonly Problem[] {
  if (credentialsSecret !== undefined || workloadIdentity !== undefined) return [];
  return [
    {
      code: 'no-credential',
      path: ['spec', 'auth'],
      message: `the team has no credential for ${provider}, so its agents cannot work in a cluster`,
      hint: 'set auth.credentialsSecret or auth.workloadIdentity; `agentteam run` uses your environment',
    },
  ];
}

function checkHosting({ spec }: AgentTeam, { network }: CompileOptions): readonly Problem[] {
  const { repository, lifecycle } = spec;
  const { opensPullRequest } = COMPLETION_ACTIONS[lifecycle.onComplete];
  if (!opensPullRequest || repository === undefined) return [];
  const path = ['spec', 'repository', 'url'];
  if (network?.hostingUrl === undefined && hostingApiOf(repository.url) === undefined) {
    return [
      {
        code: 'unknown-hosting',
        path,
        message: `the hosting service of \`${repository.url}\` is unknown, so a pull request needs the address of its API`,
        hint: 'set AGENTTEAM_HOSTING_URL (in a cluster: the Helm value teams.hostingUrl), or use onComplete: push-branch',
      },
    ];
  }
  if (lifecycle.githubTokenSecret !== undefined || repository.credentialsSecret !== undefined) {
    return [];
  }
  return [
    {
      code: 'no-hosting-token',
      path: ['spec', 'lifecycle', 'onComplete'],
      message: 'a pull request needs a token, and the team names no Secret with one',
      hint: 'set repository.credentialsSecret or lifecycle.githubTokenSecret',
    },
  ];
}
